"""``harbourlight review``: the queue of human review from the command line."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import typer

from core.cli import review_feedback, review_files, review_oversight, review_routing
from core.cli.context import JsonOption, out, print_json, print_table, workspace_and_actor
from core.cli.options import LANGUAGES
from core.domain.identity import Actor
from core.domain.review import REASONS, Verdict
from core.errors import InvalidInput
from core.i18n import N_
from core.services.review import appeals, cases, claims, told, verdicts
from core.services.review.cases import Case, CaseFilter
from core.services.review.verdicts import Proposal
from core.services.workspace import Workspace

commands = typer.Typer(help="Cases that people decide.", no_args_is_help=True)
CaseArgument = Annotated[str, typer.Argument(metavar="CASE", help="Such as R-000123.")]
TextOption = Annotated[str, typer.Option("--text", help="Why, in words; no personal values.")]
ReasonOption = Annotated[
    str, typer.Option("--reason", help=f"One of: {', '.join(sorted(REASONS))}.")
]


def register(app: typer.Typer) -> None:
    """Add this module's commands to the program."""
    review_routing.add_to(commands)
    review_oversight.add_to(commands)
    review_feedback.add_to(commands)
    review_files.add_to(commands)
    app.add_typer(commands, name="review")


@commands.command("list")
def list_cases(
    state: Annotated[
        list[str] | None, typer.Option(help="Only these states; by default all that wait.")
    ] = None,
    model: Annotated[list[str] | None, typer.Option(help="Only cases of these models.")] = None,
    rule: Annotated[str | None, typer.Option(help="Only what this rule made.")] = None,
    tier: Annotated[str | None, typer.Option(help="normal or high.")] = None,
    mine: Annotated[
        bool, typer.Option("--mine", help="Only what you have, or is assigned to you.")
    ] = False,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only what is overdue.")] = False,
    find: Annotated[
        str | None, typer.Option(help="A case such as R-000123, or the id of a prediction.")
    ] = None,
    page: Annotated[int, typer.Option(min=1, help="Which page, of 50 cases.")] = 1,
    as_json: JsonOption = False,
) -> None:
    """List cases, the most urgent first."""
    workspace, actor = workspace_and_actor()
    narrowed = CaseFilter(
        states=state,
        models=model,
        rule=rule,
        tier=tier,
        mine=mine,
        overdue=overdue,
        text_id=find,
        page=page,
    )
    found = cases.list_cases(workspace, narrowed, actor=actor)
    disputed = told.disputed(workspace, found.cases)
    rows = told.masked(workspace, found.cases)
    if as_json:
        said = [_document(each, each.id in disputed) for each in rows]
        print_json({"total": found.total, "rows": said})
        return
    print_table(f"Cases ({found.total})", [_row(each, each.id in disputed) for each in rows])


@commands.command("counts")
def counts(as_json: JsonOption = False) -> None:
    """Say how many cases wait, and where."""
    workspace, actor = workspace_and_actor()
    found = cases.queue_counts(workspace, actor=actor)
    if as_json:
        print_json(found)
        return
    shown = {name.replace("_", " "): getattr(found, name) for name in found.__slots__}
    print_table("Queue", [{"cases": name, "number": count} for name, count in shown.items()])


@commands.command("show")
def show(case: CaseArgument, as_json: JsonOption = False) -> None:
    """Show one case and what happened to it."""
    workspace, actor = workspace_and_actor()
    case_id = _id(case)
    found = cases.read_case(workspace, case_id, actor=actor)
    path = cases.case_steps(workspace, case_id, actor=actor)
    if as_json:
        print_json({"case": _whole(workspace, found), "steps": path})
        return
    _say(workspace, found)
    rows = [
        {
            "at": each.at,
            "by": each.actor_name,
            "what": each.action,
            "then": each.to_state,
            "verdict": each.verdict or "",
            "reason": each.reason_code or "",
            "words": "; ".join(text for text in (each.text, *each.evidence) if text),
        }
        for each in path
    ]
    print_table("Steps", rows)


