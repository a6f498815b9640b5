"""Read a contract from YAML, and say field by field what is wrong with it."""

from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from core.contract.base import FAULT
from core.contract.kpi_checks import kpi_faults
from core.contract.model import ModelContract
from core.contract.review_rules import review_faults
from core.errors import ContractError

_REMEDIES = {
    "missing": "Add the field.",
    "extra_forbidden": "No such field: mend its name or take it out.",
    "string_pattern_mismatch": "Write it in the form {pattern}.",
    "literal_error": "Choose one of {expected}.",
    "string_too_short": "Fill it in.",
    "too_short": "Give at least one.",
}
_SHARED_REMEDY = "See docs/model-contract.md."


# A PyYAML that was built where libyaml is not has no such name.
_FASTEST: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_FASTEST):  # type: ignore[misc]  # either of the two
    """The safe loader, refusing a key that is written twice instead of keeping the last.

    That of libyaml: a contract of 300 lines takes it three milliseconds, and the other thirty.
    """

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        written: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue
            if key.value in written:
                raise yaml.constructor.ConstructorError(
                    None, None, f"{key.value!r} is written twice", key.start_mark
                )
            written.add(key.value)
        mapping: dict[Any, Any] = super().construct_mapping(node, deep)
        return mapping


def load_contract(path: Path) -> ModelContract:
    """Read the contract of a ``model.yaml``.

    Raises
    ------
    ContractError
        Naming every field that is wrong, with its remedy.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ContractError(
            "{path} cannot be read: {reason}.",
            remedy="Give a UTF-8 YAML file.",
            path=str(path),
            reason=str(error),
        ) from error
    return contract_from_text(text)


def contract_from_text(text: str) -> ModelContract:
    """Read a contract from YAML text; raises like :func:`load_contract`."""
    return _contract(_document(text))


def contract_with_review(text: str, review: str) -> ModelContract:
    """Read a contract as it would be with other rules of review; nothing is kept of it.

    Parameters
    ----------
    text : str
        The contract in force.
    review : str
        A whole contract, or its part ``review`` with or without that word before it.

    Raises
    ------
    ContractError
        As for :func:`load_contract`, and if ``review`` is a contract of another model.
    """
    document, given = _document(text), _document(review)
    if "id" not in given:
        return _contract({**document, "review": given.get("review", given)})
    if given["id"] != document["id"]:
        raise ContractError(
            "This contract is of {other}, not of {model}.",
            remedy="Give the contract of this model, or its part 'review'.",
            other=str(given["id"]),
            model=str(document["id"]),
        )
    return _contract(given)


def review_text(text: str) -> str:
    """Return the part ``review`` of a contract as YAML; of one without, an empty list of rules."""
    part = _document(text).get("review") or {"rules": []}
    return yaml.safe_dump(part, allow_unicode=True, sort_keys=False, width=100)


def yaml_document(text: str) -> Any:
    """Return what a YAML text says; a key that stands there twice is refused.

    Raises
    ------
    ContractError
        If it is not YAML, with the line.
    """
    try:
        return yaml.load(text, _Loader)  # noqa: S506 - a SafeLoader that is stricter
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a date such as 2026-02-31
        raise ContractError(
            "The contract is not YAML: {reason}.",
            remedy="Mend the line that is named.",
            reason=" ".join(str(error).split()),
        ) from error


def _document(text: str) -> dict[str, Any]:
    document = yaml_document(text)
    if not isinstance(document, dict):
        raise ContractError(
            "The contract is empty or not a mapping.", remedy="Begin with 'id: my-model'."
        )
    return document


def _contract(document: dict[str, Any]) -> ModelContract:
    try:
        contract = ModelContract.model_validate(document)
    except ValidationError as error:
        details = _causes(error.errors(include_url=False))
        problems = [_problem(detail) for detail in details]
        raise ContractError(
            "The contract has {count} fault(s): {problems}",
            count=len(problems),
            problems=" ".join(problems),
            fields=tuple(_field(detail) for detail in details),
        ) from error
    faults = [*kpi_faults(contract), *review_faults(contract)]
    if faults:
        raise ContractError(
            "The contract has {count} fault(s): {problems}",
            count=len(faults),
            problems="\n".join(f"{field}: {message}" for field, message in faults),
            fields=tuple(field for field, _ in faults),
        )
    return contract


def _causes(details: list[Any]) -> list[Any]:
    """Leave out "too short" of a list whose own items are wrong: pydantic drops those first."""
    parents = {detail["loc"][:depth] for detail in details for depth in range(len(detail["loc"]))}
    return [item for item in details if item["type"] != "too_short" or item["loc"] not in parents]


def _field(detail: Any) -> str:
    path = detail.get("ctx", {}).get("field", "")
    for part in detail["loc"]:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else str(part)
    return path or "the contract"


def _problem(detail: Any) -> str:
    remedy = _REMEDIES.get(detail["type"], "").format(**detail.get("ctx", {}))
    message = detail["msg"].removeprefix("Value error, ")
    own_words = detail["type"] in {"value_error", FAULT}
    return f"{_field(detail)}: {message}. {'' if own_words else remedy or _SHARED_REMEDY}".strip()
