"""Beneath a case: its files, what people say to each other about it, and who follows it."""

import streamlit as st

from app.components import note, plain
from app.components.download import file_link
from app.components.step_up import attempt, attempt_and_rerun
from app.context import PageContext
from core.auth.policy import allows
from core.domain.identity import Actor, Permission
from core.domain.review import FINISHED, CaseState
from core.errors import Forbidden, StepUpNeeded
from core.services.review import comments, files, verdicts, watching
from core.services.review.case_view import CaseView
from core.services.review.file_kinds import ENDINGS
from core.services.review.words import MOST_CHARACTERS
from core.store.review.files import FileRecord


def show_taking_back(ctx: PageContext, view: CaseView) -> None:
    """Let the maker take a proposal back that nobody checks yet: the way out where nobody can."""
    t, case = ctx.t, view.case
    if case.state is not CaseState.proposed or case.maker_id != ctx.actor.user_id:
        return
    with st.expander(plain(t("Take my verdict back")), key="case_taking_back"):
        text = _asked_words(
            f"case_take_back_{case.id}",
            label=t("Why; name no personal value"),
            then=t("The case waits for you again; what you proposed stays on record."),
            button=t("Take my verdict back"),
        )
    if text is not None:
        attempt_and_rerun(
            ctx,
            lambda actor: verdicts.take_back(
                ctx.workspace, case.id, text=text, actor=actor, revision=case.revision
            ),
            done=t("The case waits for you again."),
        )


def show_answered(ctx: PageContext, view: CaseView) -> None:
    """Let who works on cases note the customer's answer: who asked has the case next."""
    t, case = ctx.t, view.case
    waits = case.state is CaseState.awaiting_customer
    if not waits or not allows(ctx.actor, Permission.review_work):
        return
    with st.expander(plain(t("The customer answered")), expanded=True, key="case_answering"):
        text = _asked_words(
            f"case_answered_{case.id}",
            label=t("What the customer answered; name no personal value"),
            then=t("The case goes back to whoever asked, and its clock runs on."),
            button=t("Note the answer"),
        )
    if text is not None:
        attempt_and_rerun(
            ctx,
            lambda actor: verdicts.customer_answered(
                ctx.workspace, case.id, text=text, actor=actor, revision=case.revision
            ),
            done=t("The answer is on record; the case is back in the queue."),
        )


def _asked_words(key: str, *, label: str, then: str, button: str) -> str | None:
    """Ask for a line of words, say what follows, and return them once the button is pressed."""
    with st.form(key, border=False):
        text = st.text_input(plain(label), max_chars=MOST_CHARACTERS, key=f"{key}_text")
        note(then)
        pressed = st.form_submit_button(plain(button))
    return text if pressed else None


def show_together(ctx: PageContext, view: CaseView) -> None:
    """Show the files of a case, and let people comment on it; the comments stand in its notes."""
    t, case_id = ctx.t, view.case.id
    found = files.list_files(ctx.workspace, case_id, actor=ctx.actor)
    said = comments.comments(ctx.workspace, case_id, actor=ctx.actor)
    label = t("Files ({files}) and comments ({comments})", files=len(found), comments=len(said))
    with st.expander(plain(label), expanded=bool(found), key="hl_case_together"):
        left, right = st.columns(2, gap="medium")
        with left:
            _files(ctx, view, found)
        with right:
            _comment_form(ctx, case_id)
            _follow(ctx, case_id)


