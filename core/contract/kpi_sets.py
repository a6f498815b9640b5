"""Ready-made sets of KPIs by sector: YAML files beside this module, in ``kpi_sets``."""

from functools import cache
from importlib import resources

import yaml
from pydantic import Field

from core.contract.base import Part
from core.contract.kpis import Kpi, Parameter
from core.contract.text import Text

_FOLDER = "kpi_sets"


class KpiSet(Part):
    """The KPIs of a sector.

    ``definitions`` are row expressions that suit most logs; a contract may write its own.
    ``needs`` says in words what each definition, parameter or column must be, for whoever has to
    declare what a log lacks.
    """

    id: str = Field(pattern="^[a-z][a-z0-9_]*$")
    name: Text
    definitions: dict[str, str] = Field(default_factory=dict)
    parameters: dict[str, Parameter] = Field(default_factory=dict)
    needs: dict[str, Text] = Field(default_factory=dict)
    kpis: tuple[Kpi, ...] = Field(min_length=1)


@cache
def kpi_set_names() -> tuple[str, ...]:
    """Return the names of the sets that there are."""
    folder = resources.files("core.contract") / _FOLDER
    found = [each.name.removesuffix(".yaml") for each in folder.iterdir()]
    return tuple(sorted(name for name in found if (folder / f"{name}.yaml").is_file()))


@cache
def kpi_set(name: str) -> KpiSet:
    """Return the set of that name.

    Raises
    ------
    KeyError
        If there is none.
    """
    if name not in kpi_set_names():
        raise KeyError(name)
    text = (resources.files("core.contract") / _FOLDER / f"{name}.yaml").read_text("utf-8")
    return KpiSet.model_validate(yaml.safe_load(text))
