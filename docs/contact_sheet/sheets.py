"""Putting the pictures side by side: one sheet a variant, one a page, and an index of all."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from docs.contact_sheet.shots import Shot

THUMB = {"wide": (420, 560), "middle": (360, 560), "narrow": (200, 560)}
ROOM, LABEL, MOST_WIDE = 14, 20, 2600
PAPER, INK = "#d9dde0", "#16202a"


def put_together(folder: Path, shots: Sequence[Shot]) -> list[Path]:
    """Write the sheets of all variants and all pages, and the index; return their paths."""
    by_variant, by_page = defaultdict(list), defaultdict(list)
    for shot in shots:
        by_variant[shot.variant.name].append((shot.view, shot))
        by_page[shot.view].append((shot.variant.name, shot))
    sheets = [
        sheet(folder, f"sheet-{name}", labelled)
        for name, labelled in (*sorted(by_variant.items()), *sorted(by_page.items()))
    ]
    _index(folder, sheets, shots)
    return sheets


def sheet(folder: Path, name: str, labelled: Sequence[tuple[str, Shot]]) -> Path:
    """Write one sheet: the top of each picture, small, under its label."""
    font = ImageFont.load_default(13)
    places, x, y = [], ROOM, ROOM
    for label, shot in labelled:
        width, height = THUMB[shot.variant.width]
        if x + width > MOST_WIDE:
            x, y = ROOM, y + height + LABEL + ROOM
        places.append((label, shot, x, y))
        x += width + ROOM
    size = (
        max(x + THUMB[shot.variant.width][0] for _, shot, x, _ in places) + ROOM,
        y + THUMB["wide"][1] + LABEL + ROOM,
    )
    board = Image.new("RGB", size, PAPER)
    draw = ImageDraw.Draw(board)
    for label, shot, left, top in places:
        mark = f"{label}  ({len(shot.findings)})" if shot.findings else label
        draw.text((left, top), mark, fill=INK, font=font)
        board.paste(_thumb(folder / shot.file, THUMB[shot.variant.width]), (left, top + LABEL))
    path = folder / f"{name}.png"
    board.save(path)
    return path


def table(shots: Iterable[Shot]) -> str:
    """Return what was found as a table: the same finding once, with the variants that show it."""
    where: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for shot in shots:
        for kind, detail in shot.findings:
            where[kind, shot.view, detail].append(shot.variant.name)
    lines = [f"{'kind':<14}{'page':<24}{'pictures':<9}what, and where first"]
    for (kind, view, detail), names in sorted(where.items()):
        lines.append(f"{kind:<14}{view:<24}{len(names):<9}{detail}  [{names[0]}]")
    return "\n".join(lines) if where else "Nothing was found."


def _thumb(path: Path, size: tuple[int, int]) -> Image.Image:
    with Image.open(path) as picture:
        width, height = size
        scaled = picture.resize((width, round(picture.height * width / picture.width)))
    return scaled.crop((0, 0, width, min(height, scaled.height)))


def _index(folder: Path, sheets: Sequence[Path], shots: Sequence[Shot]) -> None:
    links = "".join(
        f'<li><a href="{escape(each.name)}">{escape(each.stem)}</a></li>' for each in sheets
    )
    pictures = "".join(
        f'<li><a href="{escape(shot.file)}">{escape(shot.view)} {escape(shot.variant.name)}</a>'
        f" {len(shot.findings) or ''}</li>"
        for shot in shots
    )
    text = (
        '<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Contact sheet</title>'
        f"<h1>Contact sheet</h1><ul>{links}</ul><h2>Found</h2><pre>{escape(table(shots))}</pre>"
        f"<h2>Pictures</h2><ul>{pictures}</ul></html>"
    )
    (folder / "index.html").write_text(text, encoding="utf-8")
