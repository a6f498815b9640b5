"""PDF by Typst: a template of ours, the data as JSON, fonts of ours and none of the machine's.

What comes from outside reaches the template as strings of a JSON document. A string that Typst
places is text: it is never read as markup or code, and no template evaluates any.
"""

import json
import lzma
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import typst

_FONTS = "fonts"
_PACKED = ".xz"


class _Unpacked(NamedTuple):
    """Fonts ready for Typst, and the folder they lie in, which goes when the process ends."""

    folder: "TemporaryDirectory[str]"
    fonts: typst.Fonts


def typeset(template: str, data: Mapping[str, object], *, at: datetime) -> bytes:
    """Return a PDF.

    Parameters
    ----------
    template : str
        Path of a template below ``core/reports``, such as ``monthly/monthly.typ``.
    data : mapping
        JSON values; the template reads them from ``sys.inputs.data``.
    at : datetime
        Written into the file as the time it was made.
    """
    made = _compiler(template, data).compile(format="pdf", timestamp=at.replace(microsecond=0))
    if not isinstance(made, bytes):
        raise TypeError("Typst gave no PDF")
    return made


def page_count(template: str, data: Mapping[str, object]) -> int:
    """Return how many pages a PDF would have: what the template labels ``<pages>`` says so.

    Parameters
    ----------
    template, data : str, mapping
        As of :func:`typeset`.
    """
    return int(json.loads(_compiler(template, data).query("<pages>", field="value", one=True)))


def _compiler(template: str, data: Mapping[str, object]) -> typst.Compiler:
    folder = files("core.reports")
    source = folder.joinpath("common.typ").read_bytes() + folder.joinpath(template).read_bytes()
    unpacked = _fonts()
    return typst.Compiler(
        source,
        root=unpacked.folder.name,  # the template can read no file but the fonts
        font_paths=unpacked.fonts,
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
    )


def families() -> tuple[str, ...]:
    """Return the names of the fonts that templates may use."""
    return tuple(sorted(_fonts().fonts.families()))


@cache
def _fonts() -> _Unpacked:
    """Unpack the fonts, once a process: half a second."""
    folder = TemporaryDirectory(prefix="harbourlight-fonts-")
    for packed in files("core.reports").joinpath(_FONTS).iterdir():
        if packed.name.endswith(_PACKED):
            target = Path(folder.name) / packed.name.removesuffix(_PACKED)
            target.write_bytes(lzma.decompress(packed.read_bytes()))
    found = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=True, font_paths=[Path(folder.name)]
    )
    return _Unpacked(folder, found)
