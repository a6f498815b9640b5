"""From which score on a row counts as predicted positive, by version and by day."""

from dataclasses import dataclass
from datetime import date

from core.contract.governance import PolicyVersion
from core.contract.model import ModelContract

EVEN = 0.5


@dataclass(frozen=True, slots=True)
class CutOff:
    """A score from which on, or above which, rows are flagged.

    Parameters
    ----------
    value : float
        The score.
    included : bool
        Whether the score itself is flagged.
    policy : str
        Version of the policy that says so; empty for the even chance, which no policy set.
    """

    value: float
    included: bool = True
    policy: str = ""


@dataclass(frozen=True, slots=True)
class CutOffs:
    """The cut-offs of a model.

    Parameters
    ----------
    by_version : tuple of (str, CutOff)
        Of the versions whose policy the contract names.
    by_day : tuple of (date, CutOff)
        For all other rows: from which local day on each policy holds, the newest first.
    """

    by_version: tuple[tuple[str, CutOff], ...]
    by_day: tuple[tuple[date, CutOff], ...]

    def of(self, version: str, day: date) -> CutOff:
        """Return the cut-off of a version on a day; an even chance before the first policy."""
        own = dict(self.by_version).get(version)
        return own or next((cut for start, cut in self.by_day if start <= day), CutOff(EVEN))


def cut_offs(contract: ModelContract) -> CutOffs:
    """Return the cut-offs that a contract's policies set on the score.

    A rule flags the scores at its upper end, whatever it does with them: both
    ``score >= 0.4 -> decline`` and ``score < 0.4 -> approve`` flag 0.4 and more.
    """
    found = {policy.version: _of_rule(policy) for policy in contract.policy}
    starts = {policy.version: policy.start for policy in contract.policy}
    by_day = [(starts[name], cut) for name, cut in found.items() if cut is not None]
    by_version = [
        (version.id, cut)
        for version in contract.versions
        if version.policy is not None and (cut := found.get(version.policy)) is not None
    ]
    ordered = sorted(by_day, key=lambda each: each[0], reverse=True)
    return CutOffs(tuple(by_version), tuple(ordered))


def _of_rule(policy: PolicyVersion) -> CutOff | None:
    column, comparison, value, _ = policy.parts()
    if column != "score":
        return None
    return CutOff(value, included=comparison in {">=", "<"}, policy=policy.version)
