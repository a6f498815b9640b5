"""Names, kinds and definitions; and what a KPI is made of."""

import math
from statistics import mean, median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.expression import (
    Atom,
    ExpressionError,
    Kind,
    Schema,
    UnknownName,
    definition_expression,
    formula_value,
    kpi_expression,
    row_expression,
    written,
)
from core.domain.expression.tree import Aggregate, Arithmetic, Negative, Node, Number
from tests.core.domain.expression.grammar import SCHEMA, Row, kpis, numbers, rows, worth

BANK = Schema(
    {
        "amount": "number",
        "score": "number",
        "loss": "number",
        "outcome.recovered": "number",
        "final_decision": "text",
        "reviewed": "boolean",
        "time": "instant",
        "released_at": "instant",
        "Loan type": "text",
    },
    {"margin": 0.04},
    {
        "approved": 'final_decision = "approve"',
        "earned": "amount * margin - loss",
        "loss": "coalesce(loss, 0)",
        "large": "approved and amount > 1_000",
        "round": "square",
        "square": "not round",
        "broken": "amount > ",
        "strange": "approved and amonut > 3",
    },
)


def test_a_definition_stands_for_its_tree() -> None:
    found = row_expression("if(large, earned, 0)", BANK)
    assert written(found.node) == (
        'if(final_decision = "approve" and amount > 1000, amount * 0.04 - coalesce(loss, 0), 0)'
    )
    assert found.kind == "number"
    assert found.columns == {"final_decision", "amount", "loss"}
    assert definition_expression("large", BANK).kind == "boolean"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("amount + 1", "number"),
        ("days_between(time, released_at)", "number"),
        ("least(time, released_at)", "instant"),
        ("coalesce(`Loan type`, 'none')", "text"),
        ("if(reviewed, time, released_at)", "instant"),
        ("reviewed = true", "boolean"),
        ("`Loan type` < 'b' and time > released_at", "boolean"),
        ("time is missing", "boolean"),
        ("amount in (1, margin)", "boolean"),
    ],
)
def test_kinds_of_row_expressions(text: str, kind: Kind) -> None:
    assert row_expression(text, BANK, kind=kind).kind == kind


