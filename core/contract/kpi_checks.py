"""What is wrong with the expressions that a contract writes itself, field by field.

An error shows the place in the text, so that whoever wrote it finds the column.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from core.contract.kpi_definitions import kpi_schema, merged_kpis
from core.contract.kpi_sets import kpi_set, kpi_set_names
from core.contract.model import ModelContract
from core.domain.expression import (
    ExpressionError,
    UnknownName,
    definition_expression,
    kpi_expression,
    row_expression,
)


class Fault(NamedTuple):
    """What is wrong with a field, and in the text of which definition it is, if of any."""

    field: str
    message: str
    definition: str = ""

    @property
    def is_own(self) -> bool:
        """Whether the field itself is to be mended."""
        return not self.definition or self.field.endswith(f"definitions.{self.definition}")


def kpi_faults(contract: ModelContract) -> list[tuple[str, str]]:
    """Return each field that is wrong, with what is wrong and how to mend it.

    What is wrong with a definition is said there alone, not of every KPI that uses it.
    """
    if contract.kpi_set is not None and contract.kpi_set.name not in kpi_set_names():
        known = ", ".join(kpi_set_names()) or "–"
        message = f"there is no set {contract.kpi_set.name!r}: choose one of {known}"
        return [("kpi_set.name", message)]
    found = [
        *_of_set(contract),
        *_of_definitions(contract),
        *_of_kpis(contract),
        *_of_value(contract),
    ]
    told = {fault.definition for fault in found if fault.is_own}
    kept = []
    for fault in found:
        if fault.is_own or fault.definition not in told:
            told.add(fault.definition)
            kept.append((fault.field, fault.message))
    return kept


def _of_set(contract: ModelContract) -> Iterator[Fault]:
    if contract.kpi_set is None:
        return
    known = [kpi.id for kpi in kpi_set(contract.kpi_set.name).kpis]
    for place, name in enumerate(contract.kpi_set.leave_out):
        if name not in known:
            message = f"{name!r} is none of the set's KPIs: choose from {', '.join(known)}"
            yield Fault(f"kpi_set.leave_out[{place}]", message)


def _of_definitions(contract: ModelContract) -> Iterator[Fault]:
    """Check the definitions that the contract writes, not those that a set offers."""
    schema = kpi_schema(contract)
    own = {"definitions": contract.definitions}
    if contract.kpi_set is not None:
        own["kpi_set.definitions"] = contract.kpi_set.definitions
    for field, definitions in own.items():
        for name in definitions:
            if schema.definitions[name] == definitions[name]:
                yield from _fault(
                    contract,
                    f"{field}.{name}",
                    lambda name=name: definition_expression(name, schema),  # type: ignore[misc]
                )


def _of_kpis(contract: ModelContract) -> Iterator[Fault]:
    schema = kpi_schema(contract)
    merged = {kpi.id: kpi for kpi, _ in merged_kpis(contract)}
    for place, own in enumerate(contract.kpis):
        kpi, field = merged[own.id], f"kpis[{place}]"
        if kpi.definition is None:
            yield Fault(
                f"{field}.definition",
                f"{own.id!r} has no definition and is none of a set's KPIs: write 'definition', "
                "such as share(final_decision = \"approve\"), or choose a 'kpi_set' that has it",
            )
            continue
        if own.definition is not None:
            text = own.definition
            yield from _fault(
                contract,
                f"{field}.definition",
                lambda text=text: kpi_expression(text, schema),  # type: ignore[misc]
            )
        if kpi.name is None:
            yield Fault(f"{field}.name", "a KPI needs a name: add the field")
        if kpi.direction == "neutral" and (kpi.targets or kpi.watch or kpi.act):
            yield Fault(
                f"{field}.direction",
                "a target or a limit needs to know which way is better: write "
                "higher_is_better or lower_is_better",
            )
        if kpi.limits_fault:
            yield Fault(field, kpi.limits_fault)
        if kpi.maturity == "outcome" and contract.outcome is None and own.definition is not None:
            message = "there is no 'outcome' to wait for: write 'none' or an age"
            yield Fault(f"{field}.maturity", message)


def _of_value(contract: ModelContract) -> Iterator[Fault]:
    value = contract.value
    if value is None:
        return
    schema = kpi_schema(contract)
    for name, text in (("flagged", value.flagged), ("not_flagged", value.not_flagged)):
        yield from _fault(
            contract,
            f"value.{name}",
            lambda text=text: row_expression(text, schema, kind="number"),  # type: ignore[misc]
        )
    if value.hold_out is not None:
        text = value.hold_out
        yield from _fault(
            contract, "value.hold_out", lambda: row_expression(text, schema, kind="boolean")
        )


def _fault(contract: ModelContract, field: str, read: Callable[[], object]) -> Iterator[Fault]:
    try:
        read()
    except UnknownName as error:
        name = str(error.params.get("name", ""))
        if name in contract.protected:
            yield Fault(
                field,
                f"{name!r} is protected: figures of the business are not computed from it, the "
                f"Fairness page compares by it\n{error.place}",
                error.definition,
            )
        else:
            yield Fault(field, str(error), error.definition)
    except ExpressionError as error:
        yield Fault(field, str(error), error.definition)
