"""What change would have led to another result, asked of the very model that decided."""

from collections.abc import Mapping

from core.domain.explanation.record import Change, OtherResult, OtherResults
from core.metrics import counterfactual
from core.metrics.arrays import AnyArray, Floats
from core.metrics.counterfactual import Counterfactual, FieldChange
from core.metrics.one_thread import one_thread
from core.services.explanation.decision import Decision
from core.services.explanation.explainer import Explainer
from core.services.explanation.frames import frame_of
from core.services.explanation.policy import Judged
from core.services.reproduce.models import recomputed

NO_POLICY, NOT_ADVERSE = "no_policy", "not_adverse"


def other_results(decision: Decision, explainer: Explainer, seen: Judged) -> OtherResults:
    """Return the changes that would have led to another result than an adverse one.

    Only fields that the contract calls actionable change, and none that stands in for a protected
    column. Each result was scored again by the model that decided.
    """
    if seen.goal is None:
        return OtherResults((), NO_POLICY)
    if not seen.rule.adverse:
        return OtherResults((), NOT_ADVERSE)
    row = {name: decision.cell(name) for name in explainer.loaded.inputs}
    levers = levers_for(decision, explainer)
    with one_thread():  # many calls of few rows: threads would cost ten times as much
        found = counterfactual.find(
            scorer(decision, explainer, seen.place), row, levers, explainer.cases, seen.goal
        )
    return OtherResults(
        found=tuple(_result(each) for each in found.results),
        why="" if found.nothing is None else str(found.nothing),
        relation=found.goal.relation,
        limit=found.goal.limit,
        farthest=found.limit,
        stuck={name: str(why) for name, why in found.stuck.items()},
        scored=found.scored,
    )


def levers_for(decision: Decision, explainer: Explainer) -> tuple[counterfactual.Lever, ...]:
    """Return the inputs that a person could change: actionable, and no proxy."""
    contract, inputs = decision.contract, set(explainer.loaded.inputs)
    free = [each for each in contract.features if each.name not in contract.explanation.proxies]
    return counterfactual.levers_of([each for each in free if each.name in inputs], explainer.cases)


def scorer(decision: Decision, explainer: Explainer, place: int) -> counterfactual.Score:
    """Return the model as a function of columns, its own scores as no log has rounded them."""
    inputs = explainer.loaded.inputs

    def score(columns: Mapping[str, AnyArray]) -> Floats:
        frame = frame_of(decision.contract, {each: columns[each] for each in inputs})
        return recomputed(explainer.loaded, decision.contract, frame)[:, place]

    return score


def _result(found: Counterfactual) -> OtherResult:
    return OtherResult(
        changes=tuple(_change(each) for each in found.changes),
        moved=tuple(_change(each) for each in found.moved),
        score=found.score,
        distance=found.distance,
        nearest=found.nearest,
    )


def _change(found: FieldChange) -> Change:
    return Change(found.field, found.before, found.after)
