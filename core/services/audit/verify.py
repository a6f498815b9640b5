"""Verifying the audit trail: against itself, against its checkpoints, against one kept elsewhere.

What does not fit together is found without help. That everything was rewritten, key and all, or
that an older copy was put back, is found only by a checkpoint that its keeper took away before.
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy.exc import SQLAlchemyError

from core.domain.identity import Actor, Permission
from core.errors import InvalidInput, LostLease, StorageError
from core.i18n import N_
from core.proof.checkpoint import Checkpoint, parse_checkpoint
from core.proof.keyring import Keyring
from core.proof.note import NoteVerifier
from core.services import access
from core.services.audit import anchors as audit_anchors
from core.services.audit.keys import keyring_within
from core.services.audit.timestamp import authority_of
from core.services.jobs import ordering
from core.services.jobs.worker import WORKER, Progress
from core.services.workspace import Workspace
from core.store import jobs
from core.store.audit import checkpoints
from core.store.audit.check import Problem, Walk, walk

_LOG = logging.getLogger(__name__)
VERIFY_JOB = "audit_verify"

NOT_LOGGED = N_("Whether something happened that never reached the trail.")
NOT_TRUE = N_("Whether what the entries say is true.")
NOT_AFTER = N_(
    "What became of the entries behind {size}: no checkpoint kept elsewhere covers them."
)
NOT_STAMPED = N_(
    "Whether the {count} timestamps are genuine: no authority is set whose root they must lead to."
)
NOT_READ = N_("What the {count} damaged lines of the anchor file said.")
NOT_WITHOUT = N_(
    "Whether somebody with disk and key rewrote the trail, or put an older copy in its place:"
    " no checkpoint kept elsewhere was given."
)


_UNREADABLE = (ValueError, TypeError, LookupError, InvalidInput, StorageError, SQLAlchemyError)


@dataclass(frozen=True, slots=True)
class Verification:
    """What a verification found.

    Parameters
    ----------
    passed : bool
        Whether everything fits.
    size, root : int, str
        Entries read, and the root over them in hex.
    problems : tuple of Problem
        What does not fit, in the order of the trail.
    first_bad : int, optional
        The first entry that does not fit.
    checkpoints, anchored, against : int
        Checkpoints compared: the trail's own, the anchor file's, those given.
    covered : int
        Entries that a given checkpoint covers.
    stamped : int
        Checkpoints of which a timestamp authority's token was verified.
    opened, erased : int
        Commitments that their payloads confirm, and those of people erased since.
    cannot : tuple of Problem
        What this verification cannot tell.
    seconds : float
        How long it took.
    """

    passed: bool
    size: int
    root: str
    problems: tuple[Problem, ...]
    first_bad: int | None
    checkpoints: int
    anchored: int
    against: int
    covered: int
    stamped: int
    opened: int
    erased: int
    cannot: tuple[Problem, ...]
    seconds: float


@dataclass(slots=True)
class _Claims:
    """Checkpoints to be compared with the trail, by where they come from."""

    own: list[Checkpoint] = field(default_factory=list)
    anchored: list[Checkpoint] = field(default_factory=list)
    damaged: int = 0
    against: list[Checkpoint] = field(default_factory=list)
    stamped: int = 0
    unread: int = 0

    def all(self) -> list[Checkpoint]:
        return [*self.own, *self.anchored, *self.against]


def verify(
    workspace: Workspace,
    *,
    actor: Actor,
    against: Sequence[Checkpoint] = (),
    key: NoteVerifier | None = None,
    progress: Callable[[float], None] = lambda _: None,
) -> Verification:
    """Read the whole audit trail and compare it with itself and with checkpoints.

    Parameters
    ----------
    workspace : Workspace
        Whose trail.
    actor : Actor
        Who asks; whatever the scope, the whole trail is read and nothing of it told.
    against : sequence of Checkpoint
        Checkpoints kept elsewhere.
    key : NoteVerifier, optional
        Public key that was kept with them; default: the workspace's own.
    progress : callable
        Gets the share done.
    """
    access.require(actor, Permission.audit_view)
    started = time.perf_counter()
    claims, found = _Claims(against=list(against)), Walk()
    try:
        with workspace.store.read() as conn:
            stored = checkpoints.list_checkpoints(conn)
            _read_own(claims, stored, found)
            receipts = checkpoints.receipts(conn)
            keys = keyring_within(workspace, conn)
            anchored, claims.damaged = audit_anchors.anchored(workspace)
            claims.anchored.extend(anchored)
            walked = walk(conn, sizes={each.size for each in claims.all()}, progress=progress)
        walked.problems[:0] = found.problems
        found = walked
        _compare(claims, found, _trusted(keys, key, found))
        _check_changes(claims, found, keys)
        _check_receipts(workspace, claims, receipts, found)
    except LostLease:  # another worker verifies; this one says nothing of the trail
        raise
    except _UNREADABLE as error:
        found.tell(N_("The trail cannot be read to its end: {reason}"), reason=str(error)[:200])
    return _verification(claims, found, time.perf_counter() - started)


def order_verification(workspace: Workspace, *, actor: Actor) -> jobs.Ticket:
    """Let the worker verify the trail; asked twice at once, it does so once."""
    access.require(actor, Permission.audit_view)
    return ordering.order(
        workspace,
        VERIFY_JOB,
        {},
        actor=actor,
        permission=Permission.audit_view,
        dedupe_key=VERIFY_JOB,
        entry_kind="audit.verification_ordered",
        body={},
    )


def newest_verification(workspace: Workspace, *, actor: Actor) -> jobs.Job | None:
    """Return the newest verification by the worker, in whatever state it is."""
    access.require(actor, Permission.audit_view)
    with workspace.store.read() as conn:
        return next(iter(jobs.list_jobs(conn, kinds=[VERIFY_JOB], limit=1)), None)


def verify_job(workspace: Workspace, job: jobs.Job, progress: Progress) -> Mapping[str, object]:
    """Do what :func:`order_verification` ordered."""

    def tell(share: float) -> None:
        try:
            progress(share, "")
        except LostLease:
            raise
        except StorageError as error:  # a busy database is no fault of the trail
            _LOG.warning("the progress of job %s was not told: %s", job.id, error)

    return as_json(verify(workspace, actor=WORKER, progress=tell))


def as_json(found: Verification) -> dict[str, object]:
    """Return a verification as JSON values, for a job's result and for programs."""
    return {
        "passed": found.passed,
        "size": found.size,
        "root": found.root,
        "first_bad": found.first_bad,
        "problems": [_problem(each) for each in found.problems[:50]],
        "problem_count": len(found.problems),
        "checkpoints": found.checkpoints,
        "anchored": found.anchored,
        "against": found.against,
        "covered": found.covered,
        "stamped": found.stamped,
        "opened": found.opened,
        "erased": found.erased,
        "cannot": [_problem(each) for each in found.cannot],
        "seconds": round(found.seconds, 3),
    }


