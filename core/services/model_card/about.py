"""What a model is for, who answers for it, what is known of its limits, and who validated it."""

from collections.abc import Mapping

from core.contract.card import Card
from core.contract.governance import ModelVersion
from core.domain.identity import Permission
from core.i18n import LOCALES, N_, Translator
from core.reports.model_card import CardFact, CardSection, Value
from core.services.model_card.source import Source
from core.services.model_card.telling import NOTHING, Sheet
from core.services.registry.assignments import KIND_NAMES, AssignedPerson, list_assignments
from core.services.serving.state import model_state

LEVELS: Mapping[str, str] = {
    "in_the_loop": N_("in the loop"),
    "in_command": N_("in command"),
    "out_of_the_loop": N_("out of the loop"),
}
STATES: Mapping[str, str] = {
    "production": N_("in production"),
    "suspended": N_("suspended"),
}


def purpose(source: Source) -> CardSection:
    """Return what the model is for, what it must not be used for, and who answers for it."""
    t, tell, contract = source.t, source.teller, source.contract
    sheet, card = source.of_contract(), contract.card or Card()
    names = {each: contract.name.get(each) for each in LOCALES}
    version = newest_version(source)
    level = version.oversight_level if version else None
    facts = [
        sheet.fact("name", t("Name"), Value(names, " · ".join(dict.fromkeys(names.values())))),
        sheet.fact("id", t("Model id"), tell.verbatim(contract.id)),
        sheet.fact("purpose", t("What it decides"), tell.label(contract.purpose)),
        sheet.stated(
            "users", t("Meant for"), tell.labels(card.intended_users), _at("intended_users")
        ),
        sheet.stated("effect", t("Effect on people"), tell.label(card.effect), _at("effect")),
        sheet.stated(
            "prohibited",
            t("Must not be used for"),
            tell.labels(card.prohibited_uses),
            _at("prohibited_uses"),
        ),
        sheet.fact("owner", t("Owner"), tell.verbatim(contract.owner)),
        _lines_of_defence(source),
        sheet.stated(
            "oversight",
            t("Human oversight"),
            tell.word(LEVELS[level]) if level else tell.verbatim(None),
            "versions[].oversight_level",
        ),
        sheet.stated(
            "oversight_basis",
            t("Why so closely"),
            tell.label(card.oversight_basis),
            _at("oversight_basis"),
        ),
        *_state(source),
        _simulated(source, sheet),
    ]
    return CardSection("purpose", t("What it is for"), tuple(facts))


def limits(source: Source) -> CardSection:
    """Return where the model is known to do badly, and what happens while it is suspended."""
    t, tell, sheet = source.t, source.teller, source.of_contract()
    card = source.contract.card or Card()
    state = model_state(source.workspace, source.model.id, actor=source.actor)
    facts = [
        sheet.stated("limits", t("Known limits"), tell.labels(card.limits), _at("limits")),
        sheet.stated("fall_back", t("Fall-back"), tell.label(card.fall_back), _at("fall_back")),
    ]
    if state.fallback_version is not None:
        version = tell.verbatim(state.fallback_version)
        facts.append(
            source.of_register().fact("fallback_version", t("Version that takes over"), version)
        )
    return CardSection("limits", t("Known limits and fall-back"), tuple(facts))


def validation(source: Source) -> CardSection:
    """Return who looked at the model besides its developers, and what it is made with."""
    t, tell, sheet = source.t, source.teller, source.of_contract()
    card = source.contract.card or Card()
    facts, tables = _validated(source, sheet), []
    if card.components:
        rows = [
            (tell.verbatim(each.name), tell.verbatim(each.supplier), tell.verbatim(each.version))
            for each in card.components
        ]
        heads = (t("Component"), t("Supplier"), t("Version"))
        tables.append(sheet.table("components", t("Made with"), heads, rows))
    else:
        facts.append(sheet.stated("components", t("Made with"), NOTHING, _at("components")))
    notes = (t("It is due again."),) if _is_overdue(source) else ()
    return CardSection("validation", t("Validation"), tuple(facts), tuple(tables), notes)


def _validated(source: Source, sheet: Sheet) -> list[CardFact]:
    t, tell = source.t, source.teller
    card = source.contract.card
    found = card.validation if card else None
    if found is None:
        return [sheet.stated("validation", t("Validation"), NOTHING, _at("validation"))]
    said = {
        "validated_on": (t("Validated on"), tell.day(found.validated_on)),
        "validator": (t("Validator"), tell.verbatim(found.validator)),
        "scope": (t("What was looked at"), tell.label(found.scope)),
        "next_due": (t("Due again"), tell.day(found.next_due)),
        "why_then": (t("Why then"), tell.label(found.why_then)),
    }
    return [
        sheet.stated(key, name, value, _at(f"validation.{key}"))
        for key, (name, value) in said.items()
    ]


def newest_version(source: Source) -> ModelVersion | None:
    """Return the declared version that serves: the one somebody named, else the last one."""
    declared = {each.id: each for each in source.contract.versions}
    named = source.story.state.serving_version if source.story else None
    if named in declared:
        return declared[named]
    return source.contract.versions[-1] if declared else None


def _is_overdue(source: Source) -> bool:
    card = source.contract.card
    due = card.validation.next_due if card and card.validation else None
    return due is not None and due < source.now.astimezone(source.contract.zone).date()


def _lines_of_defence(source: Source) -> CardFact:
    t, tell, sheet = source.t, source.teller, source.of_register()
    name = t("Lines of defence")
    if not source.may(Permission.approval_view):
        return sheet.left_out("lines", name)
    found = list_assignments(source.workspace, actor=source.actor, model_id=source.model.id)
    people = [
        tell.verbatim(
            t("{kind}: {person}", kind=_kind(t, each.assignment.kind), person=_person(each))
        )
        for each in found
    ]
    if not people:
        return sheet.missing("lines", name, t("Nobody is named. Name them on the page People."))
    raw = [[each.assignment.kind, each.username] for each in found]
    return sheet.fact("lines", name, Value(raw, tell.items(people).text))


def _kind(t: Translator, kind: str) -> str:
    return next((t(label) for name, label in KIND_NAMES.items() if name == kind), kind)


def _person(each: AssignedPerson) -> str:
    return each.display_name or each.username


def _state(source: Source) -> list[CardFact]:
    t, sheet = source.t, source.of_register()
    tell = sheet.teller
    found = model_state(source.workspace, source.model.id, actor=source.actor)
    facts = [sheet.fact("state", t("State"), tell.word(STATES[found.state]))]
    if found.since is not None:
        facts.append(sheet.fact("state_since", t("Since"), tell.moment(found.since)))
    if found.reason:
        facts.append(sheet.fact("state_why", t("Why"), tell.verbatim(found.reason)))
    return facts


def _simulated(source: Source, sheet: Sheet) -> CardFact:
    t, tell = source.t, source.teller
    found = [tell.verbatim(each) for each in source.contract.simulated]
    value = tell.items(found) if found else tell.word(N_("none is declared"))
    return sheet.fact("simulated", t("Simulated columns"), value)


def _at(field: str) -> str:
    return f"card.{field}"
