"""The printed sections on the model: who agreed to it, how it stood, where the decision is from."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.i18n import N_, Translator
from core.reports.dossier import Section
from core.services.explanation import dossier_words as words
from core.services.explanation.dossier_source import Source
from core.services.explanation.dossier_told import (
    column_text,
    in_groups,
    instant,
    noted,
    number_text,
    or_unknown,
)
from core.services.explanation.dossier_words import said
from core.services.rights.letter_texts import decision_text


def model_sections(t: Translator, source: Source, facts: Mapping[str, Any]) -> tuple[Section, ...]:
    """Return them in order.

    Parameters
    ----------
    t : Translator
        The language.
    source : Source
        What the dossier is made from.
    facts : mapping
        ``dossier.json`` before it is written.
    """
    return (
        _origins(t, source, facts),
        _model(t, facts),
        _state(t, source, facts),
        _groups(t, source, facts),
    )


def policy_facts(t: Translator, found: Mapping[str, Any] | None) -> tuple[tuple[str, str], ...]:
    """Return the rule that stood when the decision was made, and whether it fired."""
    if found is None:
        return ((t(N_("Rule of the policy")), or_unknown(t, None)),)
    rule = noted(
        t,
        f"{said(t, words.COMPARED, found['compares'])} "
        f"{words.RELATIONS[found['relation']]} {number_text(t, found['threshold'])} "
        f"→ {decision_text(t, found['decides'])}",
        found["version"],
    )
    fired = {True: N_("yes"), False: N_("no"), None: N_("not known")}[found["fired"]]
    return ((t(N_("Rule of the policy")), rule), (t(N_("The rule fired")), t(fired)))


def _origins(t: Translator, source: Source, facts: Mapping[str, Any]) -> Section:
    """Draw asset → feature → version → decision, with where each asset rests."""
    found, version = facts["lineage"], facts["version"]
    file, batch = found["file"], found["batch"]
    lines = [(t(N_("Jurisdiction")), or_unknown(t, found["jurisdiction"]))]
    if file:
        lines += [
            (t(N_("File")), file["name"]),
            (t(N_("SHA-256 of the file")), in_groups(file["sha256"])),
        ]
    if batch:
        lines += [
            (t(N_("Batch")), batch["id"]),
            (t(N_("Ingested at")), instant(batch["ingested_at"])),
        ]
    lines += [(t(N_("Freshness of the log, hours")), _fresh(t, facts["inputs"]["freshness"]))]
    heads = (N_("Asset"), N_("Features"), N_("Version"), N_("Decision"))
    decision = facts["decision"]
    ends = (
        (version["id"], *(f"SHA-256 {e['sha256'][:16]}…" for e in version["files"][:1])),
        (decision_text(t, decision["decision"]), instant(decision["predicted_at"])),
    )
    return Section(
        t(N_("Where the decision is from")),
        facts=tuple(lines),
        chain_head=tuple(t(each) for each in heads),
        chain=tuple(_stores(t, source, found)),
        chain_ends=ends,
    )


def _stores(
    t: Translator, source: Source, found: Mapping[str, Any]
) -> Sequence[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Return each asset with its tags, and its features; then the features of none."""
    label = source.decision.contract.feature
    of_asset: dict[str | None, list[str]] = {}
    for each in found["features"]:
        text = label(each["feature"]).label_in(t.locale)
        of_asset.setdefault(each["asset"], []).append(text)
    pairs = [
        (_tags(t, each), tuple(of_asset[each["id"]]))
        for each in found["assets"]
        if each["id"] in of_asset
    ]
    if None in of_asset:
        pairs.append(((t(N_("Asset not known")),), tuple(of_asset[None])))
    return pairs


def _tags(t: Translator, asset: Mapping[str, Any]) -> tuple[str, ...]:
    place = " · ".join(filter(None, (asset["held_in"], asset["region"])))
    guard = said(t, words.CLASSIFICATIONS, asset["classification"])
    rests = t(N_("rests in {place}"), place=place or t(N_("not known")))
    owner = t(N_("owner: {owner}"), owner=or_unknown(t, asset["owner"]))
    made_up = (
        (t(N_("These tags are made up, as in a demonstration.")),) if asset["simulated"] else ()
    )
    return (asset["label"][t.locale], rests, guard, owner, *made_up)