@pytest.mark.parametrize(
    ("text", "marked", "words"),
    [
        ("amuont + 1", "amuont", "Did you mean amount?"),
        ("Recovered", "Recovered", "Did you mean outcome.recovered"),
        ("`loan type` = 'a'", "`loan type`", "Did you mean `Loan type`"),
        ("qqq", "qqq", "There are `Loan type`, amount"),
        ("amount + reviewed", "reviewed", "This is a condition"),
        ("amount + time", "time", "days_between"),
        ("-final_decision", "final_decision", "This is a text"),
        ("amount and reviewed", "amount", "A condition must stand here"),
        ("not amount", "amount", "A condition must stand here"),
        ("final_decision = 1", "final_decision = 1", "of one kind"),
        ("reviewed > true", "reviewed > true", "no order"),
        ("amount in (1, 'a')", "'a'", "A number must stand here"),
        ("if(amount, 1, 2)", "amount", "A condition must stand here"),
        ("if(reviewed, 1, 'a')", "'a'", "A number must stand here"),
        ("if(reviewed, 1)", "if(reviewed, 1)", "if() takes 3 value(s), not 2"),
        ("coalesce(1)", "coalesce(1)", "at least 2"),
        ("least('a', 'b')", "'a'", "A number must stand here"),
        ("days_between(time, 1)", "1", "A time must stand here"),
        ("abs(sum(amount))", "sum(amount)", "Take sum() out"),
        ("amount + 1 = sum(amount)", "sum(amount)", "value of many rows"),
    ],
)
def test_what_does_not_fit_is_marked(text: str, marked: str, words: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        row_expression(text, BANK)
    error = caught.value
    assert error.source[error.position : error.end] == marked
    assert words in error.message


def test_a_wanted_kind_is_checked() -> None:
    with pytest.raises(ExpressionError, match="A condition must stand here"):
        row_expression("amount", BANK, kind="boolean")


@pytest.mark.parametrize(
    ("name", "definition", "marked"),
    [
        ("count(round)", "square", "round"),
        ("count(strange)", "strange", "amonut"),
        ("count(broken)", "broken", ""),
    ],
)
def test_an_error_in_a_definition_is_shown_there(name: str, definition: str, marked: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        kpi_expression(name, BANK)
    error = caught.value
    assert error.definition == definition
    assert error.source[error.position : error.end] == marked
    assert f"  {definition}: {BANK.definitions[definition]}" in str(error)


def test_a_circle_is_shown_with_its_path() -> None:
    with pytest.raises(ExpressionError, match="round → square → round"):
        definition_expression("round", BANK)


def test_a_definition_of_itself_is_a_circle_where_there_is_no_such_column() -> None:
    schema = Schema({"amount": "number"}, definitions={"loss": "loss + amount"})
    with pytest.raises(ExpressionError, match="loss → loss"):
        definition_expression("loss", schema)


def test_an_unknown_name_is_told_to_programs() -> None:
    with pytest.raises(UnknownName) as caught:
        kpi_expression("count(strange)", BANK)
    assert caught.value.params["name"] == "amonut"


def test_definitions_that_multiply_are_stopped() -> None:
    grown = {f"d{n}": f"d{n - 1} + d{n - 1}" for n in range(1, 60)}
    schema = Schema({"d0": "number"}, definitions=grown)
    with pytest.raises(ExpressionError, match="too large"):
        kpi_expression("sum(d59)", schema)


def _shown(atom: Atom) -> str:
    value = "" if atom.value is None else f" {written(atom.value)}"
    bar = " |" if value and atom.where else ""
    return f"{atom.kind}{value}{bar}" + (f" {written(atom.where)}" if atom.where else "")


@pytest.mark.parametrize(
    ("text", "atoms"),
    [
        ("count()", ["count"]),
        ("count(reviewed) / count() - count()", ["count reviewed", "count"]),
        ("mean(amount)", ["sum amount", "count amount is not missing"]),
        (
            "mean(amount where reviewed)",
            ["sum amount | reviewed", "count amount is not missing and reviewed"],
        ),
        ("share(reviewed)", ["count reviewed", "count reviewed is not missing"]),
        (
            "share(reviewed where amount > 1)",
            ["count reviewed and amount > 1", "count reviewed is not missing and amount > 1"],
        ),
        ("count(reviewed where amount > 1)", ["count reviewed and amount > 1"]),
    ],
)
def test_what_is_added_up(text: str, atoms: list[str]) -> None:
    found = kpi_expression(text, BANK)
    assert found.is_linear
    assert [_shown(atom) for atom in found.atoms] == atoms


@pytest.mark.parametrize(
    ("text", "kind", "level"),
    [
        ("median(amount)", "quantile", 0.5),
        ("quantile(amount, 90%)", "quantile", 0.9),
        ("quantile(amount, margin)", "quantile", 0.04),
        ("minimum(amount)", "minimum", None),
        ("distinct(`Loan type`)", "distinct", None),
    ],
)
def test_what_is_no_sum(text: str, kind: str, level: float | None) -> None:
    (atom,) = kpi_expression(text, BANK).atoms
    assert (atom.kind, atom.level) == (kind, level)
    assert not kpi_expression(text, BANK).is_linear


@pytest.mark.parametrize(
    ("text", "marked", "words"),
    [
        ("amount / count()", "amount", "sum(amount) or mean(amount)"),
        ("count() - reviewed", "reviewed", "share(reviewed)"),
        ("`Loan type`", "`Loan type`", "distinct(`Loan type`)"),
        ("count() + time", "time", "days_between(time"),
        ("approved", "approved", "count(approved)"),
        ("abs(amount)", "abs(amount)", "only + - * /"),
        ("qq + count()", "qq", "no column"),
        ("1 + margin", "1 + margin", "computed from rows"),
        ("count(amount)", "amount", "takes a condition"),
        ("count(reviewed, reviewed)", "count(reviewed, reviewed)", "not 2"),
        ("sum(reviewed)", "reviewed", "if(condition, 1, 0)"),
        ("mean(where reviewed)", "mean(where reviewed)", "not 0"),
        ("share(amount)", "amount", "A condition must stand here"),
        ("sum(amount where amount)", "amount", "A condition must stand here"),
        ("quantile(amount, 1)", "1", "between 0 and 1"),
        ("quantile(amount, score)", "score", "between 0 and 1"),
        ("quantile(amount)", "quantile(amount)", "takes 2"),
    ],
)
def test_a_kpi_that_is_wrong_is_marked(text: str, marked: str, words: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        kpi_expression(text, BANK)
    error = caught.value
    assert error.source[error.position : error.end] == marked
    assert words in error.message


def test_the_formula_is_computed() -> None:
    found = kpi_expression("-(sum(amount) - 2 * margin) / count(reviewed) + 1", BANK)
    assert found.value([10.08, 4]) == pytest.approx(-1.5)
    assert math.isnan(found.value([10.08, 0]))
    assert math.isnan(found.value([math.inf, 4]))
    assert math.isnan(found.value([math.nan, 4]))


def _direct(node: Node, drawn: list[Row]) -> float:
    """Compute a KPI from its rows as a reader of the documentation would."""
    match node:
        case Number(value=value):
            return value
        case Negative(operand=operand):
            return -_direct(operand, drawn)
        case Arithmetic(operator=operator, left=left, right=right):
            one, two = _direct(left, drawn), _direct(right, drawn)
            if operator == "/":
                return one / two if two else math.nan
            return {"+": one + two, "-": one - two, "*": one * two}[operator]
        case Aggregate():
            chosen = [row for row in drawn if node.where is None or worth(node.where, row) is True]
            return _put_together(node, chosen)
        case _:
            raise AssertionError(node)


def _put_together(node: Aggregate, chosen: list[Row]) -> float:
    if not node.arguments:
        return float(len(chosen))
    values = [worth(node.arguments[0], row) for row in chosen]
    known = [each for each in values if each is not None]
    plain = [float(each) for each in known if isinstance(each, bool | float)]
    match node.function:
        case "count":
            return float(sum(plain))
        case "sum":
            return math.fsum(plain)
        case "distinct":
            return float(len(set(known)))
        case _ if not plain:
            return math.nan
        case "mean" | "share":
            return mean(plain)
        case "median":
            return float(median(plain))
        case "minimum":
            return min(plain)
        case _:
            return max(plain)


def _of_atom(atom: Atom, drawn: list[Row]) -> float:
    arguments = () if atom.value is None else (atom.value,)
    function = {"quantile": "median"}.get(atom.kind, atom.kind)
    return _direct(Aggregate(function, arguments, atom.where), drawn)


@given(kpis(2), st.lists(rows(), max_size=6))
def test_atoms_and_formula_give_what_the_text_says(tree: Node, drawn: list[Row]) -> None:
    found = kpi_expression(written(tree), SCHEMA)
    numbers_of_atoms = [_of_atom(atom, drawn) for atom in found.atoms]
    value, wanted = found.value(numbers_of_atoms), _direct(tree, drawn)
    if abs(wanted) < 1e9:  # beyond, something was divided by the rounding of a difference
        assert value == pytest.approx(wanted, rel=1e-6, abs=1e-6 * _largest(numbers_of_atoms))
    assert formula_value(found.root, numbers_of_atoms) == pytest.approx(value, nan_ok=True)


def _largest(values: list[float]) -> float:
    return max([1.0, *(abs(each) for each in values if math.isfinite(each))])


@given(numbers(3))
def test_a_number_may_stand_wherever_the_schema_knows_the_names(tree: Node) -> None:
    found = row_expression(written(tree), SCHEMA, kind="number")
    assert written(found.node) == written(tree)


@given(kpis(2), st.lists(rows(), max_size=5), st.lists(rows(), max_size=5))
def test_slices_sum_to_the_whole(tree: Node, one: list[Row], other: list[Row]) -> None:
    found = kpi_expression(written(tree), SCHEMA)
    parts = [[_of_atom(atom, drawn) for atom in found.atoms] for drawn in (one, other)]
    whole = [_of_atom(atom, [*one, *other]) for atom in found.atoms]
    for atom, first, second, both in zip(found.atoms, *parts, whole, strict=True):
        if atom.is_linear:
            assert first + second == pytest.approx(both, rel=1e-9, abs=1e-6)
