"""Which functions there are, and what each takes."""

from dataclasses import dataclass

from core.domain.expression.tree import Kind


@dataclass(frozen=True, slots=True)
class RowFunction:
    """A function of the values of one row.

    Parameters
    ----------
    fewest : int
        Least number of arguments.
    most : int or None
        Most of them; ``None``: any number.
    takes : tuple of tuple of Kind
        Which kinds each argument may be; the last entry holds for all further ones.
    same : int
        From which argument on all must be of one kind, which is also that of the answer.
    gives : Kind or None
        Kind of the answer where it is always the same.
    """

    fewest: int
    most: int | None
    takes: tuple[tuple[Kind, ...], ...]
    same: int = 0
    gives: Kind | None = None


_ANY: tuple[Kind, ...] = ("number", "text", "boolean", "instant")
_ORDERED: tuple[Kind, ...] = ("number", "instant")

ROW_FUNCTIONS = {
    "if": RowFunction(3, 3, (("boolean",), _ANY), same=1),
    "coalesce": RowFunction(2, None, (_ANY,)),
    "abs": RowFunction(1, 1, (("number",),)),
    "lower": RowFunction(1, 1, (("text",),)),
    "least": RowFunction(2, None, (_ORDERED,)),
    "greatest": RowFunction(2, None, (_ORDERED,)),
    "days_between": RowFunction(2, 2, (("instant",),), gives="number"),
    "hours_between": RowFunction(2, 2, (("instant",),), gives="number"),
    "minutes_between": RowFunction(2, 2, (("instant",),), gives="number"),
}
"""Functions of one row, by name."""

SECONDS = {"days_between": 86_400, "hours_between": 3_600, "minutes_between": 60}
"""How many seconds are one of what a function of two instants answers."""

AGGREGATES: dict[str, tuple[Kind, ...]] = {
    "count": ("boolean",),
    "sum": ("number",),
    "mean": ("number",),
    "share": ("boolean",),
    "median": ("number",),
    "quantile": ("number",),
    "minimum": ("number",),
    "maximum": ("number",),
    "distinct": _ANY,
}
"""Functions of many rows, by name, and which kinds the value may be that they are of."""

ALSO_CALLED = {
    "average": "mean", "avg": "mean", "min": "minimum", "max": "maximum", "rate": "share",
    "percentile": "quantile", "count_distinct": "distinct", "unique": "distinct", "iff": "if",
    "ifnull": "coalesce", "case": "if", "total": "sum", "ratio": "share", "countif": "count",
    "sumif": "sum", "datediff": "days_between",
}  # fmt: skip
"""What others call a function → its name here, for the hint alone."""
