from bench.findings import Table
from bench.parts.markdown import tables_in

TEXT = """2 loans

### First world

640 months.

| who | loans |
|---|--:|
| ours | 1 |
| peer | – |
| no rule

| a |
|:-:|
| b |
"""


def test_tables_are_read_with_the_line_before_them() -> None:
    assert tables_in(TEXT) == (
        Table(("who", "loans"), (("ours", "1"), ("peer", "–"), ("no rule",)), "640 months."),
        Table(("a",), (("b",),)),
    )


def test_a_line_with_bars_is_no_table() -> None:
    assert tables_in("| a | b |\n\n| c |\n") == ()
    assert tables_in("nothing") == ()
