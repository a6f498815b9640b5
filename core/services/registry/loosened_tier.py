"""How much hangs on a model, and what is asked of its explanations: not loosened by one person."""

from collections.abc import Iterator

from core.contract import ModelContract
from core.services.registry.contract_changes import Change

COVERAGE = "explanation.coverage"
_NO_TIER = 5


def loosened_tier(before: ModelContract, after: ModelContract) -> Iterator[Change]:
    """Yield what makes a model count for less than before.

    These are: a tier with a higher number, or none any more; and a smaller share of decisions that
    are to be explained, or none any more.
    """
    if (after.tier or _NO_TIER) > (before.tier or _NO_TIER):
        yield Change("tier", _text(before.tier), _text(after.tier))
    share, share_now = before.explanation.coverage, after.explanation.coverage
    if (share_now or 0.0) < (share or 0.0):
        yield Change(COVERAGE, _text(share), _text(share_now))


def _text(value: float | None) -> str | None:
    return None if value is None else str(value)
