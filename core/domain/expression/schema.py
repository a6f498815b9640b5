"""What an expression may name, and what each name stands for."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.domain.expression.tree import Kind


@dataclass(frozen=True, slots=True)
class Schema:
    """Names and what they stand for; a definition wins over a parameter, and that over a column.

    Parameters
    ----------
    columns : mapping of str to Kind
        Columns of the rows and what their values are.
    parameters : mapping of str to float
        Numbers that have a name.
    definitions : mapping of str to str
        Row expressions that have a name; they may use each other's names. Within its own text a
        definition's name means the column that is so called.
    """

    columns: Mapping[str, Kind]
    parameters: Mapping[str, float] = field(default_factory=dict)
    definitions: Mapping[str, str] = field(default_factory=dict)

    @property
    def names(self) -> frozenset[str]:
        """Everything that may be named."""
        return frozenset((*self.columns, *self.parameters, *self.definitions))
