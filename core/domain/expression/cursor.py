"""A text that is being read: where one stands in it, and what is refused there."""

from typing import NoReturn, TypeVar

from core.domain.expression.errors import ExpressionError, nearest
from core.domain.expression.functions import AGGREGATES, ALSO_CALLED, ROW_FUNCTIONS
from core.domain.expression.tokens import Token, tokens
from core.domain.expression.tree import Node

MOST_LEVELS = 40
MOST_NODES = 300

Made = TypeVar("Made", bound=Node)


class Cursor:
    """The tokens of one text, the next one to read, and how much was made of them."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._tokens = tokens(text)
        self._next = 0
        self._levels = 0
        self._nodes = 0

    @property
    def token(self) -> Token:
        """The next token."""
        return self._tokens[self._next]

    @property
    def after(self) -> Token:
        """The token behind the next one."""
        return self._tokens[min(self._next + 1, len(self._tokens) - 1)]

    def take(self) -> Token:
        """Return the next token and go behind it; the end stays where it is."""
        token = self.token
        if not token.is_end:
            self._next += 1
        return token

    def down(self, token: Token) -> None:
        """Go one level deeper at a token."""
        self._levels += 1
        if self._levels > MOST_LEVELS:
            raise ExpressionError(
                "The expression is nested more than {most} levels deep.",
                remedy="Give parts of it names under 'definitions'.",
                source=self.text,
                position=token.start,
                end=token.end,
                most=MOST_LEVELS,
            )

    def up(self) -> None:
        """Come back from one level deeper."""
        self._levels -= 1

    def counted(self, node: Made) -> Made:
        """Return a node that was made, unless it is one too many."""
        self._nodes += 1
        if self._nodes > MOST_NODES:
            raise ExpressionError(
                "The expression has more than {most} parts.",
                remedy="Give parts of it names under 'definitions'.",
                source=self.text,
                position=node.start,
                end=node.end,
                most=MOST_NODES,
            )
        return node

    def closed(self, opening: Token) -> int:
        """Take the closing bracket, come up and return where it ends."""
        if self.token.is_mark(")"):
            self.up()
            return self.take().end
        if self.token.is_end:
            misread(self, "This bracket is not closed.", "Put ) behind what it holds.", opening)
        self.surplus()

    def finish(self) -> None:
        """Refuse what stands behind a whole expression."""
        if not self.token.is_end:
            self.surplus()

    def surplus(self) -> NoReturn:
        """Raise that the next token does not follow from what stands before it."""
        token = self.token
        if token.is_mark(")"):
            misread(self, "This bracket closes none.", "Take it out, or open one before it.")
        if token.is_mark(","):
            misread(
                self,
                "A comma parts the arguments of a function, and nothing else.",
                "Write numbers as 1_000 or 0.05.",
            )
        raise ExpressionError(
            "{written} cannot stand here.",
            remedy="Put an operator such as +, =, 'and' before it, or names with spaces in "
            "backticks.",
            source=self.text,
            position=token.start,
            end=token.end,
            written=self.text[token.start : token.end],
        )

    def no_value(self) -> NoReturn:
        """Raise that something must stand here that is not here."""
        token = self.token
        if token.is_end:
            misread(
                self,
                "The expression ends where a value must follow.",
                "Write a name, a number, a text or a function.",
            )
        raise ExpressionError(
            "A value must stand here, not {written}.",
            remedy="Write a name, a number, a text or a function.",
            source=self.text,
            position=token.start,
            end=token.end,
            written=self.text[token.start : token.end],
        )

    def unknown_function(self, name: Token) -> NoReturn:
        """Raise that there is no such function, and which may be meant."""
        known = sorted((*AGGREGATES, *ROW_FUNCTIONS))
        other = ALSO_CALLED.get(name.text.lower())
        near = (other,) if other else nearest(name.text, known)
        raise ExpressionError(
            "There is no function {name}.",
            remedy="Did you mean {names}?" if near else "There are {names}.",
            source=self.text,
            position=name.start,
            end=name.end,
            name=name.text,
            names=", ".join(near or known),
        )


def misread(at: Cursor, template: str, remedy: str, token: Token | None = None) -> NoReturn:
    """Raise what is wrong with the next token, or with another."""
    token = token or at.token
    raise ExpressionError(
        template, remedy=remedy, source=at.text, position=token.start, end=token.end
    )