def _fresh(t: Translator, found: Sequence[Mapping[str, Any]]) -> str:
    known = [each["value"] for each in found if each["value"] is not None]
    return t.number(known[0], 1) if known else or_unknown(t, None)


def _model(t: Translator, facts: Mapping[str, Any]) -> Section:
    use, version, contract = facts["use_case"], facts["version"], facts["contract"]
    book = facts["code_book"]
    level = version["oversight_level"]
    lines = [
        (t(N_("Purpose")), use["purpose"][t.locale]),
        (t(N_("Owner")), use["owner"]),
        (t(N_("Version")), version["id"]),
        (t(N_("Human oversight")), or_unknown(t, level and said(t, words.OVERSIGHT, level))),
        (t(N_("Contract")), in_groups(contract["sha256"])),
    ]
    if contract["revision"]:
        found = contract["revision"]
        text = f"{found['number']}, {instant(found['registered_at'])}, {found['registered_by']}"
        lines.append((t(N_("Revision of the contract")), text))
    lines += [(t(N_("Contract agreed to")), _agreed(each)) for each in contract["approvals"]]
    if book:
        lines.append((t(N_("Code book agreed to")), f"{book['number']}, {_agreed(book)}"))
    head = (t(N_("File")), "SHA-256", t(N_("Added at")))
    rows = [
        (said(t, words.FILES, each["role"]), in_groups(each["sha256"]), instant(each["added_at"]))
        for each in version["files"]
    ]
    return Section(t(N_("The model and who agreed to it")), (), tuple(lines), head, tuple(rows))


def _agreed(each: Mapping[str, Any]) -> str:
    return f"{each['proposed_by']} → {each['approved_by']}, {instant(each['approved_at'])}"


def _state(t: Translator, source: Source, facts: Mapping[str, Any]) -> Section:
    state, contract = facts["state"], source.decision.contract
    alerts = t.items(
        *(
            noted(t, said(t, words.ALERTS, each["kind"]), column_text(t, contract, each["column"]))
            for each in state["alerts_open"]
        )
    )
    lines = [(t(N_("Alerts open then")), alerts or t(N_("none")))]
    found = state["known_then"] or state["of_the_period"]
    rows: list[tuple[str, ...]] = []
    notes: tuple[str, ...] = ()
    if found:
        then = N_("Figures of the check as of")
        later = N_("Figures of that period, from the later check as of")
        name = then if state["known_then"] else later
        lines.insert(0, (t(name), instant(found["as_of"])))
        whole = [e for name in ("drift", "performance") for e in found[name] if not e["slice"]]
        known = [e for e in whole if e["value"] is not None]
        rows = [_figure(t, source, each) for each in known]
        notes = _without_value(t, len(whole) - len(known))
    heads = (N_("Family"), N_("Figure"), N_("Column"), N_("Period"), N_("Value"), N_("Level"))
    head = tuple(t(each) for each in heads)
    return Section(t(N_("The model's state then")), notes, tuple(lines), head, tuple(rows))


def _figure(t: Translator, source: Source, each: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        said(t, words.FAMILIES, each["metric"]),
        said(t, words.FIGURES, each["method"]),
        column_text(t, source.decision.contract, each["column"]),
        said(t, words.PERIODS, each["chunk_key"]),
        number_text(t, each["value"]),
        said(t, words.JUDGED, each["level"]),
    )


def _without_value(t: Translator, count: int) -> tuple[str, ...]:
    if not count:
        return ()
    return (
        t.n(
            "One more figure had no value then, as before outcomes are known; the JSON has it.",
            "{n} more figures had no value then, as before outcomes are known; the JSON has them.",
            count,
        ),
    )


def _groups(t: Translator, source: Source, facts: Mapping[str, Any]) -> Section:
    rows = [
        (
            said(t, words.FIGURES, e["method"]),
            column_text(t, source.decision.contract, e["column"]),
            e["slice"] or "–",
            said(t, words.PERIODS, e["chunk_key"]),
            number_text(t, e["value"]),
            str(e["n"]),
        )
        for e in facts["state"]["groups"]
    ]
    heads = (N_("Figure"), N_("Column"), N_("Group"), N_("Period"), N_("Value"), N_("Rows"))
    notes = () if rows else (t(N_("No figures of groups are on record for that period.")),)
    heading = t(N_("Groups compared in that period"))
    return Section(heading, notes, (), tuple(t(each) for each in heads), tuple(rows))