def _files(ctx: PageContext, view: CaseView, found: tuple[FileRecord, ...]) -> None:
    t = ctx.t
    opens = _opens(ctx) if found else False
    for each in found:
        size = t.number(max(1, round(each.bytes / 1024)), 0)
        text = t("{name} ({size} kB)", name=each.name, size=size)
        if opens:
            file_link(f"attachments/{each.id}", text)
        else:
            note(text)
    if not found:
        note(t("No file lies with this case."))
    else:
        _show_removing(ctx, view.case.id)
    if view.case.state in FINISHED or not allows(ctx.actor, Permission.review_work):
        return
    with st.form(f"case_file_{view.case.id}", border=False, clear_on_submit=True):
        given = st.file_uploader(
            plain(t("Put a file with the case, up to {most} MB", most=files.MOST_BYTES // 1024**2)),
            type=[ending.removeprefix(".") for ending in (*ENDINGS.values(), ".jpeg")],
            key=f"case_file_given_{view.case.id}",
        )
        pressed = st.form_submit_button(t("Attach the file"))
    if pressed and given is not None:
        attempt_and_rerun(
            ctx,
            lambda actor: files.add_file(
                ctx.workspace, view.case.id, given.name, given.getvalue(), actor=actor
            ),
            done=t("The file lies with the case, on record."),
        )


def _show_removing(ctx: PageContext, case_id: int) -> None:
    """Let who may remove a file, after a second press: its bytes do not come back."""
    t = ctx.t
    found = files.removable_files(ctx.workspace, case_id, actor=ctx.actor)
    if not found:
        return
    names = {each.id: each.name for each in found}
    with st.expander(plain(t("Remove a file")), key="case_file_removing"):
        chosen = st.selectbox(
            t("Which file"), list(names), format_func=lambda each: plain(names[each]),
            key=f"case_file_chosen_{case_id}",
        )  # fmt: skip
        note(
            t(
                "Its content is deleted for good. That it was here stays in the audit trail, with "
                "its name and hash. Once a verdict is proposed no file can be removed."
            )
        )
        sure = st.checkbox(t("Yes, delete it for good"), key=f"case_file_sure_{chosen}")
        st.button(
            plain(t("Remove this file")),
            key="case_file_remove",
            disabled=not sure,
            on_click=lambda: _remove(ctx, str(chosen)),
        )


def _remove(ctx: PageContext, file_id: str) -> None:
    attempt(
        ctx,
        lambda actor: files.remove_file(ctx.workspace, file_id, actor=actor),
        done=ctx.t("The file is removed, on record."),
    )


def _opens(ctx: PageContext) -> bool:
    """Whether the reader may open files now; who may after a password is asked for it."""

    def ask(actor: Actor) -> None:
        files.require_reader(ctx.workspace, actor=actor)

    try:
        ask(ctx.actor)
    except StepUpNeeded:
        st.button(
            plain(ctx.t("Confirm who you are to open files")),
            key="case_files_open",
            on_click=lambda: attempt(ctx, ask),
        )
        return False
    except Forbidden:
        return False
    return True


def _comment_form(ctx: PageContext, case_id: int) -> None:
    t = ctx.t
    if not allows(ctx.actor, Permission.review_work):
        return
    with st.form(f"case_comment_{case_id}", border=False, clear_on_submit=True):
        text = st.text_area(
            t("Comment; @name speaks to somebody"),
            key=f"case_comment_text_{case_id}",
            max_chars=MOST_CHARACTERS,
            height=80,
        )
        pressed = st.form_submit_button(t("Add the comment"))
    if pressed and text.strip():
        attempt_and_rerun(
            ctx,
            lambda actor: comments.comment(ctx.workspace, case_id, text, actor=actor),
            done=t("Your comment is there."),
        )


def _follow(ctx: PageContext, case_id: int) -> None:
    t = ctx.t
    follows = ctx.actor.user_id in watching.watchers(ctx.workspace, case_id, actor=ctx.actor)
    act = watching.unwatch if follows else watching.watch
    st.button(
        plain(t("Follow no longer") if follows else t("Follow this case")),
        key="case_follow",
        on_click=lambda: attempt(
            ctx, lambda actor: act(ctx.workspace, case_id, actor=actor), done=t("Done.")
        ),
    )


def show_spoken_to(ctx: PageContext) -> None:
    """Tell the reader who waits for an answer on which case, and what happened to followed ones."""
    t = ctx.t
    waiting = comments.to_answer(ctx.workspace, actor=ctx.actor)
    followed = watching.watched(ctx.workspace, actor=ctx.actor)
    if not waiting and not followed:
        return
    label = t(
        "Spoken to you ({waiting}), followed by you ({followed})",
        waiting=len(waiting),
        followed=len(followed),
    )
    page = ctx.pages.get("case")
    with st.expander(plain(label), expanded=bool(waiting), key="hl_review_spoken"):
        for each in waiting:
            note(t("{name}, {time}: {text}", name=each.author_name, text=each.text,
                   time=t.instant(each.written_at, ctx.filters.timezone)))  # fmt: skip
            if page is not None:
                _open(ctx, each.case_id, each.reference)
        for case in followed:
            if page is not None and case.case_id not in {each.case_id for each in waiting}:
                _open(ctx, case.case_id, case.reference)


def _open(ctx: PageContext, case_id: int, reference: str) -> None:
    label = plain(ctx.t("Open {case}", case=reference))
    st.page_link(ctx.pages["case"], label=label, query_params={"case": str(case_id)})
