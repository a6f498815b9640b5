"""A model at a glance, as its checks left it: what is open, what says most, and its course.

Read from the store alone: nothing is counted. Whoever sees rows of some jurisdictions only gets
nothing of it, for checks look at rows of all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.auth.policy import allows
from core.domain.identity import Actor, Permission
from core.domain.status import Status, status_of_level
from core.services import access
from core.services.alerts import list_alerts
from core.services.checks.results import (
    FAMILIES,
    StoredCheck,
    StoredFigure,
    figure_history,
    newest_check,
)
from core.services.workspace import Workspace
from core.store.alerts.checks import MetricResult
from core.store.alerts.threads import LIVE, Alert

_FIRST: Mapping[str, tuple[str, ...]] = {
    "performance": ("roc_auc", "macro_roc_auc", "accuracy", "mae", "rmse"),
    "operations": ("error_rate", "volume"),
    "fairness": ("selection_rate_ratio",),
}
"""Family → the figures that it is told by, if it has them; of a family not here, the worst."""
_SEVERE = {Status.act: 3, Status.watch: 2, Status.in_range: 1, Status.not_enough_data: 0}
_MOST = 12
_QUIET = Status.not_enough_data  # no alert says nothing of a model that nobody could judge


@dataclass(frozen=True, slots=True)
class Telling:
    """The figure of a family that says most.

    Parameters
    ----------
    result : MetricResult
        As the newest check found it.
    course : tuple of StoredFigure
        The same figure check by check, the oldest first.
    """

    result: MetricResult
    course: tuple[StoredFigure, ...]

    @property
    def status(self) -> Status:
        """How it stands."""
        return status_of_level(self.result.level)


@dataclass(frozen=True, slots=True)
class Glance:
    """One model, from the store.

    Parameters
    ----------
    check : StoredCheck or None
        The newest check; ``None`` before the first one.
    alerts : tuple of Alert
        Those that are not closed, the most serious first; none where a moment is asked for.
    telling : tuple of Telling
        At most one a family, of the families that the reader may see.
    """

    check: StoredCheck | None
    alerts: tuple[Alert, ...] = ()
    telling: tuple[Telling, ...] = ()

    @property
    def to_act(self) -> int:
        """How many alerts are open and ask somebody to act."""
        return sum(each.state == "open" and each.severity == "act" for each in self.alerts)

    @property
    def status(self) -> Status:
        """How the model stands by its open alerts; acknowledged and silent ones do not count."""
        waiting = {each.severity for each in self.alerts if each.state == "open"}
        return next((level for level in (Status.act, Status.watch) if level in waiting), _QUIET)

    def of(self, metric: str) -> Telling | None:
        """Return the telling figure of a family."""
        return next((each for each in self.telling if each.result.metric == metric), None)


def glance(
    workspace: Workspace,
    model_id: str,
    *,
    actor: Actor,
    as_of: str | None = None,
    courses: bool = False,
) -> Glance | None:
    """Return how a model stood when it was checked; ``None`` for a reader of some jurisdictions.

    Parameters
    ----------
    workspace : Workspace
        Where.
    model_id : str
        Which model.
    actor : Actor
        Needs ``overview.view``; alerts need ``alert.view``, figures what their families need.
    as_of : str, optional
        What was known then.
    courses : bool
        Whether figures come with what earlier checks found.

    Raises
    ------
    NotFound, Forbidden
        If the model is not in the actor's scope, or the actor may not.
    """
    access.require(actor, Permission.overview_view, model=model_id)
    if actor.jurisdictions is not None:
        return None
    found = newest_check(workspace, model_id, actor=actor, as_of=as_of)
    if found is None:
        return Glance(None)
    live: Sequence[Alert] = ()
    if as_of is None and allows(actor, Permission.alert_view):
        live = list_alerts(workspace, actor=actor, model_id=model_id, states=LIVE).alerts
    told = [result for name in FAMILIES if (result := _telling(found.of(name))) is not None]
    return Glance(
        found,
        tuple(live),
        tuple(
            Telling(each, _course(workspace, model_id, each, actor, as_of) if courses else ())
            for each in told
        ),
    )


def _telling(results: Sequence[MetricResult]) -> MetricResult | None:
    """Return the figure of a family that says most, of final periods only."""
    known = [
        each
        for each in results
        if each.value is not None and not each.version and each.maturity in {None, "matured"}
    ]
    if not known:
        return None
    named = _FIRST.get(known[0].metric, ())
    method = next((name for name in named if any(each.method == name for each in known)), None)
    chosen = [each for each in known if method in {None, each.method}]
    newest = max(each.chunk_start for each in chosen)
    last = [each for each in chosen if method is None or each.chunk_start == newest]
    return max(last, key=lambda each: (_severe(each), _badness(each)))


def _severe(result: MetricResult) -> int:
    return _SEVERE[status_of_level(result.level)]


def _badness(result: MetricResult) -> float:
    """Return a figure over its threshold, so that figures of several kinds can be compared."""
    if result.metric == "fairness":
        return -(result.value or 0.0)
    return abs(result.value or 0.0) / result.threshold if result.threshold else 0.0


def _course(
    workspace: Workspace, model_id: str, result: MetricResult, actor: Actor, as_of: str | None
) -> tuple[StoredFigure, ...]:
    found = figure_history(
        workspace,
        model_id,
        result.metric,
        result.method,
        column=result.column,
        version=result.version,
        slice_=result.slice,
        actor=actor,
        as_of=as_of,
        limit=_MOST,
    )
    return tuple(reversed(found))