@commands.command("next")
def claim_next(
    model: Annotated[list[str] | None, typer.Option(help="Only cases of these models.")] = None,
    language: Annotated[str | None, typer.Option(help=f"{LANGUAGES}.")] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Take a proposed verdict to check it.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Take the most urgent case that you may decide, or check."""
    workspace, actor = workspace_and_actor()
    if check:
        found = claims.next_check(workspace, actor=actor)
    else:
        found = claims.claim_next(workspace, actor=actor, models=model, language=language)
    if as_json:
        print_json({"case": None if found is None else _whole(workspace, found)})
    elif found is None:
        out.print("Nothing is left for you.", markup=False)
    else:
        _say(workspace, found)


@commands.command("claim")
def claim(
    case: CaseArgument,
    check: Annotated[
        bool, typer.Option("--check", help="Take a proposed verdict to check it.")
    ] = False,
) -> None:
    """Take one case to decide it, or to check its verdict."""
    workspace, actor = workspace_and_actor()
    take = claims.take_check if check else claims.claim
    _say(workspace, take(workspace, _id(case), actor=actor))


@commands.command("give-back")
def give_back(case: CaseArgument) -> None:
    """Put a case back into the queue; your draft stays."""
    workspace, actor = workspace_and_actor()
    _say(workspace, claims.give_back(workspace, _id(case), actor=actor))


@commands.command("uphold")
def uphold(case: CaseArgument, reason: ReasonOption, text: TextOption = "") -> None:
    """Let the model's decision stand."""
    workspace, actor = workspace_and_actor()
    found = cases.read_case(workspace, _id(case), actor=actor)
    proposal = Proposal(
        Verdict.uphold, found.decision, reason, text, score_seen=not found.score_hidden
    )
    _propose(workspace, found, proposal, actor)


@commands.command("overturn")
def overturn(
    case: CaseArgument,
    decision: Annotated[str, typer.Option(help="What is decided instead.")],
    reason: ReasonOption,
    text: TextOption,
    evidence: Annotated[
        list[str] | None, typer.Option(help="What bears it out; may be given several times.")
    ] = None,
) -> None:
    """Decide otherwise than the model."""
    workspace, actor = workspace_and_actor()
    found = cases.read_case(workspace, _id(case), actor=actor)
    proposal = Proposal(
        Verdict.overturn,
        decision,
        reason,
        text,
        tuple(evidence or ()),
        score_seen=not found.score_hidden,
    )
    _propose(workspace, found, proposal, actor)


@commands.command("own-view")
def own_view(
    case: CaseArgument, verdict: Annotated[Verdict, typer.Option(help="uphold or overturn.")]
) -> None:
    """Record what you think before the score is shown."""
    workspace, actor, found = _opened(case)
    _say(
        workspace,
        verdicts.record_own_view(
            workspace, found.id, verdict, actor=actor, revision=found.revision
        ),
    )


@commands.command("agree")
def agree(case: CaseArgument, text: TextOption = "") -> None:
    """Agree with a proposed verdict that you check; it is final then."""
    workspace, actor, found = _opened(case)
    _say(
        workspace,
        verdicts.agree(workspace, found.id, actor=actor, revision=found.revision, text=text),
    )


@commands.command("send-back")
def send_back(case: CaseArgument, text: TextOption) -> None:
    """Send a proposed verdict that you check back to its maker."""
    workspace, actor, found = _opened(case)
    _say(
        workspace,
        verdicts.send_back(workspace, found.id, actor=actor, revision=found.revision, text=text),
    )


@commands.command("escalate")
def escalate(case: CaseArgument, text: TextOption) -> None:
    """Hand a case to those who may check."""
    workspace, actor, found = _opened(case)
    _say(
        workspace,
        verdicts.escalate(workspace, found.id, actor=actor, revision=found.revision, text=text),
    )


@commands.command("ask-customer")
def ask_customer(
    case: CaseArgument,
    text: TextOption,
    follow_up: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Day to ask again.")],
) -> None:
    """Put a case aside until the customer answers."""
    workspace, actor, found = _opened(case)
    done = verdicts.ask_customer(
        workspace,
        found.id,
        follow_up_on=follow_up.date(),
        text=text,
        actor=actor,
        revision=found.revision,
    )
    _say(workspace, done)


@commands.command("answered")
def answered(case: CaseArgument, text: TextOption) -> None:
    """Put a case back into the queue: the customer has answered."""
    workspace, actor, found = _opened(case)
    _say(
        workspace,
        verdicts.customer_answered(
            workspace, found.id, text=text, actor=actor, revision=found.revision
        ),
    )


@commands.command("take-back")
def take_back(case: CaseArgument, text: TextOption) -> None:
    """Take your own proposal back that nobody checks yet; the case waits for you again."""
    workspace, actor, found = _opened(case)
    _say(
        workspace,
        verdicts.take_back(workspace, found.id, text=text, actor=actor, revision=found.revision),
    )


@commands.command("withdraw")
def withdraw(case: CaseArgument, text: TextOption) -> None:
    """Take a case out of the queue for good, without a verdict."""
    workspace, actor, found = _opened(case)
    _say(
        workspace,
        verdicts.withdraw(workspace, found.id, actor=actor, revision=found.revision, text=text),
    )


@commands.command("appeal")
def appeal(case: CaseArgument) -> None:
    """Make the case in which a third person looks at a final verdict again."""
    workspace, actor = workspace_and_actor()
    _say(workspace, appeals.appeal(workspace, _id(case), actor=actor))


def _opened(case: str) -> tuple[Workspace, Actor, Case]:
    workspace, actor = workspace_and_actor()
    return workspace, actor, cases.read_case(workspace, _id(case), actor=actor)


def _propose(workspace: Workspace, found: Case, proposal: Proposal, actor: Actor) -> None:
    _say(
        workspace,
        verdicts.propose(workspace, found.id, proposal, actor=actor, revision=found.revision),
    )


def _id(case: str) -> int:
    found = cases.case_id_of(case)
    if found is None and case.strip().isdigit():
        found = int(case)
    if found is None:
        raise InvalidInput(
            N_("{case} names no case."), remedy=N_("Write it as R-000123."), case=case
        )
    return found


def _document(case: Case, is_disputed: bool) -> dict[str, object]:
    return {**asdict(case), "disputed": is_disputed}


def _whole(workspace: Workspace, case: Case) -> dict[str, object]:
    """Return one case for a file, with what its contract declares personal masked."""
    return _document(told.masked(workspace, [case])[0], bool(told.disputed(workspace, [case])))


def _row(case: Case, is_disputed: bool) -> dict[str, object]:
    return {
        "case": case.reference,
        "model": case.model_id,
        "prediction": case.prediction_id,
        "kind": case.kind,
        "rule": case.rule,
        "tier": case.tier,
        "priority": "" if case.priority is None else case.priority,
        "state": case.state,
        "with": case.holder_name or case.assigned_name,
        "due": case.due_at,
        "overdue": "yes" if case.is_overdue else "",
        "disputed": "yes" if is_disputed else "",
    }


def _say(workspace: Workspace, found: Case) -> None:
    case = told.masked(workspace, [found])[0]
    said = [f"{case.model_id} {case.prediction_id}", case.decision, str(case.state)]
    if told.disputed(workspace, [found]):
        said.append("disputed by the customer")
    if case.verdict is not None:
        said.append(f"{case.verdict}: {case.final_decision or case.proposed_decision}")
    if case.lease_until is not None:
        said.append(f"with {case.holder_name} until {case.lease_until:%Y-%m-%d %H:%M} UTC")
    out.print(f"{case.reference}: {', '.join(said)}.", markup=False, highlight=False)
