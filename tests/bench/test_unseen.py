import pytest

from bench.peers.unseen import unseen

SOURCE = """\
@dataclass(frozen=True)
class Kept:
    é: int | None = 1 - 2


@lru_cache(maxsize=8)
@wraps(one - two)
def f(ü: "é" | A, *rest: B | C, k=d | e) -> D | E:
    x: F | G = 1 | 2
    return x
_AT_ONCE = 50_000
_MOST = 60
read(options={"yield_per": 1_000, "limit": 2_000})
pack(level=7, compresslevel=6)
if TYPE_CHECKING:
    import a
if CHECKED:
    import b
"""


def texts() -> set[str]:
    lines = SOURCE.splitlines()
    return {
        lines[line - 1][begin:end] for (line, begin), (last, end) in unseen(SOURCE) if line == last
    }


def test_what_computes_nothing_is_found_where_it_stands() -> None:
    assert texts() == {
        "@dataclass(frozen=True)",
        "int | None",
        "@lru_cache(maxsize=8)",
        '"é" | A',
        "B | C",
        "D | E",
        "F | G",
        "TYPE_CHECKING",
        "50_000",
        "1_000",
        "6",
    }


@pytest.mark.parametrize(
    "text", ["d | e", "1 | 2", "1 - 2", "wraps(one - two)", "CHECKED", "60", "2_000", "7"]
)
def test_defaults_values_and_other_decorators_compute_something(text: str) -> None:
    assert text in SOURCE
    assert not any(text == each or f" {text}" in each for each in texts())
