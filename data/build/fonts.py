"""The fonts that reports are set in: ``python -m data.build.fonts FOLDER``.

FOLDER holds the three packages that core/reports/fonts/README.md names, as published. Each font is
cut down to the characters that reports can need, without hinting, and packed. Not part of
``make data``: the packages are large and change once in years.
"""

import hashlib
import io
import lzma
import sys
import tarfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from fontTools import subset

TARGET = Path(__file__).resolve().parents[2] / "core" / "reports" / "fonts"
_LATIN = ((0x20, 0x250), (0x2B0, 0x500), (0x1E00, 0x1F00), (0x2000, 0x2070), (0x20A0, 0x20D0))
_SIGNS = ((0x2100, 0x2400), (0x2460, 0x2600))
_WIDE = ((0x20, 0x7F), (0x2010, 0x2030), (0x3000, 0x3130), (0xFF00, 0xFFF0))


@dataclass(frozen=True, slots=True)
class Font:
    """One font: its package with the hash, the file in it, the name here, what is kept of it."""

    package: str
    sha256: str
    member: str
    name: str
    characters: frozenset[int]
    features: tuple[str, ...]


def of_ranges(ranges: Iterable[tuple[int, int]]) -> frozenset[int]:
    """Return the code points of half-open ranges."""
    return frozenset(code for first, end in ranges for code in range(first, end))


def of_encoding(encoding: str) -> frozenset[int]:
    """Return the code points that two bytes of an encoding can say."""
    found: set[int] = set()
    for lead in range(0x81, 0xFF):
        for trail in range(0x40, 0xFF):
            text = bytes([lead, trail]).decode(encoding, errors="ignore")
            found |= {ord(letter) for letter in text if ord(letter) > 0x7F}
    return frozenset(found)


_INTER = "b5c1e5878c07a5637169da9f7b1f370c69709f1f8de55998e2522f7aa9dfe2a9"
_HONG_KONG = "250f41901a7f04a3501b25d06db2c5c5b78632f3a9dd0719ce5a797324a8aeb7"
_MAINLAND = "0d69d0f4971d2ff574e3d93cbc218dc950bf3f3f8f8e2c008d97687ed53aee59"
_FEATURES = ("kern", "tnum", "case", "mark", "mkmk")


def fonts() -> tuple[Font, ...]:
    """Return the fonts that reports need."""
    latin = of_ranges((*_LATIN, *_SIGNS))
    wide = of_ranges(_WIDE)
    return (
        *(
            Font(
                "expo-google-fonts-inter-0.4.2.tgz",
                _INTER,
                f"package/{weight}/Inter_{weight}.ttf",
                f"inter-{weight[:3]}",
                latin,
                _FEATURES,
            )
            for weight in ("400Regular", "600SemiBold")
        ),
        Font(
            "expo-google-fonts-noto-sans-hk-0.4.3.tgz",
            _HONG_KONG,
            "package/400Regular/NotoSansHK_400Regular.ttf",
            "noto-sans-hk-400",
            wide | of_encoding("big5hkscs"),
            (),
        ),
        Font(
            "expo-google-fonts-noto-sans-sc-0.4.3.tgz",
            _MAINLAND,
            "package/400Regular/NotoSansSC_400Regular.ttf",
            "noto-sans-sc-400",
            wide | of_encoding("gb2312"),
            (),
        ),
    )


def cut(content: bytes, font: Font) -> bytes:
    """Return a font with some of its characters."""
    options = subset.Options()
    options.layout_features = list(font.features)
    options.hinting = False
    options.notdef_outline = True
    options.recalc_timestamp = False
    options.drop_tables += ["vhea", "vmtx", "BASE", "STAT", "gasp", "prep"]
    opened = subset.load_font(io.BytesIO(content), options)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=font.characters)
    cutter.subset(opened)
    made = io.BytesIO()
    subset.save_font(opened, made, options)
    return made.getvalue()


def main(folder: Path) -> None:
    """Write every font into core/reports/fonts."""
    for font in fonts():
        packed = (folder / font.package).read_bytes()
        if hashlib.sha256(packed).hexdigest() != font.sha256:
            raise RuntimeError(f"{font.package} does not have the hash that was asked for")
        with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
            member = archive.extractfile(font.member)
            if member is None:
                raise RuntimeError(f"{font.package} holds no {font.member}")
            content = cut(member.read(), font)
        target = TARGET / f"{font.name}.ttf.xz"
        target.write_bytes(lzma.compress(content, preset=9 | lzma.PRESET_EXTREME))
        print(f"{target.name}: {len(content):,} bytes, packed {target.stat().st_size:,}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
