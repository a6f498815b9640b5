"""Where the text of SQL comes from: read off the syntax trees, through names, calls and fields.

A text is ours if it is a constant, a number, made by one of a few trusted helpers, or put together
from such parts. A parameter is ours if every caller hands over what is; a field if every place that
sets it does. What cannot be followed is not ours. Types are believed where they leave no room for a
text: numbers, instants, and literals.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.architecture.names import ARRANGING
from tests.architecture.syntax import (
    NUMERIC,
    Function,
    Place,
    assignments,
    bindings,
    is_numeric,
    is_statement,
    last_name,
    parameter_of,
    parts_of,
    put_in,
    returns,
    target_of,
)
from tests.architecture.values import Values

Comprehension = ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp

SINKS = {
    "execute", "executemany", "executescript", "exec_driver_sql", "sql", "query", "from_query",
    "text", "literal_column", "DDL",
}  # fmt: skip
"""Calls whose first argument is SQL."""

_OF_KEYS = {"list", "tuple", "set", "frozenset", "sorted"}
_PASSING_METHODS = {
    "join", "replace", "strip", "lower", "upper", "format", "items", "values", "keys", "fromkeys",
    "get", "removeprefix", "removesuffix", "setdefault", "copy", "pop", "union",
}  # fmt: skip
_NUMBERS = {
    "int",
    "float",
    "len",
    "sum",
    "abs",
    "round",
    "bool",
    "hash",
    "ord",
    "isinstance",
    "range",
    "index",
}


@dataclass(slots=True)
class Program:
    """What runs SQL, and where the text of it comes from.

    Parameters
    ----------
    names : Values
        The modules that are followed.
    trusted : frozenset of str
        Functions and methods whose answer may stand in SQL.
    trusted_fields : frozenset of (str, str)
        Class and field whose value may stand in SQL.
    reviewed : frozenset of (str, str)
        Module and expression that a person has read and found to be ours.
    """

    names: Values
    trusted: frozenset[str] = frozenset()
    trusted_fields: frozenset[tuple[str, str]] = frozenset()
    reviewed: frozenset[tuple[str, str]] = frozenset()
    used: set[tuple[str, str]] = field(default_factory=set)
    _known: dict[tuple[object, ...], bool] = field(default_factory=dict)
    _alive: list[ast.expr] = field(default_factory=list)
    _asking: list[tuple[object, ...]] = field(default_factory=list)
    _blamed: dict[tuple[object, ...], tuple[ast.expr, Place]] = field(default_factory=dict)

    def sinks(self) -> Iterator[tuple[Place, ast.Call]]:
        """Yield every call that runs SQL, with the place where it stands."""
        for name in SINKS:
            yield from (each for each in self.names.calls[name] if each[1].args)

    def strangers(self) -> list[str]:
        """Return where a text is run as SQL that is not ours, and where that comes from."""
        sinks = list(self.sinks())
        while True:  # until nothing is taken for ours on the word of something that is not
            refused = sum(not each for each in self._known.values())
            self._known = {key: known for key, known in self._known.items() if not known}
            found = [each for each in sinks if not self.is_ours(each[1].args[0], each[0])]
            if sum(not each for each in self._known.values()) == refused:
                break
        return [
            f"{place.module}:{call.lineno} runs what {self.culprit(call.args[0], place)} puts in"
            for place, call in found
        ]

    def is_ours(self, node: ast.expr, place: Place) -> bool:
        """Whether every part of an expression is our own."""
        if (place.module, ast.unparse(node)) in self.reviewed:
            self.used.add((place.module, ast.unparse(node)))
            return True
        key = (id(node), place.module, id(place.function))
        if key not in self._known:
            self._alive.append(node)  # the cache goes by identity
            self._known[key] = True  # what only refers to itself adds nothing
            self._asking.append(key)
            self._known[key] = self._judge(node, place)
            self._asking.pop()
        if not self._known[key] and self._asking:
            self._blamed.setdefault(self._asking[-1], (node, place))
        return self._known[key]

    def culprit(self, node: ast.expr, place: Place) -> str:
        """Return where what is not ours comes in: the module, the line and the expression."""
        seen: set[tuple[object, ...]] = set()
        key = (id(node), place.module, id(place.function))
        while key in self._blamed and key not in seen:
            seen.add(key)
            node, place = self._blamed[key]
            key = (id(node), place.module, id(place.function))
        return f"{place.module}:{getattr(node, 'lineno', 0)} {ast.unparse(node)}"

    def _judge(self, node: ast.expr, place: Place) -> bool:
        if isinstance(node, ast.Constant | ast.Compare):
            return True
        if isinstance(node, ast.Name):
            return node.id in ARRANGING or self._name(node.id, place)
        if isinstance(node, ast.Call):
            return self._call(node, place)
        if isinstance(node, ast.Attribute):
            return self._attribute(node, place)
        if isinstance(node, ast.Subscript):
            return self._part(node, place)
        if isinstance(node, Comprehension):
            return all(self.is_ours(each, place) for each in parts_of(node))
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return True
        parts = parts_of(node)
        return bool(parts or isinstance(node, ast.List | ast.Tuple | ast.Dict)) and all(
            self.is_ours(each, place) for each in parts
        )

    def _part(self, node: ast.Subscript, place: Place) -> bool:
        """Judge one part of a value by itself, where the value is plainly a tuple."""
        index = node.slice.value if isinstance(node.slice, ast.Constant) else None
        if not isinstance(index, int):
            return self._side(node.value, place, 1)
        parts = self.names.taken_apart(node.value, index, place, 0)
        if parts is None:
            return self.is_ours(node.value, place)
        return all(self.is_ours(each, where) for where, each in parts)

    def _side(self, node: ast.expr, place: Place, side: int) -> bool:
        """Judge a mapping by its keys (0) or its values (1) alone, where it is plain."""
        if side == 0 and isinstance(node, ast.Attribute):
            owner = self.names.class_of(node.value, place)
            if (owner, node.attr) in self.trusted_fields:
                return False  # their keys are the names that others gave
        found = self.names.sides([(place, node)], side, 0)
        if found is None:
            return self.is_ours(node, place)
        return all(self.is_ours(each, where) for where, each in found)

    def _name(self, name: str, place: Place) -> bool:
        function = place.function
        if function is not None:
            bound = list(bindings(name, function))
            parameter = parameter_of(function, name)
            if bound or parameter is not None:
                return all(self.is_ours(each, place) for each in bound) and (
                    parameter is None or self._judge_parameter(parameter, place)
                )
        return self._global(name, place)

    def _global(self, name: str, place: Place) -> bool:
        tree = self.names.trees.get(place.module)
        if tree is None:
            return False
        for node in tree.body:
            if isinstance(node, ast.ImportFrom) and node.module != place.module:
                for alias in node.names:
                    if (alias.asname or alias.name) == name:
                        return self._global(alias.name, Place(node.module or ""))
        bound = list(bindings(name, tree))
        return bool(bound) and all(self.is_ours(each, Place(place.module)) for each in bound)

    def _judge_parameter(self, parameter: ast.arg, place: Place) -> bool:
        if place.function is None or is_numeric(parameter.annotation):
            return place.function is not None
        given = self.names.given_to(parameter.arg, place)
        return given is not None and all(self.is_ours(each, where) for where, each in given)

    def _call(self, call: ast.Call, place: Place) -> bool:
        name = last_name(call.func)
        if name in self.trusted or name in _NUMBERS or self._builds(call, place):
            return True
        given = [*call.args, *(each.value for each in call.keywords)]
        if name in _OF_KEYS and isinstance(call.func, ast.Name) and len(given) == 1:
            return self._side(given[0], place, 0)
        if name in ARRANGING | {"field"} and isinstance(call.func, ast.Name):
            return all(self.is_ours(each, place) for each in given)
        if name in {"keys", "values", "get"} and isinstance(call.func, ast.Attribute):
            return self._side(call.func.value, place, int(name != "keys")) and all(
                self.is_ours(each, place) for each in given[1:]
            )
        if name in _PASSING_METHODS and isinstance(call.func, ast.Attribute):
            return all(self.is_ours(each, place) for each in [call.func.value, *given])
        answers = self.names.answers(call, place)
        return bool(answers) and all(self.is_ours(each, where) for where, each in answers)

    def _builds(self, node: ast.expr, place: Place) -> bool:
        """Whether a statement is put together by a builder that quotes names and binds values."""
        if isinstance(node, ast.Call) and last_name(node.func) in SINKS - {"execute", "query"}:
            return bool(node.args) and self.is_ours(node.args[0], place)
        root: ast.expr = node
        while isinstance(root, ast.Attribute | ast.Subscript) or (
            isinstance(root, ast.Call) and not isinstance(root.func, ast.Name)
        ):
            root = root.func if isinstance(root, ast.Call) else root.value
        if isinstance(root, ast.Call):
            name = last_name(root.func)
            found = self.names.called(root, place)
            return self.names.is_builder(name, place) or (
                bool(found) and all(is_statement(each.returns) for _, each in found)
            )
        if not isinstance(root, ast.Name):
            return False
        return self.names.is_builder(root.id, place) or self._is_bound_statement(root.id, place)

    def _is_bound_statement(self, name: str, place: Place) -> bool:
        """Whether a name holds nothing but statements, and the same ones with a clause more."""
        if place.function is None:
            return False
        parameter = parameter_of(place.function, name)
        if parameter is not None and not is_statement(parameter.annotation):
            return False
        key = (name, place.module, id(place.function))
        if key not in self._known:
            bound = list(bindings(name, place.function))
            self._known[key] = True
            self._known[key] = bool(bound or parameter) and all(
                self._builds(each, place)
                or (
                    isinstance(each, ast.IfExp)
                    and all(self._builds(e, place) for e in parts_of(each))
                )
                for each in bound
            )
        return self._known[key]

    def _attribute(self, node: ast.Attribute, place: Place) -> bool:
        module = self.names.module_of(node.value, place)
        if module is not None:
            return self._global(node.attr, Place(module))
        name = self.names.class_of(node.value, place)
        if (name, node.attr) in self.trusted_fields or name in NUMERIC:
            return True
        classes = self.names.classes.get(name, [])
        judged = [self._field(node.attr, module, owner) for module, owner in classes]
        known = [each for each in judged if each is not None]
        return bool(known) and all(known)

    def _field(self, name: str, module: str, owner: ast.ClassDef) -> bool | None:
        """Whether a class's field is ours; ``None`` if it has no such field."""
        judged: list[bool] = []
        for node in owner.body:
            if isinstance(node, ast.AnnAssign) and target_of(node.target) == name:
                judged.append(
                    is_numeric(node.annotation) or self._set_by_callers(name, owner, node)
                )
            elif isinstance(node, Function) and node.name == name and node.decorator_list:
                place = Place(module, node, owner.name)
                judged.append(
                    is_numeric(node.returns)
                    or all(self.is_ours(each, place) for each in returns(node))
                )
            elif isinstance(node, ast.Assign):
                found = [node.value for target in node.targets if target_of(target) == name]
                judged += [self.is_ours(each, Place(module)) for each in found]
        for node in owner.body:
            if isinstance(node, Function):
                place = Place(module, node, owner.name)
                judged += [
                    self.is_ours(value, place)
                    for target, value in assignments(node)
                    if isinstance(target, ast.Attribute)
                    and target.attr == name
                    and target_of(target.value) == "self"
                ]
                judged += [
                    self.is_ours(each, place)
                    for holder, call in put_in(node)
                    if isinstance(holder, ast.Attribute) and holder.attr == name
                    for each in call.args
                ]
        return all(judged) if judged else None

    def _set_by_callers(self, name: str, owner: ast.ClassDef, node: ast.AnnAssign) -> bool:
        fields = [
            target_of(each.target)
            for each in owner.body
            if isinstance(each, ast.AnnAssign) and "init=False" not in ast.unparse(each)
        ]
        if name not in fields:
            return True  # set by the class's own methods, which are looked at as well
        place = fields.index(name)
        home = self.names.classes[owner.name]
        calls = [
            each
            for each in self.names.calls[owner.name]
            if (self.names.home_of(owner.name, each[0].module), owner) in home
        ]
        values: list[tuple[Place, ast.expr | None]] = []
        for where, call in calls:
            named = [each.value for each in call.keywords if each.arg == name]
            if named or place < len(call.args):
                values.append((where, named[0] if named else call.args[place]))
            else:
                values.append((where, node.value))
        for where, call in self.names.calls["replace"]:
            if call.args and self.names.class_of(call.args[0], where) not in {owner.name, ""}:
                continue
            values += [(where, each.value) for each in call.keywords if each.arg == name]
        return bool(calls) and all(
            value is not None and self.is_ours(value, where) for where, value in values
        )
