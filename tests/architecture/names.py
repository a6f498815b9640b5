"""What names, classes and calls of the product's own modules may mean, by their syntax trees."""

import ast
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.architecture.syntax import (
    Function,
    Place,
    last_name,
    walk,
)

ARRANGING = {
    "str", "list", "tuple", "set", "frozenset", "sorted", "reversed", "iter", "next", "zip",
    "enumerate", "dict", "min", "max", "cast", "chain", "pairwise", "islice", "product",
}  # fmt: skip
"""Functions whose answer is made of what they are given: its pieces, or in another container."""


@dataclass(slots=True)
class Names:
    """The modules that are followed.

    Parameters
    ----------
    trees : mapping
        Dotted module name to its tree.
    builders : frozenset of str
        Packages whose functions build statements from parts that they quote themselves.
    tables : str
        The package whose names are such a builder's tables.
    """

    trees: Mapping[str, ast.Module]
    builders: frozenset[str] = frozenset({"sqlalchemy"})
    tables: str = "core.store.tables"
    functions: dict[str, list[tuple[Place, Function]]] = field(init=False)
    classes: dict[str, list[tuple[str, ast.ClassDef]]] = field(init=False)
    calls: dict[str, list[tuple[Place, ast.Call]]] = field(init=False)
    handed: dict[str, list[tuple[Place, ast.expr]]] = field(init=False)

    def __post_init__(self) -> None:
        self.functions, self.classes = defaultdict(list), defaultdict(list)
        self.calls, self.handed = defaultdict(list), defaultdict(list)
        for module, tree in self.trees.items():
            for place, node in walk(Place(module), tree):
                if isinstance(node, Function):
                    self.functions[node.name].append((place, node))
                elif isinstance(node, ast.ClassDef):
                    self.classes[node.name].append((module, node))
                elif isinstance(node, ast.Call):
                    self._note_call(place, node)

    def _note_call(self, place: Place, call: ast.Call) -> None:
        name = last_name(call.func)
        if name == "partial" and call.args:
            inner = ast.Call(func=call.args[0], args=call.args[1:], keywords=call.keywords)
            self.calls[last_name(call.args[0])].append((place, inner))
            return
        self.calls[name].append((place, call))
        # A function that is handed over is called by somebody who cannot be seen here.
        handed = [*call.args, *(each.value for each in call.keywords)]
        for each in handed:
            self.handed[last_name(each)].append((place, each))

    def home_of(self, name: str, module: str) -> str:
        """Return the module in which a name that is used in another was made."""
        tree = self.trees.get(module)
        for node in tree.body if tree else ():
            if not isinstance(node, ast.ImportFrom) or node.module in {None, module}:
                continue
            if name in {alias.asname or alias.name for alias in node.names}:
                return self.home_of(name, str(node.module))
        return module

    def module_of(self, value: ast.expr, place: Place) -> str | None:
        if not isinstance(value, ast.Name) or place.module not in self.trees:
            return None
        for node in self.trees[place.module].body:
            if isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    if (alias.asname or alias.name) == value.id:
                        dotted = f"{node.module}.{alias.name}"
                        return dotted if dotted in self.trees else None
        return None

    def is_builder(self, name: str, place: Place) -> bool:
        """Whether a name is imported from a builder, or is a table that one was made of."""
        tree = self.trees.get(place.module)
        for node in ast.walk(tree) if tree else ():
            if isinstance(node, ast.ImportFrom):
                if name in {alias.asname or alias.name for alias in node.names}:
                    root = (node.module or "").split(".")[0]
                    return root in self.builders or (node.module or "").startswith(self.tables)
            elif isinstance(node, ast.Import):
                for alias in node.names:
                    if (alias.asname or alias.name.split(".")[0]) == name:
                        return alias.name.split(".")[0] in self.builders
        return False
