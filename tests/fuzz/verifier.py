"""The verifier of exports: whatever a forger hands over, it answers, and is never taken in."""

import contextlib
import importlib
import io
import json
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from unittest import mock

from core.services.audit.export import write_export
from core.store.audit import trail as audit
from tests.fuzz.target import Target, expect
from tests.support.builders import ADMIN, a_workspace

_VERIFIER = Path(__file__).resolve().parents[2] / "docs" / "verify" / "verify.py"
_UNSIGNED = {"made_at": "", "selection": ""}
_AT = datetime(2026, 1, 5, tzinfo=UTC)


def _verifier() -> ModuleType:
    """Return the verifier, imported by its name so that a fuzzer can follow it."""
    with mock.patch.object(sys, "path", [str(_VERIFIER.parent), *sys.path]):
        return importlib.import_module(_VERIFIER.stem)


@contextmanager
def export_target(folder: Path) -> Iterator[Target]:
    """Give the verifier on an export: the first byte says which file of it is replaced by the rest.

    A first byte of 255 stands for the whole ``.zip``.
    """
    workspace = a_workspace(folder / "home")
    for number in range(5):
        with workspace.store.begin() as conn:
            audit.append(
                conn, at=_AT, actor="p-1", role="admin", kind="x.done",
                objects={"model": "loans"}, body={"number": number},
            )  # fmt: skip
    done = Path(write_export(workspace, folder / "export", actor=ADMIN).path)
    workspace.store.close()
    if done.is_dir():
        files = {
            p.relative_to(done).as_posix(): p.read_bytes() for p in done.rglob("*") if p.is_file()
        }
    else:
        with zipfile.ZipFile(done) as archive:
            files = {name: archive.read(name) for name in archive.namelist()}
    names = sorted(files)
    verifier, path = _verifier(), folder / "fuzzed.zip"

    def run(data: bytes) -> None:
        place, content = (data[0], data[1:]) if data else (0, b"")
        if place == 255:
            path.write_bytes(content)
            changed = True
        else:
            name = names[place % len(names)]
            path.write_bytes(_zip({**files, name: content}))
            changed = files[name] != content
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            code = verifier.main([str(path)])
        expect(code in {0, 1}, f"exit code {code}")
        if changed and place != 255 and not _says_the_same(name, files[name], content):
            expect(code == 1, f"{name} was changed and nobody noticed")

    whole = _zip(files)
    seeds = [bytes([n]) + files[name] for n, name in enumerate(names)]
    yield Target(run, (*seeds, b"\xff" + whole))


def _says_the_same(name: str, before: bytes, after: bytes) -> bool:
    """Whether a changed manifest differs in what it says by itself only, as the verifier tells."""
    if name != "manifest.json":
        return False
    try:
        said = [json.loads(each) for each in (before, after)]
    except ValueError:
        return False
    if not all(isinstance(each, dict) for each in said):
        return False
    return len({json.dumps({**each, **_UNSIGNED}, sort_keys=True) for each in said}) == 1


def _zip(files: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()
