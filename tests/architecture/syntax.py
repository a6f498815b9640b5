"""Python's syntax trees, as far as following a value through them takes."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

Function = ast.FunctionDef | ast.AsyncFunctionDef
NUMERIC = {"int", "float", "bool", "datetime", "date", "None"}

_STATEMENTS = {"Select", "Insert", "Update", "Delete", "Executable", "Table", "ColumnElement"}


@dataclass(frozen=True, slots=True)
class Place:
    """A function's body, or a module's, in which a name has a meaning."""

    module: str
    function: Function | None = None
    owner: str | None = None


Parts = list[tuple[Place, ast.expr]]


def class_in(annotation: ast.expr | None) -> str:
    """Return the one class of ours that a type is about: of ``tuple[Field, ...]`` it is Field."""
    if annotation is None:
        return ""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        return annotation.value
    if isinstance(annotation, ast.BinOp):
        return class_in(annotation.left) or class_in(annotation.right)
    if isinstance(annotation, ast.Subscript):
        inner = annotation.slice
        parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
        named = [class_in(each) for each in parts if not isinstance(each, ast.Constant)]
        return named[-1] if named else ""
    return last_name(annotation)


def annotations(owner: ast.ClassDef) -> Iterator[tuple[str, ast.expr | None]]:
    """Yield the fields and properties of a class with their types."""
    for node in owner.body:
        if isinstance(node, ast.AnnAssign):
            yield target_of(node.target), node.annotation
        elif isinstance(node, Function):
            yield node.name, node.returns
            if node.name == "__init__":
                named = {each.arg: each.annotation for each in node.args.args}
                for target, value in assignments(node):
                    value = value.value if isinstance(value, ast.Subscript) else value
                    if isinstance(target, ast.Attribute) and isinstance(value, ast.Name):
                        yield target.attr, named.get(value.id)


def walk(place: Place, node: ast.AST) -> Iterator[tuple[Place, ast.AST]]:
    """Yield every node below another with the function that it stands in."""
    waiting = [(place, child) for child in ast.iter_child_nodes(node)]
    while waiting:
        where, child = waiting.pop()
        yield where, child
        if isinstance(child, Function):
            # A function inside another sees the other's names: it is followed as a part of it.
            inside = where if where.function else Place(where.module, child, where.owner)
        elif isinstance(child, ast.ClassDef):
            inside = Place(where.module, None, child.name)
        else:
            inside = where
        waiting += [(inside, each) for each in ast.iter_child_nodes(child)]


def last_name(node: ast.expr) -> str:
    """Return the last part of a dotted name."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def is_numeric(annotation: ast.expr | None) -> bool:
    """Whether a type leaves no room for a text that somebody else wrote."""
    if annotation is None:
        return False
    if isinstance(annotation, ast.BinOp):
        return is_numeric(annotation.left) and is_numeric(annotation.right)
    if isinstance(annotation, ast.Constant):
        return annotation.value is None
    if isinstance(annotation, ast.Subscript):
        outer = last_name(annotation.value)
        inner = annotation.slice
        parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
        if outer == "Literal":
            return True
        kept = [each for each in parts if not isinstance(each, ast.Constant)]
        return outer in {"tuple", "list", "Sequence", "Iterable", "set", "frozenset"} and all(
            is_numeric(each) for each in kept
        )
    return last_name(annotation) in NUMERIC


@cache
def assignments(node: ast.AST) -> tuple[tuple[ast.expr, ast.expr], ...]:
    """Return each target below a node with what it is set to, pair by pair where that is plain."""
    return tuple(_assignments(node))


