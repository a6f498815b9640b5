"""What is stored with an alarm, so that an auditor can derive it again."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from math import isnan
from typing import Any

import numpy as np

from core.errors import InvalidInput
from core.i18n import N_
from core.metrics.alarms.family import Check, FamilyNull, Member, draw_family
from core.metrics.alarms.judge import Verdict
from core.metrics.alarms.measures import measure
from core.metrics.alarms.series import Counts, Series
from core.metrics.binning import BinSet

UNREADABLE = N_("The stored evidence cannot be read: {reason}.")
OTHER_METHOD = N_("Chance has been drawn in another way since the alarm was raised.")
METHOD = "draws 2"
"""The way chance is drawn; it changes with every change that gives other draws."""

OTHER_DAYS = N_("These are not the reference days that the alarm was raised from.")

Rows = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class StoredCounts:
    """Counts as plain numbers: ``n`` of shape (C,), ``sums`` of shape (Q, C)."""

    n: Rows
    sums: tuple[Rows, ...]

    @classmethod
    def of(cls, counts: Counts) -> "StoredCounts":
        """Return the stored form."""
        return cls(tuple(counts.n.tolist()), tuple(tuple(part.tolist()) for part in counts.sums))

    def counts(self) -> Counts:
        """Return the counts again."""
        n = np.asarray(self.n, dtype=np.float64)
        return Counts(n, np.asarray(self.sums, dtype=np.float64).reshape(len(self.sums), n.size))


@dataclass(frozen=True, slots=True)
class AlarmEvidence:
    """One alarm with all that its figures come from.

    Parameters
    ----------
    series, kind, method, check : str
        What was measured, of which kind of data, by which figure, at which look.
    statistic, effect, minimum_effect, threshold, p, single_p : float
        As in :class:`Verdict`.
    n_ref, n_cur : float
        Rows on either side.
    bins_id, bins : str
        Id of the frozen bins, and those of this feature as JSON; empty for a score.
    family : tuple of str
        All figures of the month, as ``series/figure``.
    family_size : int
        Figures and checks that could be computed.
    checks : tuple of Check
        All looks of the month with their rows.
    rate_asked, rate : float
        False alarms in a model-month that were asked for, and at which the alarm was raised.
    expected_alarms : float
        False alarms that such a month is expected to raise.
    seed, draws, block_length : int
        What repeats the draws.
    generator : str
        Generator, version of numpy and way of drawing, on which the draws depend.
    reference_digest : str
        Digest of all reference days of the family.
    reference, current : StoredCounts
        Counts of both sides.
    """

    series: str
    kind: str
    method: str
    check: str
    statistic: float
    effect: float
    minimum_effect: float
    threshold: float
    p: float
    single_p: float
    n_ref: float
    n_cur: float
    bins_id: str
    bins: str
    family: tuple[str, ...]
    family_size: int
    checks: tuple[Check, ...]
    rate_asked: float
    rate: float
    expected_alarms: float
    seed: int
    draws: int
    block_length: int
    generator: str
    reference_digest: str
    reference: StoredCounts
    current: StoredCounts

    def to_json(self) -> str:
        """Return canonical JSON: sorted keys, no spaces, NaN as null."""
        body = {key: None if _is_nan(value) else value for key, value in asdict(self).items()}
        body["checks"] = [_check_to_dict(check) for check in self.checks]
        return json.dumps(
            body, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
        )

    @classmethod
    def from_json(cls, text: str) -> "AlarmEvidence":
        """Read what :meth:`to_json` wrote.

        Raises
        ------
        core.errors.InvalidInput
            If the text is no evidence.
        """
        try:
            body = json.loads(text)
            found = {key: body.pop(key) for key in [entry.name for entry in fields(cls)]}
            if body:
                raise KeyError(next(iter(body)))
            for key in ("reference", "current"):
                side = found[key]
                found[key] = StoredCounts(
                    tuple(map(float, side["n"])),
                    tuple(tuple(map(float, part)) for part in side["sums"]),
                )
            found["checks"] = tuple(Check(**check) for check in found["checks"])
            found["family"] = tuple(map(str, found["family"]))
            filled: dict[str, Any] = {
                key: float("nan") if value is None else value for key, value in found.items()
            }
            return cls(**filled)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise InvalidInput(UNREADABLE, reason=error) from error


@dataclass(frozen=True, slots=True)
class Rederived:
    """Figures computed again from the stored counts."""

    statistic: float
    effect: float
    n_ref: float
    n_cur: float


@dataclass(frozen=True, slots=True)
class RederivedChance:
    """What the seed and the reference days give again."""

    p: float
    single_p: float
    threshold: float
    expected_alarms: float


def evidence_of(
    verdict: Verdict,
    family: FamilyNull,
    reference: Mapping[str, Series],
    current: Counts,
    *,
    bins_id: str = "",
    expected_alarms: float | None = None,
) -> AlarmEvidence:
    """Return what is to be stored with an alarm.

    Parameters
    ----------
    verdict : Verdict
        The alarm.
    family : FamilyNull
        The month that it was judged in.
    reference : mapping of str to Series
        The reference days.
    current : Counts, shape (C,)
        Current counts of the series.
    bins_id : str
        Id of the frozen bins of the model.
    expected_alarms : float, optional
        What :meth:`FamilyNull.expected_alarms` returned, if known.
    """
    series = reference[verdict.member.series]
    expected = family.expected_alarms() if expected_alarms is None else expected_alarms
    return AlarmEvidence(
        series=series.name,
        kind=series.kind,
        method=verdict.member.measure,
        check=verdict.check,
        statistic=verdict.statistic,
        effect=verdict.effect,
        minimum_effect=verdict.minimum_effect,
        threshold=verdict.threshold,
        p=verdict.p_value,
        single_p=verdict.single_p_value,
        n_ref=verdict.n_ref,
        n_cur=verdict.n_cur,
        bins_id=bins_id,
        bins="" if series.bins is None else BinSet({series.name: series.bins}).to_json(),
        family=tuple(member.key for member in family.members),
        family_size=family.size,
        checks=family.checks,
        rate_asked=family.rate,
        rate=family.stated_rate,
        expected_alarms=expected,
        seed=family.seed,
        draws=family.draws,
        block_length=family.blocks.length,
        generator=f"PCG64, numpy {np.__version__}, {METHOD}",
        reference_digest=_digest(reference, family.members),
        reference=StoredCounts.of(series.counts.merged()),
        current=StoredCounts.of(current),
    )


def rederive(evidence: AlarmEvidence) -> Rederived:
    """Compute statistic and effect again from nothing but the stored counts.

    Raises
    ------
    core.errors.InvalidInput
        If the figure is unknown, or the stored bins do not belong to the counts.
    """
    item = measure(evidence.method, evidence.kind)
    bins = BinSet.from_json(evidence.bins).features[evidence.series] if evidence.bins else None
    before, after = evidence.reference.counts(), evidence.current.counts()
    effect = float(item.effect(bins, before, after))
    return Rederived(abs(effect), effect, float(before.rows), float(after.rows))


def rederive_chance(evidence: AlarmEvidence, reference: Mapping[str, Series]) -> RederivedChance:
    """Compute p and threshold again from the stored seed and the reference days.

    Parameters
    ----------
    evidence : AlarmEvidence
        The stored alarm.
    reference : mapping of str to Series
        The reference, day by day, of all series of the family.

    Raises
    ------
    core.errors.InvalidInput
        If these are other days than those the alarm was raised from, or an older version drew
        chance in another way.
    """
    if not evidence.generator.endswith(METHOD):
        raise InvalidInput(OTHER_METHOD)
    members = tuple(Member(*key.rsplit("/", 1)) for key in evidence.family)
    known = all(member.series in reference for member in members)
    if not known or _digest(reference, members) != evidence.reference_digest:
        raise InvalidInput(OTHER_DAYS)
    family = draw_family(
        reference,
        members,
        evidence.checks,
        rate=evidence.rate_asked,
        draws=evidence.draws,
        seed=evidence.seed,
        block_length=evidence.block_length,
    )
    member = Member(evidence.series, evidence.method)
    return RederivedChance(
        p=family.p_value(member, evidence.check, evidence.statistic),
        single_p=family.single_p_value(member, evidence.check, evidence.statistic),
        threshold=family.threshold(member, evidence.check),
        expected_alarms=family.expected_alarms(),
    )


def _digest(reference: Mapping[str, Series], members: tuple[Member, ...]) -> str:
    names = dict.fromkeys(member.series for member in members)
    text = "\n".join(f"{name} {reference[name].digest}" for name in names)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _check_to_dict(check: Check) -> dict[str, object]:
    return {
        "key": check.key, "first": check.first, "days": check.days, "rows": dict(check.rows),
    }  # fmt: skip


def _is_nan(value: object) -> bool:
    return isinstance(value, float) and isnan(value)
