"""What is on record of a model: alerts, suspensions, who agreed to it, retention, the trail."""

from datetime import timedelta

from core.domain.identity import Permission
from core.domain.status import Status
from core.reports.model_card import CardFact, CardSection, Value
from core.services.alerts import list_alerts
from core.services.approvals import four_eyes as approvals
from core.services.audit import trail as audit_trail
from core.services.explanation.dossier_told import in_groups
from core.services.model_card.source import OF_SOME, Source
from core.services.model_card.telling import NOTHING, Sheet
from core.services.reproduce.history import PastReproduction, last_reproduction
from core.services.reproduce.result import VERDICTS
from core.services.retention.rules import retention_table
from core.services.serving.rollback import version_history
from core.store.audit import trail as audit

_YEAR = timedelta(days=365)
_MOST = 1_000
_SHOWN = 12


def incidents(source: Source) -> CardSection:
    """Return open alerts, and what happened to the model in the last year."""
    t, sheet = source.t, source.of_register()
    tell = sheet.teller
    heading = t("Alerts and incidents")
    if source.actor.jurisdictions is not None:
        return CardSection("incidents", heading, notes=(t(OF_SOME),), is_left_out=True)
    found = list_alerts(source.workspace, actor=source.actor, model_id=source.model.id, limit=_MOST)
    waiting = [each for each in found.alerts if each.state == "open"]
    act, watch = (
        sum(each.severity == severity for each in waiting) for severity in ("act", "watch")
    )
    year = source.now - _YEAR
    facts = [
        sheet.fact("to_act", t("Open alerts to act on"), tell.count(act)),
        sheet.fact("to_watch", t("Open alerts to watch"), tell.count(watch)),
        sheet.fact(
            "opened",
            t("Alerts opened in the last year"),
            tell.count(sum(each.opened_at >= year for each in found.alerts)),
        ),
        *_suspensions(source),
        _reproduced(source),
    ]
    status = Status.act if act else Status.watch if watch else Status.in_range
    return CardSection("incidents", heading, tuple(facts), status=status)


def agreed(source: Source) -> CardSection:
    """Return the steps of two people that made the model what it is, the newest first."""
    t, sheet = source.t, source.of_register()
    tell = sheet.teller
    names = approvals.names(source.workspace, actor=source.actor)
    found = [
        each
        for each in approvals.list_approvals(source.workspace, actor=source.actor, state="approved")
        if each.model_id == source.model.id
    ]
    rows = [
        (
            Value(each.kind, t(approvals.kind_of(each.kind).label)),
            tell.verbatim(names.get(each.proposed_by, each.proposed_by)),
            tell.moment(each.proposed_at),
            tell.verbatim(names.get(each.decided_by or "", each.decided_by or "")),
            tell.moment(each.decided_at),
        )
        for each in found[:_SHOWN]
    ]
    heads = (t("Step"), t("Proposed by"), t("Proposed"), t("Approved by"), t("Approved"))
    facts = (sheet.fact("approvals", t("Approved steps"), tell.count(len(found))),)
    table = sheet.table("approvals", t("Newest approved steps"), heads, rows)
    note = t("A contract that guards nobody less takes no second person, and stands in the trail.")
    return CardSection("agreed", t("Who agreed to it"), facts, (table,) if rows else (), (note,))


def retention(source: Source) -> CardSection:
    """Return how long what is kept of the model is kept."""
    t, sheet = source.t, source.of_register()
    tell = sheet.teller
    rows = []
    for line in retention_table(source.workspace, actor=source.actor):
        low, high = (
            Value(days, t.n("{n} day", "{n} days", days)) if days is not None else NOTHING
            for days in (line.rule.minimum_days, line.rule.maximum_days)
        )
        rows.append((tell.word(line.label), low, high, tell.word(line.rule.basis)))
    heads = (t("Records"), t("At least"), t("At most"), t("Basis"))
    table = sheet.table("retention", t("How long records are kept"), heads, rows)
    return CardSection("retention", t("Retention"), (), (table,))


def trail(source: Source) -> CardSection:
    """Return how the audit trail stood when the card was made."""
    t, sheet = source.t, source.of_register()
    tell = sheet.teller
    found = audit_trail.status(source.workspace, actor=source.actor)
    facts = [sheet.fact("size", t("Entries of the trail"), tell.count(found.size))]
    last = found.checkpoint
    if last is None:
        facts.append(sheet.missing("checkpoint", t("Newest checkpoint"), t("None is signed yet.")))
    else:
        root = last.root.hex()
        facts += [
            sheet.fact("checkpoint", t("Newest checkpoint covers"), tell.count(last.size)),
            sheet.fact("root", t("Root of its tree"), Value(root, in_groups(root))),
            sheet.fact("signed", t("Signed"), tell.moment(last.at)),
        ]
    note = t("The making of this card is an entry of the trail, with the hash of its facts.")
    return CardSection("trail", t("Audit trail"), tuple(facts), notes=(note,))


def _suspensions(source: Source) -> list[CardFact]:
    t, sheet = source.t, source.of_register()
    tell = sheet.teller
    year = source.now - _YEAR
    with source.workspace.store.read() as conn:
        found = audit.list_newest(
            conn,
            kind="model.suspended",
            objects={"model": source.model.id},
            since=year,
            limit=_MOST,
        )
    changed = version_history(source.workspace, source.model.id, actor=source.actor)
    rolled = sum(each.changed_at >= year for each, _ in changed)
    return [
        sheet.fact("suspended", t("Suspended in the last year"), tell.count(len(found))),
        sheet.fact("rolled_back", t("Changes of the serving version"), tell.count(rolled)),
    ]


def _reproduced(source: Source) -> CardFact:
    sheet = source.of_register()
    if not source.may(Permission.quality_view):
        return sheet.left_out("reproduced", source.t("Last reproduction"))
    found = last_reproduction(source.workspace, source.model.id, actor=source.actor)
    return reproduced(sheet, found)


def reproduced(sheet: Sheet, found: PastReproduction | None) -> CardFact:
    """Return what came of the last time that a sample was scored again."""
    t = sheet.teller.t
    name = t("Last reproduction")
    if found is None:
        return sheet.missing("reproduced", name, t("None yet. Ask for one on the page Model."))
    said = t(
        "{date}: {verdict}",
        date=t.date(found.at, sheet.teller.timezone),
        verdict=t(VERDICTS[found.verdict]),
    )
    return sheet.fact("reproduced", name, Value([found.at, found.verdict], said))
