"""Every colour of the product, once per theme. No Streamlit here, so that charts can use it.

Pairs keep the contrast of WCAG 2.2 AA: text 4.5:1, marks that carry meaning 3:1.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from core.domain.status import Status

ThemeName = Literal["light", "dark"]

FONT_STACK: Mapping[str, str] = {
    "en": "'Inter', 'Noto Sans HK', 'PingFang HK', 'Microsoft JhengHei', sans-serif",
    "zh-HK": "'Inter', 'Noto Sans HK', 'Noto Sans CJK HK', 'PingFang HK', 'Microsoft JhengHei',"
    " sans-serif",
    "zh-CN": "'Inter', 'Noto Sans SC', 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei',"
    " sans-serif",
}


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one theme, as hex text.

    ``raised`` is the fill of controls and table heads; ``grid`` the faint lines in charts;
    ``below`` and ``above`` are the two ends of the heat map's single hue on either side of the
    threshold, each as (at its low end, at its high end).
    """

    name: ThemeName
    paper: str
    card: str
    raised: str
    ink: str
    muted: str
    line: str
    grid: str
    accent: str
    on_accent: str
    reference: str
    current: str
    empty_cell: str
    below: tuple[str, str]
    above: tuple[str, str]
    series: tuple[str, ...]
    statuses: Mapping[Status, str]


# Okabe-Ito: told apart by colour-blind readers; the same in both themes, as marks, never as text.
_STATUSES: Mapping[Status, str] = {
    Status.in_range: "#009E73",
    Status.watch: "#E69F00",
    Status.act: "#D55E00",
    Status.not_enough_data: "#7A869A",
}

LIGHT = Palette(
    name="light",
    paper="#FBFBF9",
    card="#FFFFFF",
    raised="#F3F4F3",
    ink="#16202A",
    muted="#5B6875",
    line="#E3E6E8",
    grid="#EDEFF0",
    accent="#0B6E74",
    on_accent="#FFFFFF",
    reference="#7F8994",
    current="#0072B2",
    empty_cell="#ECEDEC",
    below=("#F4F9F9", "#A9D3D5"),
    above=("#2E8E94", "#063A3E"),
    series=("#0072B2", "#B4561A", "#00795A", "#8C4A78"),
    statuses=_STATUSES,
)

DARK = Palette(
    name="dark",
    paper="#0F161C",
    card="#172029",
    raised="#1E2933",
    ink="#E8EDF1",
    muted="#9AA7B3",
    line="#2A3540",
    grid="#22303B",
    accent="#4FB3B8",
    on_accent="#0F161C",
    reference="#7F8B97",
    current="#56B4E9",
    empty_cell="#222C35",
    below=("#18262D", "#22545B"),
    above=("#3FA3A9", "#BFF1F3"),
    series=("#56B4E9", "#E8935A", "#3CBF98", "#D69AC3"),
    statuses=_STATUSES,
)


def palette(theme: str | None) -> Palette:
    """Return the palette of a theme; anything but ``"dark"`` is light."""
    return DARK if theme == "dark" else LIGHT
