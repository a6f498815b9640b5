"""Draw mutants of some modules by Cosmic Ray: ``cosmic_ray_mutants.py ROOT SEED COUNT FILE...``.

Runs in an environment of its own. A place of the code is drawn first and one of its mutants then,
so that an operator with many replacements has no more weight than another. What computes nothing
(:mod:`unseen`) is left out, and so is what would be no Python. Prints one JSON document.
"""

import json
import random
import sys
from collections import defaultdict
from pathlib import Path

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names
from unseen import Place, unseen


def places_of(file: str, source: str) -> dict[tuple[str, Place, Place], list[tuple[str, int]]]:
    """Return every place that can be changed, and the changes there: (operator, occurrence)."""
    idle = unseen(source)
    tree = get_ast(source)
    found = defaultdict(list)
    for name in operator_names():
        operator_class = get_operator(name)
        if operator_class.arguments():
            continue
        operator = operator_class()
        occurrence = 0
        for node in ast_nodes(tree):
            for start, end in operator.mutation_positions(node):
                if not any(low <= start < high for low, high in idle):
                    found[file, start, end].append((name, occurrence))
                occurrence += 1
    return found


def _changed(source: str, operator: str, occurrence: int) -> str | None:
    """Return the module with one change, or None if Cosmic Ray cannot make it."""
    try:
        return mutate_code(source, get_operator(operator)(), occurrence)
    except AttributeError:  # version 8.7 at a dotted name in the tuple of an except
        return None


def _is_python(source: str) -> bool:
    try:
        compile(source, "changed", "exec", dont_inherit=True)
    except SyntaxError:
        return False
    return True


def main(root: str, seed: str, count: str, *files: str) -> None:
    """Print the mutants that a seed draws."""
    sources = {file: (Path(root) / file).read_text(encoding="utf-8") for file in files}
    places = {}
    for file, source in sources.items():
        places.update(places_of(file, source))
    dice = random.Random(int(seed))
    order = sorted(places)
    dice.shuffle(order)
    mutants: list[dict[str, object]] = []
    for file, start, end in order:
        if len(mutants) == int(count):
            break
        name, occurrence = dice.choice(places[file, start, end])
        changed = _changed(sources[file], name, occurrence)
        if changed is None or changed == sources[file] or not _is_python(changed):
            continue
        mutants.append(
            {
                "file": file,
                "line": start[0],
                "operator": name.partition("/")[2],
                "before": sources[file].splitlines()[start[0] - 1].strip(),
                "after": [*changed.splitlines(), *[""] * start[0]][start[0] - 1].strip(),
                "source": changed,
            }
        )
    print(json.dumps({"places": len(places), "mutants": mutants}))


if __name__ == "__main__":
    main(*sys.argv[1:])
