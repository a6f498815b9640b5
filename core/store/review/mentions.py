"""Comments that speak to somebody who has not answered yet."""

from sqlalchemy import Connection, Text, cast, exists, select

from core.store.review.texts import TextRecord
from core.store.tables import review_step, review_text


def unanswered(conn: Connection, user_id: str, *, limit: int) -> list[TextRecord]:
    """Return comments that speak to a user, the newest first.

    Left out are cases that the user acted on or commented on since.
    """
    later = review_text.alias("later")
    answered = exists().where(
        later.c.case_id == review_text.c.case_id,
        later.c.author_id == user_id,
        later.c.id > review_text.c.id,
    )
    acted = exists().where(
        review_step.c.case_id == review_text.c.case_id,
        review_step.c.actor_id == user_id,
        review_step.c.at > review_text.c.written_at,
    )
    query = (
        select(review_text)
        .where(
            review_text.c.kind == "comment",
            cast(review_text.c.mentions, Text).contains(f'"{user_id}"', autoescape=True),
            ~answered,
            ~acted,
        )
        .order_by(review_text.c.id.desc())
        .limit(limit)
    )
    return [TextRecord(**row._mapping) for row in conn.execute(query)]
