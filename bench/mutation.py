"""``python -m bench.mutation``: how many small changes of the code the tests notice.

Cosmic Ray changes one place of a module at a time, places being drawn by a seed; the tests that
mirror the module run on a copy of the committed tree, then those that import it or lie in its
folder. A change that no test notices survives: either a test is missing, or the change alters
nothing that can be seen. The score is the share noticed, with its 95 % interval by Wilson.
"""

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from queue import SimpleQueue

from bench.environments import Peer, python_of
from bench.measure import run_child
from bench.mutation_tests import judges_of
from bench.mutation_tree import Outcome, Tree, copy_of_the_tree
from bench.runner import PROJECT_ROOT, last_document
from core.metrics.intervals import wilson

COSMIC_RAY = Peer("cosmic_ray", "Cosmic Ray", "cosmic_ray_mutants.py")
GROUPS = {
    "auth": ("core/auth/**/*.py",),
    "audit": (*("core/proof/**/*.py", "core/store/audit/**/*.py", "core/services/audit/**/*.py"),),
    "metrics": ("core/metrics/**/*.py",),
}
_DRAW_S = 600.0


@dataclass(frozen=True, slots=True)
class Mutant:
    """A changed module.

    Parameters
    ----------
    file, line : str, int
        What was changed, and where.
    operator : str
        Cosmic Ray's name of the change.
    before, after : str
        The line.
    source : str
        The whole module, changed.
    """

    file: str
    line: int
    operator: str
    before: str
    after: str
    source: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """A mutant, and who noticed it."""

    mutant: Mutant
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Score:
    """What became of the mutants of a group.

    Parameters
    ----------
    group : str
        Its name.
    files, places : int
        Modules, and places in them that can be changed.
    verdicts : tuple of Verdict
        One for each mutant whose tests pass without it.
    """

    group: str
    files: int
    places: int
    verdicts: tuple[Verdict, ...]

    def count(self, *outcomes: Outcome) -> int:
        """Return how many mutants ended so."""
        return sum(each.outcome in outcomes for each in self.verdicts)

    @property
    def judged(self) -> int:
        """Mutants whose tests could tell."""
        return len(self.verdicts) - self.count(Outcome.unfit)

    @property
    def noticed(self) -> int:
        """Mutants that a test noticed, or that never came to an end."""
        return self.judged - self.count(Outcome.survived)

    @property
    def share(self) -> float | None:
        """Noticed of judged; None without any."""
        return self.noticed / self.judged if self.judged else None


def main(argv: Sequence[str] | None = None) -> int:
    """Run the mutants, print the scores and what survived."""
    parser = argparse.ArgumentParser(prog="python -m bench.mutation", description=__doc__)
    parser.add_argument("--group", choices=GROUPS, action="append", help="one of them only")
    parser.add_argument("--file", action="append", help="only modules whose path contains this")
    parser.add_argument("--mutants", type=int, default=150, help="of each group (150)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--cache", type=Path, default=PROJECT_ROOT / "var" / "bench")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every verdict here too")
    options = parser.parse_args(argv)
    scores = []
    for group in options.group or GROUPS:
        files = files_of(group, options.file or [""])
        scores.append(score(group, files, options))
        print(told(scores[-1]), flush=True)
        if options.json:
            options.json.write_text(json.dumps(document(scores)), "utf-8")
    return 0


def files_of(group: str, parts: Sequence[str] = ("",)) -> list[str]:
    """Return the modules of a group whose path contains one of some parts."""
    found = {
        path.relative_to(PROJECT_ROOT).as_posix()
        for pattern in GROUPS[group]
        for path in PROJECT_ROOT.glob(pattern)
    }
    return sorted(each for each in found if any(part in each for part in parts))


def score(group: str, files: Sequence[str], options: argparse.Namespace) -> Score:
    """Draw the mutants of a group and let the tests judge them."""
    options.cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="mutants-", dir=options.cache) as scratch:
        trees: SimpleQueue[Tree] = SimpleQueue()
        first = copy_of_the_tree(PROJECT_ROOT, Path(scratch) / "tree-0")
        known = [each for each in files if (first.root / each).is_file()]
        places, mutants = draw(first.root, known, options)
        trees.put(first)
        for number in range(1, options.workers):
            root = Path(scratch) / f"tree-{number}"
            shutil.copytree(first.root, root, symlinks=True)
            trees.put(Tree(root))
        judge = _judge(trees, len(mutants))
        with ThreadPoolExecutor(options.workers) as pool:
            verdicts = tuple(pool.map(judge, mutants))
    return Score(group, len(known), places, verdicts)


def draw(root: Path, files: Sequence[str], options: argparse.Namespace) -> tuple[int, list[Mutant]]:
    """Return how many places can be changed, and the mutants that the seed draws."""
    python = python_of(COSMIC_RAY, options.cache.resolve())
    command = [str(python), str(COSMIC_RAY.runner), str(root)]
    command += [str(options.seed), str(options.mutants), *files]
    child = run_child(command, env={}, folder=root, timeout_s=_DRAW_S)
    found = last_document(child.output)
    return int(found["places"]), [Mutant(**each) for each in found["mutants"]]


def _judge(trees: "SimpleQueue[Tree]", count: int) -> Callable[[Mutant], Verdict]:
    done = SimpleQueue[int]()

    def judge(mutant: Mutant) -> Verdict:
        tree = trees.get()
        try:
            outcome = tree.judge(mutant.file, mutant.source, judges_of(tree.root, mutant.file))
        finally:
            trees.put(tree)
        done.put(1)
        where = f"{mutant.file}:{mutant.line} {mutant.operator}"
        print(f"{done.qsize()}/{count} {outcome} {where}", file=sys.stderr, flush=True)
        return Verdict(mutant, outcome)

    return judge


def told(found: Score) -> str:
    """Return the score of a group and its survivors as text."""
    if found.share is None:
        return f"{found.group}: no mutant could be judged"
    band = wilson(found.noticed, found.judged)
    lines = [
        f"{found.group}: {found.noticed} of {found.judged} mutants noticed, {found.share:.1%} "
        f"(95 %: {float(band.low):.1%} to {float(band.high):.1%}); {found.places:,} places in "
        f"{found.files} modules",
        *(
            f"  {each.mutant.file}:{each.mutant.line} {each.mutant.operator}\n"
            f"    - {each.mutant.before}\n    + {each.mutant.after}"
            for each in found.verdicts
            if each.outcome is Outcome.survived
        ),
    ]
    return "\n".join(lines)


def document(scores: Sequence[Score]) -> dict[str, object]:
    """Return everything but the changed modules themselves, for a file."""
    return {
        each.group: {
            "files": each.files,
            "places": each.places,
            "verdicts": [
                {
                    **{k: v for k, v in asdict(verdict.mutant).items() if k != "source"},
                    "outcome": verdict.outcome,
                }
                for verdict in each.verdicts
            ],
        }
        for each in scores
    }


if __name__ == "__main__":
    raise SystemExit(main())
