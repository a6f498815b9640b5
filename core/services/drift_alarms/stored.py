"""Which stored alarm is meant: by its own id, or by that of the alert that it belongs to."""

from core.domain.identity import Actor, Permission
from core.errors import NotFound
from core.i18n import N_
from core.services import access
from core.services.workspace import Workspace
from core.store.alerts import alarms
from core.store.alerts import threads as alerts

NO_EVIDENCE = N_("The alarm {alarm} is not one of drift: there are no counts to derive it from.")
NO_EVIDENCE_REMEDY = N_("Look at it on the page Alerts.")
LEVEL = "drift"
"""Kind of the alarms of a fixed level, which keep the counts of both sides."""


def can_be_derived(alarm: alarms.Alarm) -> bool:
    """Return whether an alarm keeps what its figures can be derived from again."""
    return alarm.kind == LEVEL or "reference_digest" in alarm.evidence


def stored_alarm(workspace: Workspace, id_: str, *, actor: Actor) -> alarms.Alarm:
    """Return an alarm; of an alert, its newest.

    Raises
    ------
    NotFound
        If there is neither in the actor's scope: alarms are raised from the rows of all
        jurisdictions.
    """
    access.require(actor, Permission.drift_view)
    with workspace.store.read() as conn:
        try:
            alarm = alarms.get(conn, id_)
        except NotFound as unknown:
            try:
                alarm = alerts.get(conn, id_).alarm
            except NotFound:
                raise unknown from None
    if not actor.sees_model(alarm.model_id) or actor.jurisdictions is not None:
        raise NotFound("There is no alarm {alarm}.", remedy="Look it up in the list.", alarm=id_)
    return alarm
