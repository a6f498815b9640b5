"""``python -m bench.counterfactuals``: what would have led to another result, ours beside DiCE's.

The demo's declined loans are changed by ``core.metrics.counterfactual`` and by DiCE (Mothilal,
Sharma and Tan 2020), which may change the same fields as far. Every changed loan of either is
judged alike: scored again by the model, held against the contract, and measured.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.counterfactual_cases import MODEL, Judged, Scene, a_scene, judge, limits_of, row_of
from bench.environments import NotInstalled, Peer, python_of
from bench.measure import ChildFailed, run_child
from bench.runner import PROJECT_ROOT, last_document
from core.metrics.counterfactual import Counterfactual, find
from core.metrics.one_thread import one_thread
from core.services.registry.artefacts import TRUSTED_TYPES

DICE = Peer("dice_ml", "DiCE", "dice_changes.py")
METHODS = ("random", "genetic", "kdtree")
MOST = 3
OURS = "harbourlight"
_NONE = "none"
_TIMEOUT_S = 3600.0
_HEADERS = (
    *("who", "loans with a change", "changes", "scored again: hold", "allowed"),
    *("fields changed", "nearest change", "where both found one: own / ours"),
    *("near a real case", "ms a loan (CPU)"),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody found for one loan.

    Parameters
    ----------
    judged : tuple of Judged
        Each changed version.
    cpu_s : float
        Processor seconds.
    said : str
        What went wrong, if anything did.
    """

    judged: tuple[Judged, ...]
    cpu_s: float
    said: str = ""

    @property
    def nearest(self) -> float | None:
        """The smallest valid change; None without one."""
        return min((each.distance for each in self.judged if each.valid), default=None)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the bench, print the table, and return 1 if one of our own changes does not hold."""
    options = _options(argv)
    scene = a_scene(options.loans, options.seed)
    answers = {OURS: ours(scene)}
    try:
        answers |= dice(scene, options) if options.methods != _NONE else {}
    except (NotInstalled, ChildFailed) as error:
        print(f"No figures for DiCE: {error}", file=sys.stderr)
    print(f"{len(scene.loans)} declined loans, {len(scene.cases)} real cases\n")
    print(table(answers))
    for name, each in answers.items():
        for said, count in Counter(answer.said for answer in each if answer.said).items():
            print(f"\n{name}, {count} loans: {said}")
    return int(not all(each.valid for answer in answers[OURS] for each in answer.judged))


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.counterfactuals", description=__doc__)
    parser.add_argument("--loans", type=int, default=100, help="declined loans (100)")
    parser.add_argument("--seed", type=int, default=0, help="of loans, cases and DiCE's draws")
    parser.add_argument("--methods", default=",".join(METHODS), help="which of DiCE's, or none")
    parser.add_argument(
        "--limit", type=float, default=5.0, help="processor seconds that DiCE has for a loan (5)"
    )
    parser.add_argument("--cache", type=Path, default=PROJECT_ROOT / "var" / "bench")
    return parser.parse_args(argv)


def ours(scene: Scene) -> list[Answer]:
    """Return our changes of each loan."""
    answers = []
    for place in range(len(scene.loans)):
        row = row_of(scene.loans, place)
        used = time.process_time()
        with one_thread():
            found = find(scene.score, row, scene.levers, scene.background, scene.goal)
        seconds = time.process_time() - used
        changed = [changed_row(row, each) for each in found.results]
        answers.append(Answer(tuple(judge(scene, row, changed)), seconds))
    return answers


def changed_row(row: Mapping[str, Any], found: Counterfactual) -> dict[str, Any]:
    """Return a loan as a change makes it."""
    return {**row, **{each.field: each.after for each in (*found.changes, *found.moved)}}


def dice(scene: Scene, options: argparse.Namespace) -> dict[str, list[Answer]]:
    """Return DiCE's changes of each loan, by method.

    Raises
    ------
    NotInstalled, ChildFailed
        If it cannot be installed, or fails.
    """
    python = python_of(DICE, options.cache.resolve())
    rows = [row_of(scene.loans, place) for place in range(len(scene.loans))]
    with tempfile.TemporaryDirectory() as folder:
        task = Path(folder) / "task.json"
        _write_task(scene, rows, task, options)
        child = run_child(
            [str(python), str(DICE.runner), str(task)],
            env={},
            folder=PROJECT_ROOT,
            timeout_s=_TIMEOUT_S,
        )
    document = last_document(child.output)
    return {
        f"DiCE {document['version']}, {method}": [
            Answer(tuple(judge(scene, row, each["rows"])), each["cpu_s"], each["said"])
            for row, each in zip(rows, found, strict=True)
        ]
        for method, found in document["found"].items()
    }


def _write_task(
    scene: Scene, rows: Sequence[Mapping[str, Any]], path: Path, options: argparse.Namespace
) -> None:
    for name, frame in (("cases", scene.cases), ("loans", scene.loans)):
        frame.to_parquet(path.with_name(f"{name}.parquet"))
    document = {
        "model": str(MODEL),
        "trusted": sorted(TRUSTED_TYPES),
        "place": scene.place,
        "cut_off": scene.goal.limit,
        "cases": str(path.with_name("cases.parquet")),
        "loans": str(path.with_name("loans.parquet")),
        "numeric": sorted(scene.background.numbers),
        "limits": [limits_of(scene, row) for row in rows],
        "methods": options.methods.split(","),
        "most": MOST,
        "seed": options.seed,
        "limit_s": options.limit,
    }
    path.write_text(json.dumps(document), encoding="utf-8")


def table(answers: Mapping[str, Sequence[Answer]]) -> str:
    """Return a line for each side in Markdown, the first being ours.

    Means are of valid changes. ``nearest change`` is the mean over loans of the smallest one;
    beside it stand its mean and ours for the loans that both found one for.
    """
    first = next(iter(answers.values()))
    rule = "|".join(["---", *["--:"] * (len(_HEADERS) - 1)])
    lines = [f"| {' | '.join(_HEADERS)} |", f"|{rule}|"]
    lines += [f"| {' | '.join(_cells(name, side, first))} |" for name, side in answers.items()]
    return "\n".join(lines)


def _cells(name: str, side: Sequence[Answer], first: Sequence[Answer]) -> tuple[str, ...]:
    judged = [each for answer in side for each in answer.judged]
    valid = [each for each in judged if each.valid]
    nearest = [answer.nearest for answer in side if answer.nearest is not None]
    both = [
        (each.nearest, other.nearest)
        for each, other in zip(side, first, strict=True)
        if each.nearest is not None and other.nearest is not None
    ]
    return (
        name,
        f"{len(nearest)} of {len(side)}",
        str(len(judged)),
        _share([each.reaches for each in judged]),
        _share([each.allowed for each in judged]),
        _mean([float(each.fields) for each in valid]),
        _mean(nearest),
        f"{_mean([own for own, _ in both])} / {_mean([one for _, one in both])} ({len(both)})",
        _share([each.plausible for each in valid]),
        _mean([1000 * answer.cpu_s for answer in side], digits=0),
    )


def _share(found: Sequence[bool]) -> str:
    return f"{100 * statistics.fmean(found):.0f} %" if found else "–"


def _mean(found: Sequence[float], digits: int = 2) -> str:
    return f"{statistics.fmean(found):,.{digits}f}" if found else "–"


if __name__ == "__main__":
    sys.exit(main())
