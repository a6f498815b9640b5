"""What docs/model-contract.md must say about each field, read from the pydantic models."""

import re
import types
from collections.abc import Iterator
from datetime import date
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from core.contract import LocalisedText, ModelContract
from core.contract.periods import Age

_PLAIN = {str: "text", int: "whole number", float: "number", bool: "true or false", date: "date"}
_PLAIN |= {LocalisedText: "label", Age: "age"}


def parts(model: type[BaseModel] = ModelContract) -> list[type[BaseModel]]:
    """Return the contract and every part it is made of, in the order they are met."""
    found = [model]
    for current in found:
        for field in current.model_fields.values():
            found += [part for part in _models(field.annotation) if part not in found]
    return found


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    is_model = isinstance(annotation, type) and issubclass(annotation, BaseModel)
    if is_model and annotation not in _PLAIN:
        yield annotation
    for argument in get_args(annotation):
        yield from _models(argument)


def written_name(name: str, field: FieldInfo) -> str:
    """Return the name of a field as it stands in the YAML."""
    return field.alias or name


def type_text(annotation: Any) -> str:
    """Return a field's type in the words of the documentation."""
    if annotation in _PLAIN:
        return _PLAIN[annotation]
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return "one of " + ", ".join(f"`{value}`" for value in arguments)
    if origin in {Union, types.UnionType}:
        return " or ".join(type_text(item) for item in arguments if item is not type(None))
    if origin is tuple:
        return f"list of {type_text(arguments[0])}"
    if origin is dict:
        return f"{type_text(arguments[0])}: {type_text(arguments[1])}"
    if origin is not None:  # Annotated
        return type_text(arguments[0])
    words = re.sub(r"(?<!^)(?=[A-Z])", " ", annotation.__name__).lower()
    return f"[{words}](#{words.replace(' ', '-')})"


def default_text(field: FieldInfo) -> str:
    """Return a field's default in the words of the documentation."""
    if field.is_required():
        return "required"
    default = field.get_default(call_default_factory=True)
    if default is None or default in ((), {}, ""):
        return "–"
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"
