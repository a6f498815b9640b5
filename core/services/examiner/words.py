"""How a sample was drawn and what it can show, in words."""

from collections.abc import Mapping

from core.domain.sampling import REST, most_wrong
from core.i18n import N_, Translator
from core.store.samples import SampleRecord

METHOD_NAMES: Mapping[str, str] = {
    "random": N_("Simple random"),
    "systematic": N_("Systematic"),
    "proportional": N_("Stratified, in proportion"),
    "equal": N_("Stratified, the same number each"),
    "all_then_random": N_("All that fit a condition, then random"),
}
METHODS_TOLD: Mapping[str, str] = {
    "random": N_(
        "Each decision has the rank SHA-256(seed, line feed, key); the lowest {n} ranks are drawn."
    ),
    "systematic": N_(
        "The decisions stand in order of time. The first place is SHA-256(seed, line feed, "
        "“start”) modulo their number; the others follow at equal distances, going round."
    ),
    "proportional": N_(
        "Each stratum gets its share of {n}, by largest remainders; within a stratum the lowest "
        "ranks SHA-256(seed, line feed, key) are drawn."
    ),
    "equal": N_(
        "Each stratum gets the same number, as far as it has so many; within a stratum the lowest "
        "ranks SHA-256(seed, line feed, key) are drawn."
    ),
    "all_then_random": N_(
        "All decisions that fit the condition are taken; of the others those of the lowest ranks "
        "SHA-256(seed, line feed, key), up to {n} altogether."
    ),
}
STRATUM_NAMES: Mapping[str, str] = {
    "decision": N_("Decision"),
    "version": N_("Version"),
    "month": N_("Month"),
    "jurisdiction": N_("Jurisdiction"),
}
SEED_TOLD = N_(
    "The seed is SHA-256 of the examiner's own words and the root of the audit trail, signed "
    "when plan and words were on record already."
)


def method_told(t: Translator, record: SampleRecord) -> str:
    """Return how a sample was drawn."""
    return t(METHODS_TOLD[record.method], n=t.number(record.drawn, 0))


def shows(t: Translator, record: SampleRecord) -> list[str]:
    """Return what it shows if nothing in the sample is found wrong, part by part.

    A systematic sample is a random one only if nothing repeats with its distance, which is said.
    """
    if record.method in {"proportional", "equal"}:
        return [
            t(N_("{stratum}: {said}"), stratum=name or "–", said=_said(t, size, taken))
            for name, (size, taken) in record.strata.items()
            if taken
        ]
    if record.method == "all_then_random":
        size, taken = record.strata.get(REST, (0, 0))
        whole = t(N_("What fits the condition was taken whole: nothing of it is left to chance."))
        return [
            whole,
            *([t(N_("The others: {said}"), said=_said(t, size, taken))] if taken else []),
        ]
    told = [_said(t, record.population, record.drawn)]
    if record.method == "systematic":
        told.append(t(N_("This holds if nothing in the log repeats at the distance of the draw.")))
    return told


def _said(t: Translator, size: int, taken: int) -> str:
    most = most_wrong(size, taken)
    if most == 0:
        return t(N_("If none of the {n} is wrong, none of all {size} is."), n=taken, size=size)
    return t(
        N_(
            "If none of the {n} drawn is wrong, then with 95 % confidence at most {most} of {size} "
            "are ({share})."
        ),
        n=t.number(taken, 0),
        most=t.number(most, 0),
        size=t.number(size, 0),
        share=t.percent(most / size, 1),
    )
