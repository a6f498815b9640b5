"""What a dossier says of the model: use case, version, hashes, approvals, rules that fired."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from core.domain.windows import local_day
from core.i18n import N_
from core.i18n.locales import LOCALES
from core.services.explanation.dossier_source import Source
from core.services.registry.registrations import LOOSEN_KIND
from core.services.reproduce.policy import applies, policy_of
from core.store import approvals, models
from core.store.approvals import Approval
from core.store.explanations import code_books
from core.store.explanations.code_books import CodeBookRecord
from core.store.models import SpecRevision

_MOST_APPROVALS = 1000
_COMPARED = frozenset({"score", "amount"})


def model_facts(conn: Connection, source: Source) -> Mapping[str, object]:
    """Return what the dossier says of the model and of who agreed to it."""
    contract = source.decision.contract
    return {
        "use_case": {
            "model": contract.id,
            "name": {each: contract.name.get(each) for each in LOCALES},
            "purpose": {each: contract.purpose.get(each) for each in LOCALES},
            "owner": contract.owner,
            "task": contract.task,
            "simulated": list(contract.simulated),
        },
        "version": _version(source),
        "contract": _contract(conn, source),
        "code_book": _code_book(conn, source),
        "policy": _policy(source),
    }


def book_of_record(conn: Connection, source: Source) -> CodeBookRecord | None:
    """Return the code book that the record names."""
    wanted = source.kept.code_book
    found = code_books.list_of(conn, source.model_id, limit=wanted or 1)
    return next((each for each in found if each.number == wanted), None)


def _policy(source: Source) -> Mapping[str, object] | None:
    """Return the rule that stood when the decision was made, and whether it fired."""
    decision = source.decision
    contract = decision.contract
    day = local_day(decision.predicted_at, contract.timezone)
    policy = source.or_why(
        "/policy",
        policy_of(contract, decision.version, day),
        N_("The contract names no rule for that day."),
    )
    if policy is None:
        return None
    column, comparison, limit, then = policy.parts()
    is_known = column in _COMPARED and source.is_shown(f"@{column}")
    value = decision.number(column) if is_known else None
    fired = None if value is None else applies(policy, value)
    why = N_("The log has no value for this rule, or it is left out.")
    source.or_why("/policy/fired", fired is not None, why)
    return {
        "version": policy.version,
        "from": policy.start,
        "rule": policy.rule,
        "compares": column,
        "relation": comparison,
        "threshold": limit,
        "decides": then,
        "fired": fired,
    }


def _version(source: Source) -> Mapping[str, object]:
    decision = source.decision
    declared = next((e for e in decision.contract.versions if e.id == decision.version), None)
    files = [each for each in decision.files if each.version == decision.version]
    source.or_why("/version/files", files, N_("No file of this version is registered."))
    trained = source.or_why(
        "/version/trained_at",
        declared and declared.trained_at,
        N_("The contract does not say when this version was trained."),
    )
    level = source.or_why(
        "/version/oversight_level",
        declared and declared.oversight_level,
        N_("The contract states no level of human oversight for this version."),
    )
    return {
        "id": decision.version,
        "trained_at": trained,
        "oversight_level": level,
        "files": [
            {
                "role": each.role,
                "sha256": each.sha256,
                "bytes": each.bytes,
                "added_at": each.added_at,
                "added_by": source.people(each.added_by),
            }
            for each in sorted(files, key=lambda each: each.id)
        ],
    }


def _contract(conn: Connection, source: Source) -> Mapping[str, object]:
    """Return the contract that the record was made under, and who agreed to it."""
    artefact = source.document["artefact"]
    wanted = artefact["contract_sha256"] if artefact else source.decision.spec_sha256
    revisions = models.spec_revisions(conn, source.model_id)
    found = next((each for each in revisions if each.sha256 == wanted), None)
    source.or_why("/contract", found, N_("No contract of the record's hash is registered."))
    return {
        "sha256": wanted,
        "revision": found and _revision(found, source),
        "approvals": _approvals(conn, source, wanted),
    }


def _revision(found: SpecRevision, source: Source) -> Mapping[str, object]:
    return {
        "number": found.revision,
        "registered_at": found.registered_at,
        "registered_by": source.people(found.registered_by),
    }


def _approvals(conn: Connection, source: Source, sha256: str) -> Sequence[Mapping[str, object]]:
    found = approvals.list_approvals(
        conn,
        now=source.workspace.clock(),
        state="approved",
        models=frozenset({source.model_id}),
        limit=_MOST_APPROVALS,
    )
    told = [
        _approval(each, source)
        for each in found
        if each.kind == LOOSEN_KIND and each.command.get("sha256") == sha256
    ]
    why = N_(
        "No approval of this contract is on record; only one that guards people less takes it."
    )
    return source.or_why("/contract/approvals", told, why)


def _approval(each: Approval, source: Source) -> Mapping[str, object]:
    return {
        "id": each.id,
        "proposed_at": each.proposed_at,
        "proposed_by": source.people(each.proposed_by),
        "approved_at": each.decided_at,
        "approved_by": source.people(each.decided_by),
    }


def _code_book(conn: Connection, source: Source) -> Mapping[str, object] | None:
    book = source.or_why(
        "/code_book", book_of_record(conn, source), N_("No code book was in force.")
    )
    if book is None:
        return None
    approval = approvals.get(conn, book.approval_id)
    return {"number": book.number, "sha256": book.sha256, **_approval(approval, source)}