def _problem(found: Problem) -> dict[str, object]:
    params = {
        name: value if isinstance(value, int) else str(value)
        for name, value in found.params.items()
    }
    return {
        "template": found.template,
        "params": params,
        "sequence": found.sequence,
        "text": str(found),
    }


def _read_own(claims: _Claims, stored: Sequence[checkpoints.StoredCheckpoint], found: Walk) -> None:
    for each in stored:
        try:
            parsed = parse_checkpoint(each.note)
        except InvalidInput:
            found.tell(N_("The checkpoint of {size} entries cannot be read."), size=each.size)
            continue
        if (parsed.size, parsed.root) != (each.size, bytes(each.root)):
            found.tell(
                N_("The index beside the checkpoint of {size} entries says something else."),
                size=each.size,
            )
        claims.own.append(parsed)


def _check_receipts(
    workspace: Workspace, claims: _Claims, receipts: Sequence[checkpoints.Anchor], found: Walk
) -> None:
    """Verify every timestamp against its checkpoint and the authority's root."""
    authority, notes = authority_of(workspace), {each.size: each.note for each in claims.own}
    if authority is None:
        claims.unread = len(receipts)
        return
    if not receipts:
        return
    from core.proof.timestamps import stamped_at  # noqa: PLC0415  # only if it is used

    stamped = set()
    for each in receipts:
        try:
            stamped_at(each.receipt or b"", notes.get(each.size, ""), authority.certificates)
            stamped.add(each.size)
        except InvalidInput as error:
            found.tell(
                N_("The timestamp of the checkpoint of {size} entries is not good: {reason}"),
                size=each.size,
                reason=str(error),
            )
    claims.stamped = len(stamped)


def _trusted(keys: Keyring, key: NoteVerifier | None, found: Walk) -> Keyring:
    """Return the keys that count: those of the trail, if the one given is among them."""
    if key is None or keys.holds(key):
        return keys
    if keys.changes:
        found.tell(N_("The key {key} never signed this trail."), key=key.key_hash.hex())
        return keys
    return Keyring((replace(keys.spans[0], verifier=key),))


def _check_changes(claims: _Claims, found: Walk, keys: Keyring) -> None:
    """Tell of a change of keys that the old key did not vouch for."""
    vouched = {each.size for each in claims.own if keys.accepts(each)}
    for size in keys.changes:
        if size not in vouched:
            found.tell(
                N_("No checkpoint that both keys signed belongs to the change of keys."),
                sequence=size,
            )


def _compare(claims: _Claims, found: Walk, keys: Keyring) -> None:
    """Hold each checkpoint against the root that the trail had at its size."""
    told: set[str] = set()
    for each in sorted(claims.all(), key=lambda claim: claim.size):
        if each.note in told:
            continue
        told.add(each.note)
        if not keys.accepts(each):
            found.tell(
                N_("The checkpoint of {size} entries is not signed by the key {key}."),
                size=each.size,
                key=", ".join(one.key_hash.hex() for one in keys.of(each.size)),
            )
        if each.size > found.size:
            found.tell(
                N_("The trail has {size} entries, and a checkpoint had {covered}."),
                size=found.size,
                covered=each.size,
            )
        elif found.roots.get(each.size) != each.root:
            found.tell(
                N_("The first {size} entries are not those that a checkpoint was made of."),
                size=each.size,
            )


def _verification(claims: _Claims, found: Walk, seconds: float) -> Verification:
    covered = max((each.size for each in claims.against), default=0)
    cannot = [Problem(NOT_LOGGED), Problem(NOT_TRUE)]
    if not claims.against:
        cannot.append(Problem(NOT_WITHOUT))
    elif covered < found.size:
        cannot.append(Problem(NOT_AFTER, params={"size": covered}))
    if claims.damaged:
        cannot.append(Problem(NOT_READ, params={"count": claims.damaged}))
    if claims.unread:
        cannot.append(Problem(NOT_STAMPED, params={"count": claims.unread}))
    bad = [each.sequence for each in found.problems if each.sequence is not None]
    return Verification(
        passed=not found.problems,
        size=found.size,
        root=found.roots.get(found.size, b"").hex(),
        problems=tuple(found.problems),
        first_bad=min(bad, default=None),
        checkpoints=len(claims.own),
        anchored=len(claims.anchored),
        against=len(claims.against),
        covered=covered,
        stamped=claims.stamped,
        opened=found.opened,
        erased=found.erased,
        cannot=tuple(cannot),
        seconds=seconds,
    )
