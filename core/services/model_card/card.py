"""A model's card in a reader's language."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256

from core.domain.identity import Actor, Permission
from core.domain.status import Status, worst
from core.i18n import N_, Translator
from core.reports.model_card import CardSection, ModelCard
from core.services import access
from core.services.model_card.about import limits, newest_version, purpose, validation
from core.services.model_card.built import data, influence, versions
from core.services.model_card.measured import drift_section, performance_section
from core.services.model_card.people import explanations, oversight_section, requests
from core.services.model_card.record import agreed, incidents, retention, trail
from core.services.model_card.results import fairness_section, outcomes
from core.services.model_card.source import REGISTER_ZONE, Source, gather, section_of
from core.services.workspace import Workspace
from core.store.audit.canonical import canonical_bytes

Making = tuple[str, str, Permission, Callable[[Source], CardSection]]

SECTIONS: Sequence[Making] = (
    ("purpose", N_("What it is for"), Permission.model_view, purpose),
    ("limits", N_("Known limits and fall-back"), Permission.model_view, limits),
    ("performance", N_("How well it does"), Permission.performance_view, performance_section),
    ("outcomes", N_("What it brings"), Permission.kpi_view, outcomes),
    ("fairness", N_("How groups of people fare"), Permission.fairness_view, fairness_section),
    ("drift", N_("Whether its inputs are what they were"), Permission.drift_view, drift_section),
    ("influence", N_("How the model uses its fields"), Permission.model_view, influence),
    ("oversight", N_("Who watches over it"), Permission.review_view, oversight_section),
    (
        "explanations",
        N_("How its decisions are explained"),
        Permission.explanation_view,
        explanations,
    ),
    ("requests", N_("What customers asked for"), Permission.rights_view, requests),
    ("incidents", N_("Alerts and incidents"), Permission.alert_view, incidents),
    ("versions", N_("Versions and rules in force"), Permission.model_view, versions),
    ("data", N_("Data"), Permission.model_view, data),
    ("validation", N_("Validation"), Permission.model_view, validation),
    ("agreed", N_("Who agreed to it"), Permission.approval_view, agreed),
    ("retention", N_("Retention"), Permission.retention_view, retention),
    ("trail", N_("Audit trail"), Permission.audit_view, trail),
)
"""Key, heading, what it takes to see it, and what makes it, in the order of the card."""

SIDES: Mapping[str, str] = {
    "performance": N_("performance"),
    "outcomes": N_("targets"),
    "fairness": N_("fairness"),
    "drift": N_("inputs and outputs"),
    "oversight": N_("human oversight"),
    "incidents": N_("alerts"),
    "data": N_("data quality"),
}
"""What a section that is judged is called in the sentence."""

NOT_HASHED = frozenset({"trail"})
"""What the making of a card changes itself."""

_WORDS: Mapping[str, str] = {
    "card": N_("Model card"),
    "as_of": N_("Known up to"),
    "made": N_("Made"),
    "made_for": N_("For"),
    "hash": N_("SHA-256 of the facts"),
    "contents": N_("Contents"),
}


def model_card(workspace: Workspace, model_id: str, *, actor: Actor, t: Translator) -> ModelCard:
    """Return a model's card, as far as the actor may see its parts.

    Every figure is the answer of the service behind the page that shows it, for the whole log.

    Parameters
    ----------
    workspace : Workspace
        Where.
    model_id : str
        Which model.
    actor : Actor
        Needs ``model.view``; parts that take more and are not seen are said to be left out.
    t : Translator
        The language.

    Raises
    ------
    Forbidden, NotFound
        If the actor may not, or there is no such model.
    """
    access.require(actor, Permission.model_view, model=model_id)
    source = gather(workspace, model_id, t, actor=actor)
    sections = tuple(
        section_of(source, key, t(heading), make, permission)
        for key, heading, permission, make in SECTIONS
    )
    view = source.view
    made = ModelCard(
        language=t.locale,
        words={key: t(text) for key, text in _WORDS.items()},
        model_id=model_id,
        name=source.contract.name.get(t.locale),
        sentence=sentence(source, sections),
        status=worst(each.status for each in sections if each.status is not None),
        sections=sections,
        as_of=t.instant(view.as_of, view.timezone) if view else t("The log is empty."),
        made_at=t.instant(source.now, REGISTER_ZONE),
        made_for=actor.display_name or actor.username,
    )
    return replace(made, sha256=sha256(facts_of(made)).hexdigest())


def facts_of(card: ModelCard) -> bytes:
    """Return the facts of a card as canonical JSON: the same in every language."""
    told = {each.key: each.raw() for each in card.sections if each.key not in NOT_HASHED}
    return canonical_bytes({"model": card.model_id, "sections": told})


def sentence(source: Source, sections: Sequence[CardSection]) -> str:
    """Say who answers for the model, what is in force since when, and whether it is well."""
    t = source.t
    owner = t("Owner: {owner}.", owner=source.contract.owner)
    return t.sentences(owner, _in_force(source), _within_limits(t, sections))


def _in_force(source: Source) -> str:
    t, version = source.t, newest_version(source)
    seen = {each.version: each for each in source.story.versions} if source.story else {}
    state = source.story.state if source.story else None
    if state is not None and state.suspended:
        return t("Suspended since {date}.", date=t.date(state.since, REGISTER_ZONE))
    if version is None or version.id not in seen:
        return t("No declared version is in the log.")
    first = t.date(seen[version.id].first, source.teller.timezone)
    return t("Version {version} has been in the log since {date}.", version=version.id, date=first)


def _within_limits(t: Translator, sections: Sequence[CardSection]) -> str:
    beyond, watched = (
        [t(SIDES[each.key]) for each in sections if each.status is status]
        for status in (Status.act, Status.watch)
    )
    judged = [each for each in sections if each.status not in {None, Status.not_enough_data}]
    if beyond:
        return t("Beyond its limits: {sides}.", sides=t.items(*beyond))
    if watched:
        return t("To be watched: {sides}.", sides=t.items(*watched))
    if judged:
        return t("All of it that is judged here lies within its limits.")
    return t("Nothing of it can be judged yet.")
