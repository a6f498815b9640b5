"""How a sample was drawn and what it can show, in words."""

from collections.abc import Mapping, Sequence

from core.domain.sampling import ALL, REST, Method, most_wrong, shares
from core.i18n import N_, Translator
from core.store.explanations.samples import SampleRecord

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
    """Return what a sample shows if nothing in it is found wrong, part by part."""
    return _shows(t, record.method, record.strata, (record.population, record.drawn))


def would_show(t: Translator, method: Method, sizes: Mapping[str, int], n: int) -> list[str]:
    """Return what a sample would show that is not drawn yet; nothing where it cannot be drawn.

    Parameters
    ----------
    t : Translator
        The reader's language.
    method : Method
        How it is drawn.
    sizes : mapping of str to int
        Stratum → decisions in it.
    n : int
        How many are drawn.
    """
    total, whole = sum(sizes.values()), sizes.get(ALL, 0) if method == "all_then_random" else 0
    if not max(1, whole) <= n <= total:
        return []
    taken = dict.fromkeys(sizes, n) if len(sizes) == 1 else shares(sizes, n, method)
    strata = {name: (size, taken.get(name, 0)) for name, size in sizes.items()}
    return _shows(t, method, strata, (total, n))


def _shows(
    t: Translator,
    method: str,
    strata: Mapping[str, Sequence[int]],
    whole: tuple[int, int],
) -> list[str]:
    """Return the same; of a systematic sample with the reservation that it needs."""
    if method in {"proportional", "equal"}:
        return [
            t(N_("{stratum}: {said}"), stratum=name or "–", said=_said(t, size, taken))
            for name, (size, taken) in sorted(strata.items())
            if taken
        ]
    if method == "all_then_random":
        size, taken = strata.get(REST, (0, 0))
        told = t(N_("What fits the condition was taken whole: nothing of it is left to chance."))
        return [told, *([t(N_("The others: {said}"), said=_said(t, size, taken))] if taken else [])]
    said = [_said(t, *whole)]
    if method == "systematic":
        said.append(t(N_("This holds if nothing in the log repeats at the distance of the draw.")))
    return said


def _said(t: Translator, size: int, taken: int) -> str:
    most = most_wrong(size, taken)
    if most == 0:
        return t(N_("If none of the {n} is wrong, none of all {size} is."), n=taken, size=size)
    return t(
        N_(
            "If none of the {n} drawn is wrong, then with 95% confidence at most {most} of {size} "
            "are ({share})."
        ),
        n=t.number(taken, 0),
        most=t.number(most, 0),
        size=t.number(size, 0),
        share=t.percent(most / size, 1),
    )
