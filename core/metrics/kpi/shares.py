"""KPIs that are one count divided by another that holds it: a share, with Wilson's interval."""

from dataclasses import dataclass

from core.domain.expression import Atom, Combined, KpiExpression, Node, Reference
from core.domain.expression.tree import IsMissing
from core.metrics.kpi.plan import conjuncts


@dataclass(frozen=True, slots=True)
class Share:
    """Which atoms are the rows that count, and all rows."""

    part: int
    whole: int


def plain_share(expression: KpiExpression) -> Share | None:
    """Return the atoms of a plain share; ``None`` for any other KPI."""
    root = expression.root
    if not isinstance(root, Combined) or root.operator != "/":
        return None
    if not isinstance(root.left, Reference) or not isinstance(root.right, Reference):
        return None
    part, whole = expression.atoms[root.left.index], expression.atoms[root.right.index]
    if part.kind != "count" or whole.kind != "count" or not _lies_in(part, whole):
        return None
    return Share(root.left.index, root.right.index)


def _lies_in(part: Atom, whole: Atom) -> bool:
    """Whether the conditions say that each row that counts in one counts in the other."""
    given = set(conjuncts(part.where))
    return all(_follows(each, given) for each in conjuncts(whole.where))


def _follows(condition: Node, given: set[Node]) -> bool:
    """Whether a condition holds where some others do; what is true is not missing."""
    if condition in given:
        return True
    if not isinstance(condition, IsMissing) or not condition.negated:
        return False
    return set(conjuncts(condition.value)) <= given
