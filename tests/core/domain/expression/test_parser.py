"""What is read as what, and where the mistakes are."""

import pickle

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.domain.expression import ExpressionError, parse, written
from core.domain.expression.tree import (
    Aggregate,
    Among,
    Arithmetic,
    Comparison,
    IsMissing,
    Logic,
    Name,
    Negative,
    Node,
    Not,
    Number,
    Text,
    Truth,
    walk,
)
from tests.core.domain.expression.grammar import conditions, kpis, numbers

A, B, C = Name("a"), Name("b"), Name("c")


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("1_000", Number(1000)),
        ("5%", Number(0.05)),
        (".5e2", Number(50)),
        ("'it''s'", Text("it's")),
        ('"say ""no"""', Text('say "no"')),
        ("TRUE", Truth(True)),
        ("outcome.loss", Name("outcome.loss")),
        ("`Loan amount (HK$)`", Name("Loan amount (HK$)")),
        ("`a``b`", Name("a`b")),
        ("貸款額", Name("貸款額")),
        ("a + b * c", Arithmetic("+", A, Arithmetic("*", B, C))),
        ("a - b - c", Arithmetic("-", Arithmetic("-", A, B), C)),
        ("a / (b / c)", Arithmetic("/", A, Arithmetic("/", B, C))),
        ("-a * b", Arithmetic("*", Negative(A), B)),
        ("a == b", Comparison("=", A, B)),
        ("a <> b", Comparison("!=", A, B)),
        ("not a = b and c", Logic("and", Not(Comparison("=", A, B)), C)),
        ("a or b and c", Logic("or", A, Logic("and", B, C))),
        ("a in ('x', 'y')", Among(A, (Text("x"), Text("y")), False)),
        ("a not in (b)", Among(A, (B,), True)),
        ("a is missing", IsMissing(A, False)),
        ("a + 1 IS NOT missing", IsMissing(Arithmetic("+", A, Number(1)), True)),
        ("missing = 1", Comparison("=", Name("missing"), Number(1))),
        ("count()", Aggregate("count", ())),
        ("COUNT(where a)", Aggregate("count", (), A)),
        ("sum(a where b = c)", Aggregate("sum", (A,), Comparison("=", B, C))),
        ("sum", Name("sum")),
    ],
)
def test_what_is_read(text: str, tree: Node) -> None:
    assert parse(text) == tree


def test_each_node_knows_its_place() -> None:
    text = " sum( a*2  where `b c` is missing )"
    found = {type(node).__name__: text[node.start : node.end] for node in walk(parse(text))}
    assert found == {
        "Aggregate": "sum( a*2  where `b c` is missing )",
        "Arithmetic": "a*2",
        "Number": "2",
        "IsMissing": "`b c` is missing",
        "Name": "`b c`",
    }


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("", (0, 0), "is empty"),
        ("  ", (2, 2), "is empty"),
        ("sum(", (4, 4), "ends where a value must follow"),
        ("sum(a", (3, 4), "not closed"),
        ("count())", (7, 8), "closes none"),
        ("a, b", (1, 2), "A comma parts"),
        ("sum(a b)", (6, 7), "b cannot stand here"),
        ("a + * b", (4, 5), "not *"),
        ("a < b < c", (6, 7), "Two comparisons"),
        ("a is 3", (5, 6), "'is'"),
        ("a in 3", (5, 6), "After 'in'"),
        ("a ; b", (2, 3), "';' is not a sign"),
        ("a ≥ b", (2, 3), "Write >= instead"),
        ("“a”", (0, 1), 'Write " instead'),
        ("a = 'x", (4, 6), "does not end"),
        ("`` + 1", (0, 2), "no name between"),
        ("5kg", (0, 3), "'5kg' is not a number"),
        ("1e999", (0, 5), "is not a number"),
        ("summ(a)", (0, 4), "Did you mean sum?"),
        ("avg(a)", (0, 3), "Did you mean mean?"),
        ("xyzzy(a)", (0, 5), "There are abs, coalesce, count"),
        ("abs(a where b)", (6, 11), "Only functions of many rows"),
        ("'a\0b'", (2, 3), "is not a sign"),
        ("'\ud800'", (1, 2), "is not a sign"),
        ("x" * 2001, (2000, 2001), "longer than 2000"),
        ("(" * 41 + "a" + ")" * 41, (40, 41), "40 levels"),
        ("not " * 41 + "a", (160, 163), "40 levels"),
        ("a+" * 150 + "a", (0, 301), "more than 300 parts"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(
    text: str, place: tuple[int, int], words: str
) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert (caught.value.position, caught.value.end) == place
    assert words in str(caught.value)


def test_the_message_marks_the_place() -> None:
    with pytest.raises(ExpressionError) as caught:
        parse("sum(loss)\n  + sum(amount")
    assert str(caught.value).splitlines() == [
        "This bracket is not closed. Put ) behind what it holds.",
        "    + sum(amount",
        "         ^",
    ]


def test_a_long_line_is_cut_to_what_stands_around_the_place() -> None:
    with pytest.raises(ExpressionError) as caught:
        parse("count() + " * 30 + "* 1")
    _, line, mark = str(caught.value).splitlines()
    assert len(line) <= 110
    assert line.startswith("  …")
    assert line[mark.index("^")] == "*"


def test_wide_characters_take_two_places() -> None:
    with pytest.raises(ExpressionError) as caught:
        parse("貸款 + ;")
    assert str(caught.value).splitlines()[2] == "         ^"


@given(numbers(3) | conditions(3) | kpis(2))
def test_what_is_written_is_read_as_the_same_tree(tree: Node) -> None:
    text = written(tree)
    assert parse(text) == tree
    assert written(parse(text)) == text


def read_or_refused(text: str) -> Node | ExpressionError:
    """Parse a text; any other error than that of an expression comes through."""
    try:
        return parse(text)
    except ExpressionError as error:
        return error


PIECES = (
    "sum", "(", ")", "count", "where", "and", "or", "not", "in", "is", "missing", "true", "x",
    "outcome.loss", "'", '"', "`", "1", "5%", "1e", ",", "+", "-", "*", "/", "=", "<", ">=", " ",
    "--", ";", "/*", "\n", "\0", "貸", "=", "if", "coalesce", "share", "quantile", ".",
)  # fmt: skip


@example("1" + "0" * 400)
@example("²")
@example("x.²")
@given(st.text(max_size=60) | st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_any_text_is_read_or_refused_with_a_place(text: str) -> None:
    read = read_or_refused(text)
    if not isinstance(read, ExpressionError):
        assert parse(written(read)) == read
        return
    assert 0 <= read.position <= read.end <= len(text)
    assert read.place in str(read)
    copy = pickle.loads(pickle.dumps(read))  # noqa: S301 - our own bytes
    assert (str(copy), copy.position, copy.end) == (str(read), read.position, read.end)


@given(kpis(2), st.data())
def test_a_slip_of_the_finger_is_read_or_refused(tree: Node, data: st.DataObject) -> None:
    text = written(tree)
    place = data.draw(st.integers(0, len(text)))
    put = data.draw(st.sampled_from(["", *PIECES]))
    text = text[:place] + put + text[place + 1 :]
    read = read_or_refused(text)
    assert not isinstance(read, ExpressionError) or 0 <= read.position <= read.end <= len(text)
