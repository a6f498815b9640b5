"""A model's card to take away, on the trail by the hash of its facts and of its bytes."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Literal, get_args

from core.domain.identity import Actor, Permission
from core.errors import InvalidInput
from core.i18n import N_, translator
from core.i18n.locales import LOCALES
from core.reports.model_card import ModelCard, markdown, page, printed
from core.services import access
from core.services.model_card.card import facts_of, model_card
from core.services.monthly.files import ReportFile
from core.services.workspace import Workspace
from core.store.audit import trail as audit

CardFormat = Literal["pdf", "html", "md", "json"]
CARD_FORMATS: tuple[CardFormat, ...] = get_args(CardFormat)
MADE = "card.made"
_MEDIA_TYPES: Mapping[CardFormat, str] = {
    "pdf": "application/pdf",
    "html": "text/html",
    "md": "text/markdown",
    "json": "application/json",
}


def card_file(
    workspace: Workspace, model_id: str, format: str, *, actor: Actor, language: str = "en"
) -> ReportFile:
    """Make a model's card as a file.

    Parameters
    ----------
    workspace : Workspace
        Where.
    model_id : str
        Which model.
    format : {"pdf", "html", "md", "json"}
        In which form; as JSON it is the facts alone, whose bytes have the hash on the card.
    actor : Actor
        Needs ``model.view``; what the actor may not see is not in it, and it says so.
    language : {"en", "zh-HK", "zh-CN"}
        In which language.

    Raises
    ------
    InvalidInput
        If there is no such format or language.
    Forbidden, NotFound
        If the actor may not, or there is no such model.
    """
    access.require(actor, Permission.model_view, model=model_id)
    chosen = next((each for each in CARD_FORMATS if each == format), None)
    if chosen is None:
        raise InvalidInput(
            N_("{text!r} is not known here."),
            remedy=N_("Choose from: {known}."),
            text=format,
            known=", ".join(CARD_FORMATS),
        )
    if language not in LOCALES:
        raise InvalidInput(
            N_("{text!r} is not known here."),
            remedy=N_("Choose from: {known}."),
            text=language,
            known=", ".join(LOCALES),
        )
    card = model_card(workspace, model_id, actor=actor, t=translator(language))
    now = workspace.clock()
    content = _written(card, chosen, now)
    name = f"card-{model_id}-{now:%Y%m%d}-{language}.{chosen}"
    made = ReportFile(name, _MEDIA_TYPES[chosen], content)
    with workspace.store.begin() as conn:
        audit.append(
            conn,
            at=now,
            actor=actor.audit_name,
            role=actor.role_text,
            kind=MADE,
            objects={"model": model_id},
            body={
                "format": chosen,
                "language": language,
                "facts_sha256": card.sha256,
                "sha256": made.sha256,
                "bytes": len(content),
                "left_out": [each.key for each in card.sections if each.is_left_out],
            },
        )
    return made


def _written(card: ModelCard, chosen: CardFormat, at: datetime) -> bytes:
    if chosen == "pdf":
        return printed(card, at=at)
    return _WRITERS[chosen](card)


_WRITERS: Mapping[str, Callable[[ModelCard], bytes]] = {
    "html": page,
    "md": markdown,
    "json": facts_of,
}
