"""One text of an expression, for the errors that point into it."""

from dataclasses import dataclass
from typing import NoReturn

from core.domain.expression.errors import ExpressionError
from core.domain.expression.tree import Kind, Node
from core.i18n import N_

_WANTED: dict[Kind, str] = {
    "number": N_("A number must stand here."),
    "text": N_("A text must stand here."),
    "boolean": N_("A condition must stand here."),
    "instant": N_("A time must stand here."),
}
_FOUND: dict[Kind, str] = {
    "number": N_("This is a number."),
    "text": N_("This is a text."),
    "boolean": N_("This is a condition: if(condition, 1, 0) makes a number of it."),
    "instant": N_("This is a time: days_between(a, b) makes a number of two times."),
}


@dataclass(frozen=True, slots=True)
class Source:
    """A text, and the name of the definition that it is of; empty for the expression itself."""

    text: str
    definition: str = ""

    def wrong_kind(self, node: Node, wanted: Kind, found: Kind) -> NoReturn:
        """Raise that a node is of another kind than what must stand there."""
        raise ExpressionError(
            _WANTED[wanted],
            remedy=_FOUND[found],
            source=self.text,
            position=node.start,
            end=node.end,
            definition=self.definition,
        )


def mistake(source: Source, template: str, remedy: str, node: Node, **params: object) -> NoReturn:
    """Raise what is wrong with a node of a text."""
    raise ExpressionError(
        template,
        remedy=remedy,
        source=source.text,
        position=node.start,
        end=node.end,
        definition=source.definition,
        **params,
    )
