"""The states of a case of human review as a table, for docs/human-review.md."""

from collections.abc import Iterator

from core.domain.review import REASONS, TRANSITIONS, Action, CaseState

_ORDER = {each: number for number, each in enumerate(CaseState)}
_ACTS = {each: number for number, each in enumerate(Action)}


def transition_table() -> str:
    """Return the transitions, one state and act a line."""
    lines = ["| state | act | then | step |", "|---|---|---|---|"]
    lines += [
        f"| `{state}` | {action.name.replace('_', ' ')} | `{to}` | `{action}` |"
        for state, action, to in _in_order()
    ]
    return "\n".join(lines)


def reason_table() -> str:
    """Return the reasons of verdicts."""
    lines = ["| verdict | code | meaning |", "|---|---|---|"]
    lines += [f"| {each.verdict} | `{each.code}` | {each.meaning} |" for each in REASONS.values()]
    return "\n".join(lines)


def _in_order() -> Iterator[tuple[CaseState, Action, CaseState]]:
    for state, action in sorted(TRANSITIONS, key=lambda each: (_ORDER[each[0]], _ACTS[each[1]])):
        yield state, action, TRANSITIONS[state, action]
