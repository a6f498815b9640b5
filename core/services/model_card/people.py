"""Who watches over a model and what customers are owed: oversight, explanations, requests."""

from collections import Counter

from core.domain.identity import Permission
from core.domain.status import Status
from core.reports.model_card import CardFact, CardSection, CardTable, Value
from core.services.explanation.code_books import list_code_books
from core.services.explanation.worklist import LISTED, worklist
from core.services.model_card.source import OF_SOME, Source
from core.services.model_card.telling import Sheet
from core.services.oversight.measures import Measure
from core.services.oversight.quality import oversight_quality
from core.services.oversight.reviewed import reviewed_by_version
from core.services.rights.desk import list_requests
from core.services.rights.words import KINDS as REQUEST_KINDS
from core.services.routing.breaches import ModelOversight, oversight
from core.store.rights import disputes

_REVIEW, _UPHELD = "review", "upheld"
_HUMAN = "human_decision"


def oversight_section(source: Source) -> CardSection:
    """Return what took effect without the review it needed, and how often people overturn."""
    t, tell, sheet = source.t, source.teller, source.of_log()
    found = oversight(source.workspace, source.model.id, actor=source.actor, limit=0)
    heading = t("Who watches over it")
    facts = [
        sheet.fact("released", t("Took effect, by the log"), tell.count(found.released)),
        sheet.fact("breaches", t("Released without required review"), tell.count(found.breaches)),
        sheet.fact(
            "undeclared", t("Took effect without a declared level"), tell.count(found.undeclared)
        ),
        sheet.fact("no_case", t("Held, for no rule made a case"), tell.count(found.no_case)),
        *_overturned(source),
    ]
    notes = (
        ()
        if found.is_logged
        else (t("The log does not say when decisions took effect: a count of 0 proves nothing."),)
    )
    if _HUMAN in source.contract.simulated:
        notes = (*notes, t("What people decided is simulated in this log."))
    table = _reviewed(source)
    tables = (table,) if table.rows else ()
    return CardSection("oversight", heading, tuple(facts), tables, notes, status_of(found))


def _reviewed(source: Source) -> CardTable:
    """Return of how many predictions of each version a person decided."""
    t, tell = source.t, source.teller
    found = reviewed_by_version(source.workspace, source.model.id, actor=source.actor)
    rows = [
        (
            tell.verbatim(each.version or None),
            tell.count(each.predictions),
            tell.count(each.reviewed),
            tell.percent(each.reviewed / each.predictions),
        )
        for each in found
    ]
    heads = (t("Version"), t("Predictions"), t("Decided about by people"), t("Share"))
    caption = t("Decided about by people, by version")
    return source.of_log().table("reviewed", caption, heads, rows)


def explanations(source: Source) -> CardSection:
    """Return how many decisions were explained, how steady the reasons are, and the code book."""
    t, tell, sheet = source.t, source.teller, source.of_register()
    found = worklist(source.workspace, source.model.id, actor=source.actor, limit=LISTED)
    kept = found.kept
    facts = [
        sheet.fact("decisions", t("Automated decisions"), tell.count(found.decisions)),
        sheet.fact("explained", t("Of these explained"), tell.count(found.explained)),
        sheet.fact("differing", t("Differ from what was expected"), tell.count(found.differing)),
        sheet.fact("unexplained", t("Of these unexplained"), tell.count(found.unexplained)),
        sheet.fact("kept", t("Decisions with a kept record"), tell.count(kept.decisions)),
        sheet.fact("unsteady", t("Of these with unsteady reasons"), tell.count(kept.unsteady)),
        sheet.fact("other_score", t("Of these scored otherwise"), tell.count(kept.differing)),
        _code_book(source),
    ]
    notes = () if found.is_held else tuple({t(each.why): None for each in found.ways if each.why})
    return CardSection(
        "explanations", t("How its decisions are explained"), tuple(facts), notes=notes
    )


