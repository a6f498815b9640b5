"""From whom the score of a prediction is hidden, wherever it could be looked up."""

from sqlalchemy import Connection

from core.contract import ModelContract
from core.domain.identity import Actor
from core.services.review.reason_columns import is_reason
from core.services.review.rules import is_readable
from core.services.review.shown_case import hides_score
from core.store.review import cases, steps


def is_hidden_from(conn: Connection, model_id: str, prediction_id: str, reader: Actor) -> bool:
    """Whether a case waits on whose page the reader does not see the prediction's score.

    A case that the reader may not know of hides nothing: what is refused would tell of it.
    """
    return any(
        hides_score(each, reader, steps.own_views(conn, [each.id], reader.user_id).get(each.id))
        and is_readable(conn, each.id, reader)
        for each in cases.of_prediction(conn, model_id, prediction_id)
    )


def hidden_from(conn: Connection, model_id: str, reader: Actor) -> frozenset[str]:
    """Return all predictions of a model of which :func:`is_hidden_from` holds."""
    waiting = cases.hiding_of_model(conn, model_id)
    views = steps.own_views(conn, [each.id for each in waiting], reader.user_id)
    return frozenset(
        each.prediction_id
        for each in waiting
        if hides_score(each, reader, views.get(each.id)) and is_readable(conn, each.id, reader)
    )


def goes_with_score(contract: ModelContract, name: str) -> bool:
    """Whether a column of the log is the score, or is hidden with it: it would give it away."""
    return name == contract.log.score or is_reason(name)
