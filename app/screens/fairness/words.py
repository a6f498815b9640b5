"""What the fairness page says in words."""

import numpy as np

from core.domain.status import Status
from core.i18n import N_, Translator
from core.metrics.fairness import FOUR_FIFTHS
from core.services.fairness.attributes import FAVOURABLE_WORDS, Whose
from core.services.fairness.figures import AttributeFairness, Reason
from core.services.fairness.measure import FairnessTable
from core.services.fairness.words import attribute_label, group_label

REASONS: dict[Reason, str] = {
    "needs_ranges": N_("Numbers: give the contract a segment that cuts them into ranges"),
    "no_decisions": N_("No decision in this period"),
    "no_values": N_("Nobody gave a value"),
    "too_small": N_("Fewer than two groups are large enough"),
    "one_group": N_("One group only"),
}

WHOSE_WORDS: dict[Whose, str] = {
    "log": N_("The log's own"),
    "final": N_("Those that held in the end"),
    "people": N_("Those of people"),
}
_OF_THE_LOG = {"decision", "decisions"}


def compared_label(t: Translator, found: AttributeFairness) -> str:
    """Return the two groups behind an attribute's ratio: "Race: Black beside White"."""
    return t(
        "{attribute}: {worst} beside {best}",
        attribute=attribute_label(t, found.attribute),
        worst=group_label(t, found.attribute, found.ratio.worst),
        best=group_label(t, found.attribute, found.ratio.best),
    )


def lowest_label(t: Translator, found: AttributeFairness) -> str:
    """Return the group with the lowest rate: "Race: Black"."""
    return t(
        "{attribute}: {group}",
        attribute=attribute_label(t, found.attribute),
        group=group_label(t, found.attribute, found.ratio.worst),
    )


def summary(t: Translator, table: FairnessTable) -> tuple[str, Status]:
    """Return the sentence of the page and the status it stands for."""
    if not table.judged:
        return t("No two groups have enough rows to be compared."), table.status
    worst = table.judged[0]
    below = [each for each in table.judged if each.ratio.value < FOUR_FIFTHS]
    head = _ratio_sentence(t, worst) if below else _nothing_below(t, worst)
    more = ""
    if len(below) > 1:
        more = t(
            "{n} of {total} attributes fall below four fifths.",
            n=len(below),
            total=len(table.judged),
        )
    # Without decisions the reader has to know what stands in for them.
    basis = "" if table.rule.source in _OF_THE_LOG else favourable_text(t, table)
    if table.rule.source == "final":
        basis = t("Compared are the decisions that held in the end, people's among them.")
    elif table.rule.source == "people":
        basis = t("Compared are the predictions that a person decided, chosen by rules: no sample.")
    parts = (head, _others_sentence(t, worst), more, _course(t, table), basis)
    return t.sentences(*parts), table.status


def _ratio_sentence(t: Translator, found: AttributeFairness) -> str:
    selection, names = found.overall.selection, found.overall.counts.groups
    low, top = names.index(found.ratio.worst), names.index(found.ratio.best)
    words = {
        "attribute": attribute_label(t, found.attribute),
        "worst": group_label(t, found.attribute, found.ratio.worst),
        "best": group_label(t, found.attribute, found.ratio.best),
        "ratio": t.number(found.ratio.value, 3),
        "rate": t.percent(float(selection.rate.value[low])),
        "highest": t.percent(float(selection.rate.value[top])),
        "n": int(selection.rate.n[low]),
        "m": int(selection.rate.n[top]),
    }
    if found.ratio.by_chance:
        return t(
            "{attribute}: the favourable rate of {worst} is {ratio} of that of {best} ({rate} "
            "against {highest}, n = {n} and {m}), below four fifths; it may be chance.",
            **words,
        )
    return t(
        "{attribute}: the favourable rate of {worst} is {ratio} of that of {best} ({rate} against "
        "{highest}, n = {n} and {m}), below four fifths.",
        **words,
    )


def _nothing_below(t: Translator, found: AttributeFairness) -> str:
    return t(
        "No attribute falls below four fifths; the lowest ratio is {ratio} ({groups}, n = {n}).",
        ratio=t.number(found.ratio.value, 3),
        groups=compared_label(t, found),
        n=found.ratio.n,
    )


def _others_sentence(t: Translator, found: AttributeFairness) -> str:
    if found.others is None:
        return ""
    return t(
        "All other groups together: {ratio} (n = {n}).",
        ratio=t.number(float(found.others.ratio.value[1]), 3),
        n=int(found.others.rate.n[1]),
    )


def _course(t: Translator, table: FairnessTable) -> str:
    tested = [each for each in table.judged if each.stability]
    if not any(np.isfinite(s.p_value) for each in tested for s in each.stability.values()):
        return ""
    moved = [
        t(
            "{attribute}: {group}",
            attribute=attribute_label(t, each.attribute),
            group=group_label(t, each.attribute, key),
        )
        for each in tested
        for key in each.moved
    ]
    if not moved:
        return t("No group's ratio changed over the period by more than chance.")
    return t("The ratio changed over the period: {groups}.", groups=t.items(*moved))


def hidden_text(t: Translator, table: FairnessTable, found: AttributeFairness) -> str:
    """Say who is not among the groups shown, and why; empty if everybody is."""
    if not found.beside:
        return ""
    if not found.hidden_groups:
        return t("{n} rows give no value; they are no group.", n=found.beside)
    return t(
        "{n} rows are in none of the groups shown: they give no value, or their group has fewer "
        "than {minimum} rows, or it is hidden so that a smaller one cannot be told from the total.",
        n=found.beside,
        minimum=table.judging.minimum,
    )


def favourable_text(t: Translator, table: FairnessTable) -> str:
    """Say which decisions count as favourable."""
    rule, words = table.rule, t.items(*(f"“{word}”" for word in table.rule.words))
    if rule.words == FAVOURABLE_WORDS:
        return t("A favourable decision is “approve” or a word like it; the contract can name it.")
    if rule.source == "flag":
        return (
            t("A favourable prediction is a positive one.")
            if rule.hoped_for
            else t("A favourable prediction is one that is not positive: the row is not flagged.")
        )
    if rule.source == "prediction":
        return t("A favourable prediction is {words}; the log holds no decisions.", words=words)
    if rule.hoped_for:
        return t("A favourable decision is {words}.", words=words)
    return t("A favourable decision is any but {words}.", words=words)


def outcome_text(t: Translator, table: FairnessTable) -> str:
    """Say how many rows have a matured outcome."""
    if table.view.contract.outcome is None:
        return t("The contract names no outcome, so only decisions and scores can be compared.")
    return t(
        "{labelled} of {n} rows have a matured outcome; the columns on errors and calibration "
        "read those only.",
        labelled=table.labelled,
        n=table.n,
    )
