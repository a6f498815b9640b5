"""What a value is made of, which class it has, and which functions a call may mean."""

import ast

from tests.architecture.names import ARRANGING, Names
from tests.architecture.syntax import (
    Function,
    Parts,
    Place,
    annotations,
    bindings,
    class_in,
    given,
    last_name,
    parameter_of,
    parts_of,
    returns,
    set_items,
    set_whole,
)

_DEEPEST = 8


class Values(Names):
    """The modules that are followed, and what their expressions are put together from."""

    def given_to(self, parameter: str, place: Place) -> Parts | None:
        """Return what every caller hands over; ``None`` if there is a caller that is not seen."""
        function = place.function
        if function is None or self.is_handed_over(function, place):
            return None
        name = (place.owner or "") if function.name == "__init__" else function.name
        calls = [each for each in self.calls[name] if self.may_mean(*each, function, place)]
        found: Parts = []
        for where, call in calls:
            value = given(call, function, parameter, is_method=bool(place.owner))
            if value is None:
                return None
            found.append((where, value))
        return found or None

    def answers(self, call: ast.Call, place: Place) -> Parts:
        """Return what the functions that a call may mean answer."""
        return [
            (Place(where.module, function, where.owner), each)
            for where, function in self.called(call, place)
            for each in returns(function)
        ]

    def sides(self, nodes: Parts, side: int, depth: int) -> Parts | None:
        found: Parts = []
        for where, node in nodes:
            some = self.side_of(node, where, side, depth) if depth < _DEEPEST else None
            if some is None:
                return None
            found += some
        return found

    def side_of(self, node: ast.expr, place: Place, side: int, depth: int) -> Parts | None:
        inside: Parts = []
        plain: Parts = []
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if key is None:
                    inside.append((place, value))
                else:
                    plain.append((place, (key, value)[side]))
        elif isinstance(node, ast.DictComp):
            plain = [(place, (node.key, node.value)[side])]
        elif isinstance(node, ast.BinOp):
            inside = [(place, node.left), (place, node.right)]
        elif isinstance(node, ast.Name):
            body: ast.AST | None = place.function or self.trees.get(place.module)
            if body is None:
                return None
            if place.function and parameter_of(place.function, node.id):
                handed = self.given_to(node.id, place)
                return None if handed is None else self.sides(handed, side, depth + 1)
            plain = [(place, each[side]) for each in set_items(node.id, body)]
            inside = [(place, each) for each in set_whole(node.id, body)]
            if not inside:
                return None
        elif isinstance(node, ast.Call) and last_name(node.func) == "fromkeys":
            plain = [(place, node.args[side])] if side < len(node.args) else []
        elif isinstance(node, ast.Call):
            inside = self.answers(node, place)
            if not inside:
                return None
        else:
            return None
        rest = self.sides(inside, side, depth + 1)
        return None if rest is None else plain + rest

    def taken_apart(self, value: ast.expr, index: int, place: Place, depth: int) -> Parts | None:
        """Return the parts at a place of every tuple that a value may be or hold."""
        if isinstance(value, ast.Tuple):
            whole = index < len(value.elts) and not any(
                isinstance(each, ast.Starred) for each in value.elts
            )
            return [(place, value.elts[index])] if whole else None
        inside: Parts = []
        if isinstance(value, ast.List):
            inside = [(place, each) for each in value.elts]
        elif isinstance(value, ast.ListComp | ast.GeneratorExp):
            inside = [(place, value.elt)]
        elif isinstance(value, ast.IfExp):
            inside = [(place, value.body), (place, value.orelse)]
        elif isinstance(value, ast.Name) and place.function is not None:
            if parameter_of(place.function, value.id) is not None:
                return None
            inside = [(place, each) for each in bindings(value.id, place.function)]
        elif isinstance(value, ast.Call):
            inside = self.answers(value, place)
            if not inside:
                return None
        else:
            return None
        found: Parts = []
        for where, each in inside if depth < _DEEPEST else ():
            parts = self.taken_apart(each, index, where, depth + 1)
            if parts is None:
                return None
            found += parts
        return found if depth < _DEEPEST else None

    def is_handed_over(self, function: Function, place: Place) -> bool:
        """Whether a function is given to somebody who calls it with what cannot be seen here."""
        for where, node in self.handed[function.name]:
            if isinstance(node, ast.Name) and not place.owner:
                is_local = where.function is not None and (
                    parameter_of(where.function, node.id) is not None
                    or any(True for _ in bindings(node.id, where.function))
                )
                if not is_local and self.home_of(node.id, where.module) == place.module:
                    return True
            elif (
                isinstance(node, ast.Attribute)
                and place.owner
                and self.class_of(node.value, where) in {place.owner, ""}
            ):
                return True
        return False

    def may_mean(self, where: Place, call: ast.Call, function: Function, place: Place) -> bool:
        """Whether a call by a function's name may be a call of that very function."""
        if function.name == "__init__":
            return self.home_of(place.owner or "", where.module) == place.module
        if isinstance(call.func, ast.Name):
            return not place.owner and self.home_of(function.name, where.module) == place.module
        if not isinstance(call.func, ast.Attribute):
            return True
        module = self.module_of(call.func.value, where)
        if module is not None or not place.owner:
            return module == place.module and not place.owner
        owner = self.class_of(call.func.value, where)
        return owner == place.owner or owner not in self.classes

    def called(self, call: ast.Call, place: Place, depth: int = 0) -> list[tuple[Place, Function]]:
        """Return the functions that a call may mean; all of a name, if nothing tells which."""
        name = last_name(call.func)
        known = self.functions.get(name, [])
        if isinstance(call.func, ast.Subscript) and isinstance(call.func.value, ast.Dict):
            each = [ast.Call(value, call.args, call.keywords) for value in call.func.value.values]
            return [found for one in each for found in self.called(one, place, depth)]
        if isinstance(call.func, ast.Name):
            home = self.home_of(name, place.module)
            return [each for each in known if each[0].owner is None and each[0].module == home]
        if not isinstance(call.func, ast.Attribute):
            return []
        module = self.module_of(call.func.value, place)
        if module is not None:
            return [each for each in known if each[0].module == module and not each[0].owner]
        owner = self.class_of(call.func.value, place, depth + 1)
        return [each for each in known if each[0].owner == owner] if owner else []

    def class_of(self, node: ast.expr, place: Place, depth: int = 0) -> str:
        """Return the class of a value, or of its elements, as far as annotations tell it."""
        if depth > 6:
            return ""
        if isinstance(node, ast.Name):
            if node.id in {"self", "cls"}:
                return place.owner or ""
            if place.function is None:
                return ""
            parameter = parameter_of(place.function, node.id)
            if parameter is not None:
                return class_in(parameter.annotation)
            found = {
                self.class_of(each, place, depth + 1) for each in bindings(node.id, place.function)
            }
            return found.pop() if len(found) == 1 else ""
        if isinstance(node, ast.Attribute):
            owner = self.class_of(node.value, place, depth + 1)
            return next(
                (
                    class_in(annotation)
                    for _, each in self.classes.get(owner, [])
                    for name, annotation in annotations(each)
                    if name == node.attr
                ),
                "",
            )
        if isinstance(node, ast.Call):
            name = last_name(node.func)
            if name in self.classes:
                return name
            if name in ARRANGING and node.args:
                return self.class_of(node.args[0], place, depth + 1)
            if name in {"keys", "values", "items", "get"} and isinstance(node.func, ast.Attribute):
                return self.class_of(node.func.value, place, depth + 1)
            known = {class_in(each.returns) for _, each in self.called(node, place, depth + 1)}
            return known.pop() if len(known) == 1 else ""
        if isinstance(node, ast.BoolOp | ast.IfExp):
            found = {self.class_of(each, place, depth + 1) for each in parts_of(node)}
            return found.pop() if len(found) == 1 else ""
        if isinstance(node, ast.Subscript):
            index = node.slice.value if isinstance(node.slice, ast.Constant) else None
            parts = (
                self.taken_apart(node.value, index, place, 0) if isinstance(index, int) else None
            )
            if parts:
                found = {self.class_of(each, where, depth + 1) for where, each in parts}
                return found.pop() if len(found) == 1 else ""
            return self.class_of(node.value, place, depth + 1)
        return ""
