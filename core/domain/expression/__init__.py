"""The language that KPIs are written in: parsed and checked, never run as Python or raw SQL.

A *row expression* is a value of one prediction (``amount * margin - loss``), a *KPI expression* a
value of many (``sum(loss where approved) / sum(amount where approved)``). The text becomes tokens,
those a tree, and the tree is held against the names that a contract has. What is wrong is said with
its place. docs/kpi-language.md tells it to those who write contracts.
"""

from core.domain.expression.atoms import (
    Atom,
    AtomKind,
    Combined,
    Constant,
    Formula,
    Opposite,
    Reference,
    formula_value,
)
from core.domain.expression.errors import ExpressionError, UnknownName
from core.domain.expression.expressions import (
    KpiExpression,
    RowExpression,
    definition_expression,
    kpi_expression,
    row_expression,
)
from core.domain.expression.parser import parse
from core.domain.expression.printer import written, written_name
from core.domain.expression.schema import Schema
from core.domain.expression.tree import Kind, Node

__all__ = [
    "Atom",
    "AtomKind",
    "Combined",
    "Constant",
    "ExpressionError",
    "Formula",
    "Kind",
    "KpiExpression",
    "Node",
    "Opposite",
    "Reference",
    "RowExpression",
    "Schema",
    "UnknownName",
    "definition_expression",
    "formula_value",
    "kpi_expression",
    "parse",
    "row_expression",
    "written",
    "written_name",
]
