"""The frame of a sample: every decision in question, by a keyed hash of its id, in order of time.

The key is the pseudonym that a dossier has of its decision, so that the two can be held together
and no frame tells an id.
"""

import hmac
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from hashlib import sha256
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from core.contract import ModelContract
from core.domain.identity import Actor, Permission
from core.domain.sampling import ALL, REST, Method, Unit
from core.domain.windows import Window
from core.errors import InvalidInput, NothingYet
from core.i18n import N_
from core.lake.decisions.chosen import Choice
from core.lake.decisions.frame_rows import frame_rows
from core.lake.row_filter import RowFilter
from core.services import access
from core.services.explanation.choosing import checked_condition
from core.services.questions import parsed_contract
from core.services.review.hidden_score import hidden_from
from core.services.stale import retry_when_stale
from core.services.workspace import Workspace
from core.store import manifest, models

MOST_UNITS = 500_000
STRATA = ("decision", "version", "month", "jurisdiction")
_PURPOSE = "dossier prediction"
_EVERYTHING = "true"
_INSTANT = "%Y-%m-%dT%H:%M:%SZ"  # with microseconds, as the column has them


@dataclass(frozen=True, slots=True)
class Plan:
    """What sample is wanted.

    Parameters
    ----------
    model_id : str
        Whose decisions.
    method : Method
        As :func:`core.domain.sampling.draw`.
    n : int
        How many.
    words, reason : str
        The drawer's own words for the seed, and why the sample is drawn.
    first, last : date, optional
        Local days of the decisions, both included; ``None`` for the whole log.
    condition : str
        Over what the log says: for ``all_then_random`` what is taken whole, else what the
        population is narrowed to; empty for everything.
    stratum : str
        One of :data:`STRATA`, for ``proportional`` and ``equal``.
    """

    model_id: str
    method: Method
    n: int
    words: str = ""
    reason: str = ""
    first: date | None = None
    last: date | None = None
    condition: str = ""
    stratum: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One decision of a frame, with the id that the frame does not tell."""

    unit: Unit
    at: str
    prediction_id: str = field(repr=False)


@dataclass(frozen=True)
class Frame:
    """Everything that a sample is drawn from.

    Parameters
    ----------
    rows : sequence of Row
        In the order that a systematic sample goes by: time, then key.
    left_out : int
        Decisions of the model that are reviewed without their score, and stand in no frame.
    """

    rows: Sequence[Row]
    left_out: int

    @cached_property
    def units(self) -> list[Unit]:
        """What is drawn from."""
        return [each.unit for each in self.rows]

    @cached_property
    def content(self) -> bytes:
        """The file: of each decision key, time and stratum as JSON, a line each."""
        lines = (
            json.dumps(
                [e.unit.key, e.at, e.unit.stratum], ensure_ascii=False, separators=(",", ":")
            )
            for e in self.rows
        )
        return "".join(f"{line}\n" for line in lines).encode()

    @property
    def sha256(self) -> str:
        """Hash of the file."""
        return sha256(self.content).hexdigest()

    @property
    def sizes(self) -> Mapping[str, int]:
        """Decisions in each stratum."""
        return Counter(each.stratum for each in self.units)

    def ids(self) -> Mapping[str, str]:
        """Return key → id."""
        return {each.unit.key: each.prediction_id for each in self.rows}


def key_of(workspace: Workspace, model_id: str, prediction_id: str) -> str:
    """Return what frames and dossiers call a decision."""
    return workspace.keys.mac(_PURPOSE, f"{model_id}/{prediction_id}")


@retry_when_stale
def read_frame(workspace: Workspace, plan: Plan, *, actor: Actor) -> Frame:
    """Return the frame of a plan in an actor's scope.

    Raises
    ------
    Forbidden, NotFound
        If the actor may not, or there is no such model in the actor's scope.
    NothingYet
        If it has no log.
    InvalidInput, ExpressionError
        If the condition or the stratum is personal or wrong, or there are too many decisions.
    """
    access.require(actor, Permission.examiner_work, model=plan.model_id)
    contract, found, left_out = _found(workspace, plan, actor, MOST_UNITS)
    if isinstance(found, int):
        raise InvalidInput(
            N_("There are {found} decisions, more than the {most} that a sample is drawn from."),
            remedy=N_("Choose a shorter period, or narrow it by a condition."),
            found=found,
            most=MOST_UNITS,
        )
    return Frame(_rows(workspace, contract, plan, found), left_out)


@retry_when_stale
def frame_size(workspace: Workspace, plan: Plan, *, actor: Actor) -> int:
    """Return how many decisions a frame would have, without reading them.

    Raises
    ------
    Forbidden, NotFound, NothingYet, InvalidInput, ExpressionError
        As :func:`read_frame`; too many are counted.
    """
    access.require(actor, Permission.examiner_work, model=plan.model_id)
    _, found, _ = _found(workspace, plan, actor, 0)
    return found if isinstance(found, int) else 0


def _found(
    workspace: Workspace, plan: Plan, actor: Actor, most: int
) -> tuple[ModelContract, pa.Table | int, int]:
    """Return the contract, the rows or their number, and how many were left out."""
    with workspace.store.read() as conn:
        record = models.get(conn, plan.model_id)
        hidden = hidden_from(conn, plan.model_id, actor)
        files = manifest.files_at(
            conn, plan.model_id, record.lake_generation, kinds=["data"], streams=["predictions"]
        )
    contract = parsed_contract(record.spec_text)
    if not files:
        raise NothingYet(
            N_("The log of {model} is empty."),
            remedy=N_("Nothing can be drawn before its first batch was ingested."),
            model=plan.model_id,
        )
    _check_strata(contract, plan)
    takes_all = plan.method == "all_then_random"
    condition = checked_condition(contract, plan.condition.strip() or _EVERYTHING)
    everything = checked_condition(contract, _EVERYTHING)
    scope = RowFilter(
        jurisdictions=None if actor.jurisdictions is None else tuple(sorted(actor.jurisdictions))
    )
    found = frame_rows(
        workspace.duck,
        workspace.lake_paths(files),
        Choice(contract, everything if takes_all else condition, scope, hidden),
        span=_span(contract, plan),
        whole=condition if takes_all else None,
        most=most,
    )
    return contract, found, len(hidden)


def _check_strata(contract: ModelContract, plan: Plan) -> None:
    named = "time" if plan.stratum == "month" else plan.stratum
    if named and contract.is_personal(f"@{named}"):
        raise InvalidInput(
            N_("{name} is personal: strata of it would tell its values."),
            remedy=N_("Choose another stratum, or none."),
            name=named,
        )
    if (plan.first or plan.last) and contract.is_personal("@time"):
        raise InvalidInput(
            N_("{name} is personal: which decisions are chosen by it would tell its values."),
            remedy=N_("Choose by columns that are not personal."),
            name="time",
        )


def _span(contract: ModelContract, plan: Plan) -> tuple[datetime, datetime] | None:
    if plan.first is None or plan.last is None:
        return None
    window = Window.of_days(plan.first, plan.last, contract.timezone)
    return window.start, window.end


def _rows(workspace: Workspace, contract: ModelContract, plan: Plan, found: pa.Table) -> list[Row]:
    secret = workspace.keys.derive(_PURPOSE)
    ids = [str(each) for each in found.column("prediction_id").to_pylist()]
    keys = [hmac.new(secret, f"{plan.model_id}/{e}".encode(), sha256).hexdigest() for e in ids]
    times = pc.strftime(found.column("time").cast(pa.timestamp("us", "UTC")), _INSTANT).to_pylist()
    if contract.is_personal("@time"):
        times = [""] * len(ids)
    strata = _strata(plan, found, contract.timezone)
    rows = [
        Row(Unit(key, stratum), at, named)
        for key, stratum, at, named in zip(keys, strata, times, ids, strict=True)
    ]
    return sorted(rows, key=lambda row: (row.at, row.unit.key))


def _strata(plan: Plan, found: pa.Table, timezone: str) -> list[str]:
    """Return the stratum of each row."""
    if plan.method == "all_then_random":
        return [ALL if each else REST for each in found.column("whole").to_pylist()]
    if plan.stratum == "month":
        zone = ZoneInfo(timezone)
        return [f"{each.astimezone(zone):%Y-%m}" for each in found.column("time").to_pylist()]
    if plan.stratum:
        return [str(each) for each in found.column(plan.stratum).to_pylist()]
    return [""] * found.num_rows
