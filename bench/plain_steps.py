"""The yardstick's rows: the plain aggregate as a whole process and inside one."""

from bench.figures import Figure, Scope
from bench.measure import ChildFailed
from bench.runner import Runner, inside_usages

_LABEL = "plain DuckDB aggregate by day and version"


def plain_figures(runner: Runner) -> list[Figure]:
    """Time the plain aggregate both ways.

    Raises
    ------
    ChildFailed
        If it fails: there is nothing to compare with then.
    """
    runner.tell("Plain DuckDB aggregate …")
    rows = runner.dataset.rows
    whole = tuple(runner.inside("plain", 1)[0].usage for _ in range(runner.repeats))
    # The first run reads the files' pages and footers for the others.
    child, document = runner.inside("plain", runner.repeats + 1)
    if document["groups"] < 1:
        raise ChildFailed("the plain aggregate found no rows")
    warm = inside_usages(child, document["runs"][1:])
    return [
        Figure("plain_process", _LABEL, Scope.process, rows, whole),
        Figure("plain_inside", f"{_LABEL}, warm", Scope.inside, rows, warm),
    ]