def requests(source: Source) -> CardSection:
    """Return customers' requests about the model: how many, of which kind, how they ended."""
    t, tell, sheet = source.t, source.teller, source.of_register()
    heading = t("What customers asked for")
    if source.actor.jurisdictions is not None:
        return CardSection("requests", heading, notes=(t(OF_SOME),), is_left_out=True)
    found = list_requests(source.workspace, actor=source.actor, model=source.model.id)
    asked = Counter(each.kind for each in found)
    waiting = Counter(each.kind for each in found if each.is_open)
    rows = [
        (tell.word(name), tell.count(asked[kind]), tell.count(waiting[kind]))
        for kind, name in REQUEST_KINDS.items()
        if asked[kind]
    ]
    heads = (t("Kind"), t("Requests made"), t("Still open"))
    table = sheet.table("kinds", t("Requests by kind"), heads, rows)
    overturned = sum(each.kind == _REVIEW and each.outcome == "overturned" for each in found)
    upheld = sum(each.kind == _REVIEW and each.outcome == _UPHELD for each in found)
    facts = [
        sheet.fact("received", t("Requests received"), tell.count(len(found))),
        sheet.fact("changed", t("Decisions changed on request"), tell.count(overturned)),
        sheet.fact("upheld", t("Decisions upheld on request"), tell.count(upheld)),
        *_disputes(source),
    ]
    return CardSection("requests", heading, tuple(facts), (table,) if rows else ())


def status_of(found: ModelOversight) -> Status:
    """Return how oversight stands: one release without its review is one too many."""
    if not found.is_logged:
        return Status.not_enough_data
    return Status.act if found.breaches else Status.in_range


def _overturned(source: Source) -> list[CardFact]:
    t, tell, sheet = source.t, source.teller, source.of_register()
    name, cases = t("Overturned by people"), t("Cases decided by people in 365 days")
    if not source.may(Permission.oversight_view):
        return [sheet.left_out("verdicts", cases), sheet.left_out("overturned", name)]
    found = oversight_quality(source.workspace, source.model.id, actor=source.actor)
    share = found.measure("override")
    facts = [sheet.fact("verdicts", cases, tell.count(found.verdicts))]
    if found.simulated:
        facts.append(
            sheet.fact(
                "simulated",
                t("Verdicts of any kind that nobody gave (demo)"),
                tell.count(found.simulated),
            )
        )
    return [*facts, overturned(sheet, share)]


def overturned(sheet: Sheet, share: Measure) -> CardFact:
    """Return how often people decide otherwise; nothing where it would be one person's figure."""
    t, tell = sheet.teller.t, sheet.teller
    name = t("Overturned by people")
    if share.is_withheld or not share.n:
        why = t("Too few cases to tell without telling of one person.")
        return sheet.missing("overturned", name, why)
    low, high = tell.percent(share.low), tell.percent(share.high)
    value = tell.percent(share.value)
    said = t(
        "{value}, 95% interval {low} to {high}, of {n} cases",
        value=value.text,
        low=low.text,
        high=high.text,
        n=share.n,
    )
    raw = [value.raw, low.raw, high.raw, share.n]
    return sheet.fact("overturned", name, Value(raw, said))


def _code_book(source: Source) -> CardFact:
    t, sheet = source.t, source.of_register()
    found = list_code_books(source.workspace, source.model.id, actor=source.actor)
    name = t("Code book in force")
    if not found:
        return sheet.missing("code_book", name, t("None. Propose one on the page Explanations."))
    newest = found[0]
    said = t(
        "version {number}, approved {date}, SHA-256 {digest}…",
        number=str(newest.number),
        date=t.date(newest.approved_at, sheet.teller.timezone),
        digest=newest.sha256[:12],
    )
    return sheet.fact("code_book", name, Value([newest.number, newest.sha256], said))


def _disputes(source: Source) -> list[CardFact]:
    t, tell = source.t, source.teller
    with source.workspace.store.read() as conn:
        count = disputes.count(conn, frozenset({source.model.id}))
    return [source.of_register().fact("disputes", t("Dispute notes in force"), tell.count(count))]
