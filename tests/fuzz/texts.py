"""Texts from outside: a contract, cells of a CSV to write, parameters of a page's address."""

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qsl

from app.filters import ModelChoice, SliceChoice, resolve
from core.contract import contract_from_text
from core.errors import ContractError, InvalidInput
from core.i18n import translator
from core.services.safe_csv import csv_bytes
from tests.fuzz.target import Target, expect
from tests.support.builders import contract_text

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")
_MODEL = ModelChoice(
    "loans",
    "Loans",
    versions=("1", "2"),
    slices=(SliceChoice("industry", ("retail", "food")),),
    oldest=datetime(2025, 1, 1, tzinfo=UTC),
    newest=datetime(2026, 1, 1, tzinfo=UTC),
    rows=50_000,
)


@contextmanager
def contract_target(folder: Path) -> Iterator[Target]:
    """Give the reader of contracts: a text is a contract, or told what is wrong with it."""
    del folder
    yield Target(
        _read_contract,
        (
            contract_text().encode(),
            Path("data/demo/acs-employment/model.yaml").read_bytes(),
            b"id: &a x\nname: {en: *a}\nlog: !!python/object:os.system {}\n<<: [*a]\n? [1]\n: 3\n",
        ),
    )


def _read_contract(data: bytes) -> None:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return  # load_contract says so before anything reads it
    try:
        contract = contract_from_text(text)
    except ContractError as error:
        t = translator("zh-HK")
        t(error.template, **error.params)
        return
    for alias in contract.stored_columns.values():
        expect(alias.isascii() and alias.replace("_", "a").isalnum(), f"alias {alias!r}")


@contextmanager
def csv_target(folder: Path) -> Iterator[Target]:
    """Give the writer of CSV: no cell is a formula, and none is lost."""
    del folder
    yield Target(
        _write_csv, (b"=1+1\x1fplain\x1e-2\x1f@SUM(A1)", "零售\x1f＝1\x1e\x00\x1f\t".encode())
    )


def _write_csv(data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape" if data[:1] == b"\xff" else "replace")
    rows = [row.split("\x1f") for row in text.split("\x1e")]
    width = max(len(row) for row in rows)
    rows = [row + [""] * (width - len(row)) for row in rows]
    written = csv_bytes(rows[0], rows[1:]).decode("utf-8-sig")
    back = list(csv.reader(io.StringIO(written, newline="")))
    expect(len(back) == len(rows), "a row was lost or made")
    for before, after in zip(rows, back, strict=True):
        cells = [cell.encode("utf-8", "replace").decode() for cell in before]
        expect(after == [f"'{c}" if c.startswith(_FORMULA) else c for c in cells], f"{after}")
        expect(not any(cell.startswith(_FORMULA) for cell in after), f"a formula in {after}")


@contextmanager
def address_target(folder: Path) -> Iterator[Target]:
    """Give the reader of a page's address: what is unknown is left out, nothing is raised."""
    del folder
    yield Target(
        _read_address,
        (
            b"model=loans&version=2&slice=industry&value=food&range=custom&from=2025-02-01"
            b"&to=2025-03-01&by=rows:500&as_of=2025-12-31&lang=zh-HK",
            b"range=12m&as_of=0001-01-01",
            b"range=custom&from=9999-12-31&to=0001-01-01",
        ),
    )


def _read_address(data: bytes) -> None:
    raw = dict(parse_qsl(data.decode("latin-1"), keep_blank_values=True, errors="replace"))
    chosen = resolve(raw, [_MODEL])
    try:
        window = chosen.window
        asked = chosen.question()
    except InvalidInput as error:
        str(error)
        return
    expect(window is None or window.start < window.end, "a period that ends before it begins")
    expect(asked.model == "loans" and asked.version in {None, "1", "2"}, "a value nobody offered")
    expect(asked.slice in {None, "industry=retail", "industry=food"}, "a slice nobody offered")
    again = dict(parse_qsl(chosen.query(), keep_blank_values=True))
    expect(resolve(again, [_MODEL]) == chosen, "a link that leads elsewhere")
