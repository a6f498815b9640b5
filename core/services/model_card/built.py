"""What a model is made of: versions and their files, rules in force, and the data it reads."""

import numpy as np

from core.contract.card import Card
from core.contract.features import Feature
from core.domain.identity import Permission
from core.domain.status import Status, worst
from core.i18n import N_
from core.metrics.registry import METRICS
from core.reports.model_card import CardFact, CardSection, CardTable, Value
from core.services.explanation.dossier_told import in_groups
from core.services.explanation.explainer import environment_now
from core.services.explanation.global_view import global_view
from core.services.model_card.about import LEVELS, newest_version
from core.services.model_card.source import Source
from core.services.model_card.telling import NOTHING, Sheet, Teller
from core.services.quality import ColumnQuality, Quality, quality
from core.services.registry.models import model_files
from core.services.rights.column_words import protected_label

_TOP = 8
_ROLES = {
    "artefact": N_("fitted model"),
    "training": N_("training data"),
    "holdout": N_("hold-out"),
}
_MISSING = "missing_share"
_TYPES = {"numeric": N_("number"), "categorical": N_("category")}


def versions(source: Source) -> CardSection:
    """Return versions, their files, the rules in force, and the contract behind them."""
    t, tell, sheet = source.t, source.teller, source.of_contract()
    used = newest_version(source)
    facts = (
        sheet.stated(
            "in_use", t("Version in use"), tell.verbatim(used.id if used else None), "versions"
        ),
        source.of_register().fact("environment", t("Run with"), _environment(source)),
        sheet.fact("revision", t("Revision of the contract"), tell.count(source.model.revision)),
        sheet.fact("contract", t("SHA-256 of the contract"), _hash(source.model.spec_sha256)),
        sheet.fact(
            "registered",
            t("Registered"),
            source.of_register().teller.moment(source.model.registered_at),
        ),
    )
    tables = (_versions(source), _files(source), _policies(source))
    notes = () if source.why_empty is None else (t("The log is empty: no version is in it."),)
    shown = tuple(each for each in tables if each.rows)
    return CardSection("versions", t("Versions and rules in force"), facts, shown, notes)


def data(source: Source) -> CardSection:
    """Return what the model reads, what it was fitted on, and how good its data are today."""
    t, tell, sheet = source.t, source.teller, source.of_contract()
    card = source.contract.card or Card()
    protected = [
        Value(each, protected_label(t, source.contract, each)) for each in source.contract.protected
    ]
    facts = [
        sheet.stated(
            "training", t("Training data"), tell.label(card.training_data), "card.training_data"
        ),
        sheet.stated("assets", t("Where its data rest"), tell.items(_assets(source)), "assets"),
        *_logged(source),
        sheet.fact(
            "protected",
            t("Logged for fairness only"),
            tell.items(protected) if protected else tell.word(N_("none is declared")),
        ),
    ]
    measured = _quality(source)
    if measured is None:
        facts.append(source.of_log().left_out("quality", t("Data quality")))
    else:
        facts += _freshness(source, measured)
    return CardSection(
        "data",
        t("Data"),
        tuple(facts),
        (_features(source, measured),),
        status=None if measured is None else _worst(measured),
    )


def influence(source: Source) -> CardSection:
    """Return how much each field moves the version in use, over its training data."""
    t, tell = source.t, source.teller
    heading = t("How the model uses its fields")
    found = global_view(source.workspace, source.model.id, actor=source.actor)
    if found.why or found.sample is None:
        return CardSection("influence", heading, notes=(t(found.why),))
    said = t(
        "Source: {rows} rows of the training data of version {version}, beside {beside} of them",
        rows=found.sample.rows,
        version=found.version,
        beside=found.sample.beside,
    )
    rows = [
        (
            Value(each.field, source.contract.feature(each.field).label_in(t.locale)),
            tell.percent(each.share),
            tell.number(each.mean, 4),
        )
        for each in found.importance[:_TOP]
    ]
    table = Sheet(tell, said).table(
        "importance",
        t("The {n} fields that move the score most", n=len(rows)),
        (t("Field"), t("Share of all movement"), t("Mean movement")),
        rows,
    )
    note = t("What moves a score need not be its cause, nor what to change.")
    return CardSection("influence", heading, (), (table,), (note,))


def _versions(source: Source) -> CardTable:
    t, tell = source.t, source.teller
    seen = {each.version: each for each in source.story.versions} if source.story else {}
    declared = {each.id: each for each in source.contract.versions}
    rows = []
    for name in (*declared, *(each for each in seen if each not in declared)):
        stated, logged = declared.get(name), seen.get(name)
        level = stated.oversight_level if stated else None
        rows.append(
            (
                tell.verbatim(name),
                tell.day(stated.trained_at if stated else None),
                tell.moment(logged.first if logged else None),
                tell.count(logged.rows) if logged else NOTHING,
                tell.verbatim(stated.policy if stated else None),
                tell.word(LEVELS[level]) if level else NOTHING,
            )
        )
    heads = (
        t("Version"),
        t("Trained"),
        t("In the log since"),
        t("Predictions"),
        t("Policy"),
        t("Human oversight"),
    )
    return source.of_log().table("versions", t("Versions"), heads, rows)


