"""What a decision is worth by the contract, or why nobody can say."""

import re
from dataclasses import dataclass

from core.contract import LocalisedText, ModelContract
from core.contract.kpi_definitions import kpi_parameters, kpi_schema
from core.domain.expression import row_expression
from core.errors import NotComputable
from core.i18n import N_
from core.lake.value.cells import ValueRule, decision_word
from core.services.performance.measure import NO_OUTCOME, NO_OUTCOME_REMEDY

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
NO_VALUE = N_("The contract of {model} does not say what a decision is worth.")
YAML = """value:
  currency: HKD
  flagged: 0
  not_flagged: amount * 0.04 - coalesce(loss, 0)
  baseline: none_flagged
"""
"""What a contract without the part is shown: columns and margin are an example."""


def value_rule(contract: ModelContract) -> ValueRule:
    """Return what decisions are worth.

    Raises
    ------
    NotComputable
        If the model sets no score against a cut-off, has no outcome, or the contract does not say
        what a decision is worth.
    """
    if contract.task != "binary_classification":
        raise NotComputable(
            N_("{model} gives no score between 0 and 1 that a cut-off could be set on."),
            model=contract.id,
        )
    if contract.outcome is None or contract.outcome.label is None:
        raise NotComputable(NO_OUTCOME, remedy=NO_OUTCOME_REMEDY, model=contract.id)
    block = contract.value
    if block is None:
        raise NotComputable(
            NO_VALUE,
            remedy=N_("Add the part 'value' to it, and register it again."),
            model=contract.id,
        )
    schema = kpi_schema(contract)
    word, word_flags = decision_word(contract)
    return ValueRule(
        flagged=row_expression(block.flagged, schema, kind="number"),
        not_flagged=row_expression(block.not_flagged, schema, kind="number"),
        hold_out=(
            None
            if block.hold_out is None
            else row_expression(block.hold_out, schema, kind="boolean")
        ),
        word=word,
        word_flags=word_flags,
    )


@dataclass(frozen=True, slots=True)
class SimulatedNumber:
    """A number of the contract that is made up, and that the value hangs on."""

    name: str
    value: float
    text: LocalisedText | None

    def label(self, locale: str) -> str:
        """Return what people call it."""
        return self.name if self.text is None else self.text.get(locale)


def simulated_parameters(contract: ModelContract) -> tuple[SimulatedNumber, ...]:
    """Return the made-up numbers that the value of a decision is computed with."""
    if contract.value is None:
        return ()
    schema = kpi_schema(contract)
    texts, seen = [contract.value.flagged, contract.value.not_flagged], set[str]()
    while texts:
        words = set(_WORD.findall(texts.pop()))
        texts += [schema.definitions[each] for each in words & schema.definitions.keys() - seen]
        seen |= words
    return tuple(
        SimulatedNumber(name, each.value, each.label)
        for name, each in kpi_parameters(contract).items()
        if each.simulated and name in seen
    )
