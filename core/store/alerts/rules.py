"""Rules by which alarms become alerts: how serious, after how many checks, and whose they are."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from core.errors import NotFound
from core.store.rows import insert_if_absent
from core.store.tables import alert_rule, rule_response

MATTER = ("kind", "method", "column", "slice")


@dataclass(frozen=True, slots=True)
class AlertRule:
    """One rule of one model.

    Parameters
    ----------
    id, model_id : str
        Its key, and whose it is.
    kind, method, column, slice : str
        Which alarms it is for; an empty field fits all.
    severity : {"watch", "act"}, optional
        What the alert is worth; by default what its alarm is.
    patience : int
        Checks in a row with the alarm before the alert opens, and without it before it closes.
    owner_id : str, optional
        Who is asked to see to it.
    enabled : bool
        Whether such alarms open alerts at all.
    changed_at, changed_by : datetime, str
        When and by whom it was set.
    """

    id: str
    model_id: str
    kind: str
    method: str
    column: str
    slice: str
    severity: str | None
    patience: int
    owner_id: str | None
    enabled: bool
    changed_at: datetime
    changed_by: str

    def fits(self, kind: str, method: str, column: str, slice_: str) -> bool:
        """Whether the rule is for an alarm."""
        wanted = (self.kind, self.method, self.column, self.slice)
        return covers(wanted, (kind, method, column, slice_))

    @property
    def fields(self) -> int:
        """How many fields it names; of several rules that fit, the one with most counts."""
        return sum(bool(getattr(self, name)) for name in MATTER)


def covers(wanted: tuple[str, ...], said: tuple[str, ...]) -> bool:
    """Whether each field of a rule is empty or what an alarm says; fields as in ``MATTER``."""
    return all(own in {"", each} for own, each in zip(wanted, said, strict=True))


def put(conn: Connection, rule: AlertRule) -> str:
    """Set a rule; one for the same alarms is replaced and keeps its id. Return the id."""
    values = asdict(rule)
    if insert_if_absent(conn, alert_rule, values):
        return rule.id
    same = [alert_rule.c[name] == values[name] for name in ("model_id", *MATTER)]
    kept = {name: value for name, value in values.items() if name != "id"}
    statement = update(alert_rule).where(*same).values(**kept).returning(alert_rule.c.id)
    return str(conn.execute(statement).scalar_one())


def get(conn: Connection, rule_id: str) -> AlertRule:
    """Return a rule.

    Raises
    ------
    NotFound
        If there is none of that id.
    """
    row = conn.execute(select(alert_rule).where(alert_rule.c.id == rule_id)).one_or_none()
    if row is None:
        raise NotFound("There is no rule {rule}.", remedy="Look it up in the list.", rule=rule_id)
    return AlertRule(**row._mapping)


def remove(conn: Connection, rule_id: str) -> None:
    """Take a rule away, with what it does by itself."""
    conn.execute(delete(rule_response).where(rule_response.c.rule_id == rule_id))
    conn.execute(delete(alert_rule).where(alert_rule.c.id == rule_id))


def list_rules(conn: Connection, model_id: str) -> tuple[AlertRule, ...]:
    """Return the rules of a model, the most particular first."""
    rows = conn.execute(
        select(alert_rule).where(alert_rule.c.model_id == model_id).order_by(alert_rule.c.id)
    )
    return tuple(sorted((AlertRule(**row._mapping) for row in rows), key=lambda each: -each.fields))
