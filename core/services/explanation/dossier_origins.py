"""Where a decision is from: stores, features, version and file; how fresh its inputs were."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from sqlalchemy import Connection

from core.contract.origins import Asset, Disclosure, in_force
from core.domain.windows import local_day
from core.i18n import N_
from core.i18n.locales import LOCALES
from core.services.explanation.dossier_source import Source
from core.services.questions import parsed_contract
from core.store import batches, models
from core.store.alerts.checks import MetricResult

_FRESHNESS = "freshness"


def lineage(conn: Connection, source: Source) -> Mapping[str, object]:
    """Return asset → feature → version → decision, the file it came in, and where each rests."""
    decision = source.decision
    row = decision.row
    batch = batches.find(conn, str(row["_batch"]))
    read = batches.sources(conn, str(row["_batch"]))
    place = int(str(row.get("_source", 0)))
    file = next((each for each in read if each.ordinal == place), None)
    source.or_why("/lineage/file", file, N_("The batch names no file."))
    if not decision.jurisdiction:
        source.unknown["/lineage/jurisdiction"] = N_("The log names no jurisdiction.")
    source.unknown["/lineage/held_in"] = N_(
        "The product does not know where the machine stands that keeps the log and the model."
    )
    return {
        "assets": [_asset(each, source, at) for at, each in enumerate(decision.contract.assets)],
        "features": _features(source),
        "version": decision.version,
        "held_in": None,
        "file": file and {"name": file.name, "sha256": file.sha256, "bytes": file.bytes},
        "line": row.get("_line"),
        "batch": batch
        and {
            "id": batch.id,
            "ingested_at": batch.finished_at,
            "by": source.people(batch.actor),
            "rows_read": batch.rows_read,
            "rows_quarantined": batch.rows_quarantined,
        },
        "jurisdiction": decision.jurisdiction or None,
    }


def inputs(source: Source, found: Sequence[MetricResult]) -> Mapping[str, object]:
    """Return how fresh the inputs were, and what a check found of each one's quality.

    Parameters
    ----------
    source : Source
        What the dossier is made from.
    found : sequence of MetricResult
        Figures of the period in which the decision fell.
    """
    source.unknown["/inputs/read_at"] = N_("The log does not say when each input was measured.")
    fresh = [asdict(each) for each in found if each.method == _FRESHNESS]
    source.or_why(
        "/inputs/freshness", fresh, N_("No figure of freshness is on record for that period.")
    )
    return {"read_at": None, "freshness": fresh, "quality": _quality(source, found)}


def disclosed(conn: Connection, source: Source) -> Mapping[str, object] | None:
    """Return what customers were told of the use of the model when it decided."""
    contract = source.decision.contract
    day = local_day(source.decision.predicted_at, contract.timezone)
    told = in_force(contract.disclosure, day)
    nothing = N_("The contract names no text that customers were shown.")
    too_early = N_("The decision is older than the first text that the contract names.")
    source.or_why("/rights/disclosure", told, too_early if contract.disclosure else nothing)
    if told is None:
        return None
    first = next(
        each
        for each in models.spec_revisions(conn, source.model_id)
        if told in parsed_contract(each.spec_text).disclosure
    )
    return {
        **_texts(told),
        "stated_in_revision": first.revision,
        "stated_at": first.registered_at,
    }


def _texts(told: Disclosure) -> Mapping[str, object]:
    return {
        "id": told.id,
        "from": told.start,
        "channel": {each: told.channel.get(each) for each in LOCALES},
        "text": {each: told.text.get(each) for each in LOCALES},
        "simulated": told.simulated,
    }


def _asset(asset: Asset, source: Source, place: int) -> Mapping[str, object]:
    why = N_("The contract does not say where this asset rests.")
    source.or_why(f"/lineage/assets/{place}/held_in", asset.held_in, why)
    return {
        "id": asset.id,
        "label": {each: asset.label_in(each) for each in LOCALES},
        "held_in": asset.held_in,
        "region": asset.region,
        "owner": asset.owner,
        "classification": asset.classification,
        "simulated": asset.simulated,
    }


def _features(source: Source) -> Sequence[Mapping[str, object]]:
    why = N_("The contract does not say from which asset this feature is.")
    told = []
    for place, each in enumerate(source.decision.contract.features):
        source.or_why(f"/lineage/features/{place}/asset", each.asset, why)
        told.append(
            {"feature": each.name, "column": each.name, "type": each.type, "asset": each.asset}
        )
    return told


def _quality(
    source: Source, found: Sequence[MetricResult]
) -> Mapping[str, Sequence[Mapping[str, object]]]:
    named = {each.name for each in source.decision.contract.features}
    told: dict[str, list[Mapping[str, object]]] = {}
    for each in found:
        if each.metric == "quality" and each.column in named and not each.slice:
            told.setdefault(each.column, []).append(asdict(each))
    return told
