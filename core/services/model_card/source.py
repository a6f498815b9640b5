"""What a card is made from, and for whom."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from core.auth.policy import allows
from core.contract import ModelContract
from core.domain.identity import Actor, Permission
from core.domain.windows import local_day, readable_grain
from core.errors import HarbourlightError, NothingYet
from core.i18n import N_, Translator
from core.reports.model_card import CardSection
from core.services.model_card.telling import LEFT_OUT, Sheet, Teller
from core.services.model_story import Story, model_story
from core.services.questions import Question, View, resolve
from core.services.registry.models import RegisteredModel, get_model
from core.services.workspace import Workspace

REGISTER_ZONE = "Asia/Hong_Kong"
"""Of whatever happened beside the log; the log itself speaks by the model's own clock."""

OF_SOME = N_("Left out: it is of rows of all jurisdictions, and the reader sees some.")


@dataclass(frozen=True, slots=True)
class Source:
    """What a card is made from.

    Parameters
    ----------
    workspace, actor : Workspace, Actor
        Where, and for whom.
    teller : Teller
        Writes values in the reader's language.
    model : RegisteredModel
        Which.
    story : Story or None
        What the page of the model tells of its whole log; ``None`` while that is empty.
    why_empty : HarbourlightError or None
        Why there is none.
    now : datetime
        When the card is made.
    """

    workspace: Workspace
    actor: Actor
    teller: Teller
    model: RegisteredModel
    story: Story | None
    why_empty: HarbourlightError | None
    now: datetime

    @property
    def t(self) -> Translator:
        """The reader's language."""
        return self.teller.t

    @property
    def contract(self) -> ModelContract:
        """The contract in force."""
        return self.model.contract

    @property
    def view(self) -> View | None:
        """What of the log is looked at."""
        return self.story.view if self.story else None

    def may(self, permission: Permission) -> bool:
        """Whether the reader may see something."""
        return allows(self.actor, permission)

    def of_contract(self) -> Sheet:
        """Return the sheet of what the contract states."""
        said = self.t(
            N_("Source: contract, revision {number} of {date}"),
            number=str(self.model.revision),
            date=self.t.date(self.model.registered_at, REGISTER_ZONE),
        )
        return Sheet(self.teller, said)

    def of_log(self) -> Sheet:
        """Return the sheet of what is counted from the log."""
        if self.view is None:
            return Sheet(self.teller, self.t(N_("Source: log, which is empty")))
        said = self.t(
            N_("Source: log, generation {number}, as known at {moment}"),
            number=str(self.view.generation),
            moment=self.t.instant(self.view.as_of, self.teller.timezone),
        )
        return Sheet(self.teller, said)

    def of_register(self) -> Sheet:
        """Return the sheet of what is kept beside the log, as it stands now."""
        said = self.t(
            N_("Source: register, at {moment}"), moment=self.t.instant(self.now, REGISTER_ZONE)
        )
        return Sheet(replace(self.teller, timezone=REGISTER_ZONE), said)

    def question(self) -> Question:
        """Return what the pages ask of the whole log."""
        return whole_log(self.workspace, self.model.id, actor=self.actor)


def gather(workspace: Workspace, model_id: str, t: Translator, *, actor: Actor) -> Source:
    """Return what a card of a model is made from; needs ``model.view``."""
    model = get_model(workspace, model_id, actor=actor)
    teller = Teller(t, model.contract.timezone, model.contract.currency)
    story, why = None, None
    try:
        story = model_story(workspace, whole_log(workspace, model_id, actor=actor), actor=actor)
    except NothingYet as error:
        why = error
    return Source(workspace, actor, teller, model, story, why, workspace.clock())


def whole_log(workspace: Workspace, model_id: str, *, actor: Actor) -> Question:
    """Return the question that pages ask until a reader narrows it: the same answer, found once."""
    view = resolve(workspace, Question(model_id, by="all"), Permission.overview_view, actor=actor)
    first, last = (
        local_day(at, view.timezone) for at in (view.first_prediction, view.last_prediction)
    )
    return Question(model_id, by=readable_grain(first, last))


def section_of(
    source: Source,
    key: str,
    heading: str,
    make: Callable[[Source], CardSection],
    permission: Permission,
) -> CardSection:
    """Return a section; one that the reader may not see, or that cannot be made, says so.

    Parameters
    ----------
    source : Source
        What the card is made from.
    key, heading : str
        Of the section; the heading is in the reader's language.
    make : callable
        Makes it.
    permission : Permission
        What it takes to see it.
    """
    if not source.may(permission):
        return CardSection(key, heading, notes=(source.t(LEFT_OUT),), is_left_out=True)
    try:
        return make(source)
    except HarbourlightError as error:
        return CardSection(key, heading, notes=(why_text(source.t, error),))


def why_text(t: Translator, error: HarbourlightError) -> str:
    """Return why something cannot be told, and what to do."""
    return t.sentences(t(error.template, **error.params), t(error.remedy, **error.params))