def _assignments(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    for each in ast.walk(node):
        if isinstance(each, ast.Assign):
            for target in each.targets:
                yield from pairs(target, each.value)
        elif isinstance(each, ast.AnnAssign | ast.NamedExpr | ast.AugAssign) and each.value:
            yield each.target, each.value
        elif isinstance(each, ast.For | ast.comprehension):
            if isinstance(each.target, ast.Name):
                yield each.target, keys_of(each.iter)
            elif isinstance(each.iter, ast.Tuple | ast.List):
                for item in each.iter.elts:
                    yield from pairs(each.target, item)
            else:
                yield from pairs(each.target, each.iter)
        elif isinstance(each, ast.withitem) and each.optional_vars is not None:
            yield each.optional_vars, each.context_expr


def bindings(name: str, node: ast.AST) -> Iterator[ast.expr]:
    """Yield what a name is set to below a node; an element stands for all of its container."""
    for target, value in assignments(node):
        if isinstance(target, ast.Tuple):
            for place, each in enumerate(target.elts):
                if name in names_below(each):
                    yield item_of(value, place)
        elif isinstance(target, ast.Subscript):
            if name in names_below(target.value):
                yield from (value, target.slice)
        elif name in names_below(target):
            yield value
    for holder, call in put_in(node):
        if isinstance(holder, ast.Name) and holder.id == name:
            yield from call.args


@cache
def names_below(node: ast.AST) -> frozenset[str]:
    """Return the names in an expression."""
    return frozenset(each.id for each in ast.walk(node) if isinstance(each, ast.Name))


@cache
def put_in(node: ast.AST) -> tuple[tuple[ast.expr, ast.Call], ...]:
    """Return each container that something is put into later on, with the call that does it."""
    return tuple(_put_in(node))


def _put_in(node: ast.AST) -> Iterator[tuple[ast.expr, ast.Call]]:
    for each in ast.walk(node):
        if isinstance(each, ast.Call) and isinstance(each.func, ast.Attribute):
            method = each.func.attr
            if method in {"append", "extend", "add", "insert", "update", "setdefault"}:
                yield each.func.value, each


def set_whole(name: str, node: ast.AST) -> Iterator[ast.expr]:
    """Yield what a name is set to as a whole."""
    for target, value in assignments(node):
        if isinstance(target, ast.Name) and target.id == name:
            yield value


def set_items(name: str, node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Yield the keys and values that a mapping is given one by one."""
    for target, value in assignments(node):
        if isinstance(target, ast.Subscript) and last_name(target.value) == name:
            yield target.slice, value


@cache
def keys_of(value: ast.expr) -> ast.expr:
    """Return what a loop goes over: the keys, if it is a mapping."""
    made = ast.Call(ast.Attribute(value, "keys", ast.Load()), [], [])
    return ast.copy_location(made, value)


@cache
def item_of(value: ast.expr, place: int) -> ast.expr:
    """Return the expression of one part of a value that is taken apart."""
    made = ast.Subscript(value, ast.Constant(place), ast.Load())
    return ast.copy_location(made, value)


def returns(function: Function) -> list[ast.expr]:
    """Return what a function answers or yields."""
    return [
        each.value
        for each in ast.walk(function)
        if isinstance(each, ast.Return | ast.Yield | ast.YieldFrom) and each.value is not None
    ]


def pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Yield each part of a target with what it is set to, where that is plain."""
    parts = target.elts if isinstance(target, ast.Tuple) else []
    name = last_name(value.func) if isinstance(value, ast.Call) else ""
    values: list[ast.expr] = []
    if parts and isinstance(value, ast.Tuple):
        values = value.elts
    elif len(parts) == 2 and isinstance(value, ast.Call) and name == "enumerate" and value.args:
        values = [ast.Constant(0), value.args[0]]
    elif parts and isinstance(value, ast.Call) and name == "zip":
        values = value.args
    elif len(parts) == 2 and name == "items" and isinstance(value, ast.Call):
        of = value.func.value if isinstance(value.func, ast.Attribute) else value.func
        sides = ("keys", "values")
        values = [ast.Call(ast.Attribute(of, side, ast.Load()), [], []) for side in sides]
    if len(values) == len(parts) > 0:
        for left, right in zip(parts, values, strict=True):
            yield from pairs(left, right)
    else:
        yield target, value


def parts_of(node: ast.expr) -> list[ast.expr]:
    """Return the expressions whose text an expression's text is made of."""
    if isinstance(node, ast.JoinedStr):
        return [each.value for each in node.values if isinstance(each, ast.FormattedValue)]
    if isinstance(node, ast.BinOp):
        return [node.left, node.right]
    if isinstance(node, ast.BoolOp):
        return node.values
    if isinstance(node, ast.IfExp):
        return [node.body, node.orelse]
    if isinstance(node, ast.Subscript | ast.Starred | ast.NamedExpr | ast.FormattedValue):
        return [node.value]
    if isinstance(node, ast.UnaryOp):
        return [node.operand]
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return node.elts
    if isinstance(node, ast.Dict):
        return [each for each in (*node.keys, *node.values) if each is not None]
    if isinstance(node, ast.DictComp):
        return [node.key, node.value]
    if isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp):
        return [node.elt]
    return []


def parameter_of(function: Function, name: str) -> ast.arg | None:
    given = function.args
    every: Iterable[ast.arg | None] = (
        *given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg,
    )  # fmt: skip
    return next((each for each in every if each is not None and each.arg == name), None)


def given(call: ast.Call, function: Function, name: str, *, is_method: bool) -> ast.expr | None:
    """Return what a call hands over for a parameter; its default if it hands over nothing."""
    names = [each.arg for each in (*function.args.posonlyargs, *function.args.args)]
    if is_method and names[:1] in (["self"], ["cls"]):
        names = names[1:]
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value
    if name in names:
        before = call.args[: names.index(name) + 1]
        unpacked = next((each for each in before if isinstance(each, ast.Starred)), None)
        if unpacked is not None or len(before) > names.index(name):
            return unpacked or before[-1]
    if function.args.vararg and function.args.vararg.arg == name:
        return ast.Tuple(call.args[len(names) :], ast.Load())
    if any(keyword.arg is None for keyword in call.keywords):
        return None
    return default_of(function, name)


def default_of(function: Function, name: str) -> ast.expr | None:
    positional = [*function.args.posonlyargs, *function.args.args]
    defaults = function.args.defaults
    for each, value in zip(reversed(positional), reversed(defaults), strict=False):
        if each.arg == name:
            return value
    for each, given in zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True):
        if each.arg == name:
            return given
    return None


def target_of(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else ""


def is_statement(annotation: ast.expr | None) -> bool:
    """Whether a type is a statement, or a part of one, that its builder quotes."""
    if isinstance(annotation, ast.Subscript):
        return is_statement(annotation.value)
    return annotation is not None and last_name(annotation) in _STATEMENTS
