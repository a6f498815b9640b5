"""Draw mutants of some modules by Cosmic Ray: ``cosmic_ray_mutants.py ROOT SEED COUNT FILE...``.

Runs in an environment of its own. A place of the code is drawn first and one of its mutants then,
so that an operator with many replacements has no more weight than another. Annotations and what
``@dataclass`` is told (``slots``, ``frozen``) compute nothing, and are left out. Prints one JSON
document.
"""

import ast
import json
import random
import sys
from collections import defaultdict
from pathlib import Path

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

Place = tuple[int, int]


def places_of(file: str, source: str) -> dict[tuple[str, Place, Place], list[tuple[str, int]]]:
    """Return every place that can be changed, and the changes there: (operator, occurrence)."""
    typed = annotated(source)
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
                if not any(low <= start < high for low, high in typed):
                    found[file, start, end].append((name, occurrence))
                occurrence += 1
    return found


def annotated(source: str) -> list[tuple[Place, Place]]:
    """Return where annotations and decorators of classes stand: line and column in characters."""
    lines = source.splitlines()
    wanted = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            wanted.append(node.returns)
        elif isinstance(node, ast.arg | ast.AnnAssign):
            wanted.append(node.annotation)
        elif isinstance(node, ast.ClassDef):
            wanted += node.decorator_list

    def place(line: int, offset: int) -> Place:
        return line, len(lines[line - 1].encode()[:offset].decode())

    return [
        (place(each.lineno, each.col_offset), place(each.end_lineno, each.end_col_offset))
        for each in wanted
        if each is not None and each.end_lineno is not None and each.end_col_offset is not None
    ]


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
        changed = mutate_code(sources[file], get_operator(name)(), occurrence)
        if changed is None or changed == sources[file]:
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