def _files(source: Source) -> CardTable:
    t, tell = source.t, source.teller
    sheet = source.of_register()
    found = model_files(source.workspace, source.model.id, actor=source.actor)
    rows = [
        (
            tell.verbatim(each.version),
            tell.word(_ROLES[each.role]) if each.role in _ROLES else tell.verbatim(each.role),
            _hash(each.sha256),
            sheet.teller.moment(each.added_at),
        )
        for each in found
    ]
    heads = (t("Version"), t("File"), "SHA-256", t("Registered"))
    return sheet.table("files", t("Files by their hash"), heads, rows)


def _policies(source: Source) -> CardTable:
    t, tell = source.t, source.teller
    rows = [
        (tell.verbatim(each.version), tell.day(each.start), tell.verbatim(each.rule))
        for each in source.contract.policy
    ]
    heads = (t("Policy"), t("In force from"), t("Rule"))
    return source.of_contract().table(
        "policies", t("Rules that turn scores into decisions"), heads, rows
    )


def _logged(source: Source) -> list[CardFact]:
    t, tell, view = source.t, source.teller, source.view
    sheet = source.of_log()
    if view is None or source.story is None:
        return [sheet.missing("predictions", t("Predictions"), t("No predictions are logged yet."))]
    days = [
        tell.day(at.astimezone(source.contract.zone).date())
        for at in (view.first_prediction, view.last_prediction)
    ]
    rows = int(source.story.operations.rows.sum())
    return [
        sheet.fact("predictions", t("Predictions"), tell.count(rows)),
        sheet.fact("period", t("Period of the log"), tell.span(*days)),
    ]


def _quality(source: Source) -> Quality | None:
    if not source.may(Permission.quality_view) or source.story is None:
        return None
    return quality(source.workspace, source.question(), actor=source.actor)


def _freshness(source: Source, found: Quality) -> list[CardFact]:
    t, tell, sheet = source.t, source.teller, source.of_log()
    facts = []
    for name, (value, _) in found.whole_log().items():
        facts.append(sheet.fact(name, t(METRICS[name].label), tell.figure(name, value)))
    return facts


def _features(source: Source, found: Quality | None) -> CardTable:
    t, tell = source.t, source.teller
    columns = {each.column: each for each in found.columns} if found else {}
    rows = [
        (
            Value(each.name, each.label_in(t.locale)),
            tell.word(_TYPES[each.type]),
            tell.items([tell.word(mark) for mark in _marks(source, each)]),
            _asset(source, each),
            _missing(tell, columns.get(each.name)),
            tell.status(found.newest_status(columns[each.name]))
            if found and each.name in columns
            else NOTHING,
        )
        for each in source.contract.features
    ]
    heads = (
        t("Field"),
        t("Type"),
        t("Marks"),
        t("Read from"),
        t("Missing, newest period"),
        t("Quality"),
    )
    return source.of_log().table("features", t("Fields that the model reads"), heads, rows)


def _assets(source: Source) -> list[Value]:
    t = source.t
    return [
        Value(
            [each.id, each.held_in],
            t("{name} ({text})", name=each.label_in(t.locale), text=each.held_in or "–"),
        )
        for each in source.contract.assets
    ]


def _asset(source: Source, feature: Feature) -> Value:
    found = next((each for each in source.contract.assets if each.id == feature.asset), None)
    return Value(found.id, found.label_in(source.t.locale)) if found else NOTHING


def _worst(found: Quality) -> Status:
    return worst(found.newest_status(each) for each in found.columns)


def _missing(tell: Teller, column: ColumnQuality | None) -> Value:
    if column is None:
        return NOTHING
    filled = np.flatnonzero(column.current.rows)
    if not filled.size:
        return NOTHING
    return tell.percent(float(column.share(_MISSING)[int(filled[-1])]))


def _marks(source: Source, feature: Feature) -> list[str]:
    marks = []
    if feature.personal:
        marks.append(N_("personal"))
    if feature.actionable:
        marks.append(N_("can be changed by the person"))
    if feature.name in source.contract.explanation.proxies:
        marks.append(N_("stands in for a protected column"))
    return marks


def _environment(source: Source) -> Value:
    found = environment_now()
    return Value(found, source.t.items(*(f"{name} {found[name]}" for name in found)))


def _hash(digest: str) -> Value:
    return Value(digest, in_groups(digest))
