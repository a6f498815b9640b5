"""Writing other fixed words of letters: a draft, the letter it makes, its checks, a proposal."""

from collections.abc import Mapping

import streamlit as st

from app.components import FileOffer, Prepared, choose_language, note, offer_files, panels
from app.components.panels import Html
from app.components.step_up import attempt_and_rerun
from app.components.text import plain
from app.context import PageContext
from core.domain.explanation import LANGUAGES
from core.domain.explanation.letter_template import (
    LONGEST_PART,
    PARTS,
    LetterTemplate,
    TemplateFault,
)
from core.domain.identity import Actor, Permission
from core.i18n import N_, Translator
from core.i18n.locales import native_name
from core.reports.decision_letter import DecisionLetter
from core.services.explanation import template_desk
from core.services.explanation.letter_words import TEMPLATE_FAULTS
from core.services.explanation.templates import check_template, propose_template

PART_WORDS = {
    "greeting": N_("Greeting"),
    "opening": N_("That a model was used"),
    "data": N_("How to get the data, and have them corrected"),
    "review": N_("How to object, and have a person look at it"),
    "complain": N_("Where to turn to besides"),
    "withheld": N_("The way to a review, in letters without reasons"),
    "closing": N_("Closing"),
}
"""Part of the fixed words → what a reader calls it."""

_DRAFT, _FAULTS = "_hl_letter_draft", "_hl_letter_faults"
_FIELD, _REASON = "letter_words_", "letter_why"
_HEIGHT = 96
_SHORT = frozenset({"greeting", "closing"})
Draft = dict[str, dict[str, str]]


@st.fragment
def show_editor(ctx: PageContext, force: LetterTemplate) -> None:
    """Let the reader write, beside the letter that it makes; nothing else is made again."""
    t, now = ctx.t, _words_of(force)
    draft: Draft = st.session_state.setdefault(_DRAFT, _words_of(force))
    left, right = st.columns([54, 46], gap="large")
    with left:
        language = choose_language(t, t("Language of the letter"), "letter_language")
        _write(t, draft, language)
        quick = template_desk.faults_while_writing(draft, actor=ctx.actor)
        _tell(t, draft, now, quick)
    with right:
        _show_example(ctx, draft, language)
    _finish(ctx, draft, now)


def letter_panel(letter: DecisionLetter) -> Html:
    """Return a letter as text, in its own language."""
    parts = [
        panels.quiet(" · ".join(letter.sender)),
        panels.quiet(f"{letter.date} · {letter.reference}"),
        panels.paragraph(letter.greeting),
        panels.paragraph(letter.opening),
        panels.pairs([(name, panels.words(value)) for name, value in letter.facts]),
    ]
    for each in letter.sections:
        parts.append(panels.strong(each.heading))
        if each.lines:
            parts.append(panels.bullets([panels.words(line) for line in each.lines]))
        parts += [panels.paragraph(text) for text in each.paragraphs]
    parts += [panels.paragraph(letter.closing), panels.quiet(letter.foot)]
    return panels.paper(letter.language, letter.title, *parts)


def part_name(t: Translator, place: str) -> str:
    """Return what a place such as ``zh-HK.opening`` is called; empty if it is no such place."""
    language, _, part = place.replace(" ", ".", 1).partition(".")
    if language not in LANGUAGES or part not in PART_WORDS:
        return ""
    return t("{language}, {part}", language=native_name(language), part=t(PART_WORDS[part]))


def _words_of(template: LetterTemplate) -> Draft:
    return {each: dict(template.words[each]) for each in LANGUAGES}


def _write(t: Translator, draft: Draft, language: str) -> None:
    """Show a field for each part in one language, and keep what is written."""
    words = draft[language]
    for part, said in PART_WORDS.items():
        named = t.items(*(f"{{{each}}}" for each in sorted(PARTS[part])))
        label = t("{part}; must name {named}", part=t(said), named=named) if named else t(said)
        key = f"{_FIELD}{language}_{part}"
        st.session_state.setdefault(key, words[part])
        if part in _SHORT:
            st.text_input(plain(label), key=key, max_chars=LONGEST_PART)
        else:
            st.text_area(plain(label), key=key, max_chars=LONGEST_PART, height=_HEIGHT)
        words[part] = str(st.session_state[key])


def _tell(t: Translator, draft: Draft, now: Draft, faults: tuple[TemplateFault, ...]) -> None:
    """Say how many parts are changed, and what is wrong with them."""
    changed = [
        f"{language}.{part}"
        for language in LANGUAGES
        for part in PART_WORDS
        if draft[language][part] != now[language][part]
    ]
    note(
        t("Changed: {parts}.", parts=t.items(*(part_name(t, each) for each in changed)))
        if changed
        else t("Nothing is changed yet.")
    )
    for each in faults:
        note(_fault(t, each))


def _fault(t: Translator, fault: TemplateFault) -> str:
    place = part_name(t, fault.place) or fault.place
    return t(TEMPLATE_FAULTS[fault.kind], place=place, found=fault.found)


def _show_example(ctx: PageContext, draft: Draft, language: str) -> None:
    """Show the letter that the draft makes, and let it be taken away as a PDF."""
    t = ctx.t
    withheld = st.toggle(plain(t("Without reasons")), key="letter_withheld")
    made = template_desk.example_letter(
        ctx.workspace, draft, language, withheld=withheld, actor=ctx.actor
    )
    if made is None:
        note(t("An example letter stands here once every part is as it must be."))
        return
    panels.show(letter_panel(made))

    def make(actor: Actor) -> Prepared:
        example = template_desk.export_example(
            ctx.workspace, draft, language, withheld=withheld, actor=actor
        )
        return Prepared(example.url, t("Download the example letter (PDF)"))

    offer_files(
        ctx,
        FileOffer(
            t("Prepare the example letter (PDF)"),
            make,
            key="letter_example",
            permission=Permission.template_propose,
            asked=(_frozen(draft), language, withheld),
        ),
    )


def _finish(ctx: PageContext, draft: Draft, now: Draft) -> None:
    """Let the draft be checked, begun again, or proposed for a second person to approve."""
    t = ctx.t
    why = st.text_input(plain(t("Why, for whoever decides")), key=_REASON)
    with st.container(horizontal=True):
        check = st.button(plain(t("Check all languages")), key="letter_check")
        propose = st.button(plain(t("Propose")), key="letter_propose", type="primary")
        st.button(
            plain(t("Back to the words in force")),
            key="letter_again",
            on_click=_forget,
            args=(now,),
        )
    if check:
        found = check_template(ctx.workspace, draft, actor=ctx.actor)
        st.session_state[_FAULTS] = (_frozen(draft), found)
    checked, faults = st.session_state.get(_FAULTS, (None, ()))
    if checked == _frozen(draft):
        for each in faults:
            note(_fault(t, each))
        if not faults:
            note(t("Nothing is wrong: one page and readable in every language, with reasons and "
                   "without."))  # fmt: skip
    if propose:

        def act(actor: Actor) -> None:
            propose_template(ctx.workspace, draft, reason=why, actor=actor)

        attempt_and_rerun(ctx, act, done=t("Proposed: a second person decides under Approvals."))


def _forget(now: Draft) -> None:
    st.session_state[_DRAFT] = {each: dict(words) for each, words in now.items()}
    for name in [each for each in st.session_state if str(each).startswith(_FIELD)]:
        del st.session_state[name]


def _frozen(draft: Mapping[str, Mapping[str, str]]) -> tuple[str, ...]:
    return tuple(draft[language][part] for language in LANGUAGES for part in PART_WORDS)
