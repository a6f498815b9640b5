"""Exchange rates of the workspace: imported from a file, on the trail, never changed in silence."""

import csv
import hashlib
import io
import re
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import Connection

from core.domain.identity import Actor, Permission
from core.domain.money import BASE, Rate, RateTable
from core.errors import Conflict, InvalidInput, UnreadableFile
from core.i18n import N_
from core.services import access
from core.services.workspace import Workspace
from core.store import rates, settings
from core.store.audit import trail as audit
from core.store.rates import RateSpan

_COLUMNS = ("day", "currency", "hkd")
_CURRENCY = re.compile(r"[A-Z]{3}")
_MOST_BYTES = 20_000_000
_MOST_TOLD = 20
_DIGEST = "rates_digest"
_FIRST_LINE = 2  # the header is line 1
NOTHING_IMPORTED = N_("Nothing was imported; mend the file and import it again.")


@dataclass(frozen=True, slots=True)
class RatesImported:
    """What an import did.

    Parameters
    ----------
    file : str
        Name of the file.
    added, replaced, known : int
        Days that had no rate before, that have another one now, and that had the same.
    currencies : tuple of RateSpan
        What there is now.
    """

    file: str
    added: int
    replaced: int
    known: int
    currencies: tuple[RateSpan, ...]


def import_rates(
    workspace: Workspace, file: Path, *, actor: Actor, replace: bool = False
) -> RatesImported:
    """Import dated exchange rates from a CSV file; all of them or none.

    Parameters
    ----------
    workspace : Workspace
        Where.
    file : Path
        CSV with the columns ``day`` (ISO date), ``currency`` (ISO code) and ``hkd`` (Hong Kong
        dollars for one unit), in any order, others among them.
    actor : Actor
        Needs ``rate.manage``.
    replace : bool
        Let the file change rates that are there; every figure of those days changes with them.

    Raises
    ------
    UnreadableFile
        If the file is no such CSV.
    InvalidInput
        If a row will not do; the first is named by line and column.
    Conflict
        If a day has another rate already and ``replace`` is not set.
    """
    access.require(actor, Permission.rate_manage)
    content = _read(file)
    wanted = _rates(content, workspace.clock().date() + timedelta(days=1))
    source, at, by = file.name, workspace.clock(), actor.audit_name
    with workspace.store.begin() as conn:
        there = {(rate.currency, rate.day): rate for rate in rates.every_rate(conn)}
        new = [rate for rate in wanted if (rate.currency, rate.day) not in there]
        other = [rate for rate in wanted if there.get((rate.currency, rate.day), rate) != rate]
        if other and not replace:
            raise _conflict(there[other[0].currency, other[0].day], other[0], len(other))
        rates.add(conn, new, source=source, at=at, by=by)
        rates.replace(conn, other, source=source, at=at, by=by)
        settings.put(conn, _DIGEST, RateTable.of(rates.every_rate(conn)).digest)
        known = len(wanted) - len(new) - len(other)
        done = RatesImported(file.name, len(new), len(other), known, rates.spans(conn))
        if new or other:
            before = [there[rate.currency, rate.day] for rate in other]
            body = _body(file, content, new, list(zip(before, other, strict=True)))
            _record(workspace, conn, actor, body)
        return done


def list_rates(workspace: Workspace, *, actor: Actor) -> tuple[RateSpan, ...]:
    """Return what rates there are of each currency."""
    access.require(actor, Permission.kpi_view)
    with workspace.store.read() as conn:
        return rates.spans(conn)


def rate_table(workspace: Workspace) -> RateTable:
    """Return all rates; this process reads them again only after an import.

    Answers that are remembered and hold converted money name its ``digest`` in their key.
    """
    with workspace.store.read() as conn:
        digest = settings.get(conn, _DIGEST, "")
        return workspace.memo.get(("rates", digest), lambda: RateTable.of(rates.every_rate(conn)))


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            content = opened.read(_MOST_BYTES + 1)
    except OSError as error:
        raise UnreadableFile(
            N_("{file} cannot be read: {reason}."),
            remedy=N_("Give a CSV file in UTF-8."),
            file=file.name,
            reason=error.strerror,
        ) from error
    if len(content) > _MOST_BYTES:
        raise UnreadableFile(
            N_("{file} is larger than {most} MB."),
            remedy=N_("Split the file, and import the parts."),
            file=file.name,
            most=_MOST_BYTES // 10**6,
        )
    return content


