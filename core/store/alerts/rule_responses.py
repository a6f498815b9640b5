"""What a rule does by itself when an alert opens: the hook it calls, what it does to the model."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from core.store.rows import insert_if_absent
from core.store.tables import alert_rule, hook, rule_response


@dataclass(frozen=True, slots=True)
class RuleResponse:
    """What one rule does by itself.

    Parameters
    ----------
    rule_id : str
        Which rule.
    hook_id : str, optional
        The hook that it calls.
    purpose : {"notify", "retrain", "suspend", "rollback"}
        What the hook is told that it is called for.
    action : {"suspend", "rollback"}, optional
        What the rule does to the model.
    to_version : str, optional
        With ``rollback``: to which version.
    set_at, set_by : datetime, str
        When, and by whom, who held the permission then.
    """

    rule_id: str
    hook_id: str | None
    purpose: str
    action: str | None
    to_version: str | None
    set_at: datetime
    set_by: str


def put(conn: Connection, record: RuleResponse) -> None:
    """Set what a rule does by itself."""
    values = asdict(record)
    if not insert_if_absent(conn, rule_response, values):
        conn.execute(
            update(rule_response).where(rule_response.c.rule_id == record.rule_id).values(**values)
        )


def find(conn: Connection, rule_id: str) -> RuleResponse | None:
    """Return what a rule does by itself; ``None`` if it only opens alerts."""
    query = select(rule_response).where(rule_response.c.rule_id == rule_id)
    row = conn.execute(query).one_or_none()
    return None if row is None else RuleResponse(**row._mapping)


def of_model(conn: Connection, model_id: str) -> dict[str, tuple[RuleResponse, str | None]]:
    """Return rule id → what each rule of a model does, and the name of its hook."""
    query = (
        select(rule_response, hook.c.name.label("hook_name"))
        .join(alert_rule, alert_rule.c.id == rule_response.c.rule_id)
        .join(hook, hook.c.id == rule_response.c.hook_id, isouter=True)
        .where(alert_rule.c.model_id == model_id)
    )
    found = {}
    for row in conn.execute(query):
        values = dict(row._mapping)
        name = values.pop("hook_name")
        found[row.rule_id] = (RuleResponse(**values), name)
    return found


def remove(conn: Connection, rule_id: str) -> None:
    """Let a rule do nothing by itself any more."""
    conn.execute(delete(rule_response).where(rule_response.c.rule_id == rule_id))


def forget_hook(conn: Connection, hook_id: str) -> tuple[str, ...]:
    """Let no rule call a hook any more; return the rules that did.

    A rule that did nothing besides does nothing any more.
    """
    called = select(rule_response.c.rule_id).where(rule_response.c.hook_id == hook_id)
    rules = tuple(conn.execute(called.order_by(rule_response.c.rule_id)).scalars())
    same = rule_response.c.hook_id == hook_id
    conn.execute(delete(rule_response).where(same, rule_response.c.action.is_(None)))
    conn.execute(update(rule_response).where(same).values(hook_id=None, purpose="notify"))
    return rules


def forget_rollbacks(conn: Connection) -> int:
    """Let no rule roll a model back any more; return how many did."""
    is_one = rule_response.c.action == "rollback"
    rules = conn.execute(select(rule_response.c.rule_id).where(is_one)).scalars().all()
    conn.execute(delete(rule_response).where(is_one, rule_response.c.hook_id.is_(None)))
    conn.execute(update(rule_response).where(is_one).values(action=None, to_version=None))
    return len(rules)