def _rates(content: bytes, newest: date) -> list[Rate]:
    """Return the rates of a file by currency and day."""
    try:
        reader = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        lines = [line for line in enumerate(reader, start=1) if line[1]]
    except (UnicodeDecodeError, csv.Error) as error:
        raise UnreadableFile(N_("This is no CSV in UTF-8."), remedy=NOTHING_IMPORTED) from error
    header = [name.strip().lower() for name in lines[0][1]] if lines else []
    for name in _COLUMNS:
        if header.count(name) != 1:
            raise UnreadableFile(
                N_("The file needs one column {column}; it has: {header}."),
                remedy=N_("Write the columns day, currency and hkd, parted by commas."),
                column=name,
                header=", ".join(header) or "–",
            )
    found: dict[tuple[str, date], Rate] = {}
    for number, cells in lines[1:]:
        row = dict(zip(header, (cell.strip() for cell in cells), strict=False))
        rate = Rate(
            _currency(number, row.get("currency", "")),
            _day(number, row.get("day", ""), newest),
            _number(number, row.get("hkd", "")),
        )
        if found.setdefault((rate.currency, rate.day), rate) != rate:
            raise _wrong(number, "hkd", row["hkd"], "an earlier line has another rate")
    return [found[key] for key in sorted(found)]


def _currency(line: int, text: str) -> str:
    if _CURRENCY.fullmatch(text) is None:
        raise _wrong(line, "currency", text, "write three capital letters, such as USD")
    if text == BASE:
        raise _wrong(line, "currency", text, "the Hong Kong dollar needs no rate")
    return text


def _day(line: int, text: str, newest: date) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise _wrong(line, "day", text, "write a day as 2010-12-31") from None
    if day > newest:
        raise _wrong(line, "day", text, "this day is yet to come")
    return day


def _number(line: int, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 1e-9 <= value <= 1e9:
        raise _wrong(line, "hkd", text, "write Hong Kong dollars for one unit, such as 7.78")
    return value


def _wrong(line: int, column: str, value: str, why: str) -> InvalidInput:
    return InvalidInput(
        N_("Line {line}, column {column}, {value!r}: {why}."),
        remedy=NOTHING_IMPORTED,
        line=line,
        column=column,
        value=value[:40],
        why=why,
    )


def _conflict(there: Rate, wanted: Rate, count: int) -> Conflict:
    return Conflict(
        N_("{count} days have another rate already; {currency} on {day}: {there}, not {wanted}."),
        remedy=N_("Nothing was imported. --replace changes them, and the figures of those days."),
        count=count,
        currency=there.currency,
        day=there.day.isoformat(),
        there=there.hkd,
        wanted=wanted.hkd,
    )


def _body(
    file: Path, content: bytes, new: list[Rate], changed: list[tuple[Rate, Rate]]
) -> dict[str, object]:
    names = sorted({rate.currency for rate in new} | {rate.currency for rate, _ in changed})
    return {
        "file": file.name,
        "sha256": hashlib.sha256(content).hexdigest(),
        "currencies": names,
        "added": len(new),
        "replaced": len(changed),
        "changes": [
            {
                "currency": before.currency,
                "day": before.day.isoformat(),
                "before": before.hkd,
                "after": after.hkd,
            }
            for before, after in changed[:_MOST_TOLD]
        ],
    }


def _record(workspace: Workspace, conn: Connection, actor: Actor, body: dict[str, object]) -> None:
    audit.append(
        conn,
        at=workspace.clock(),
        actor=actor.audit_name,
        role=actor.role_text,
        kind="rates.imported",
        objects={},
        body=body,
    )
