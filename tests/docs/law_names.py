"""Where the product names a law, a regulator or a guideline, as a reader would find it."""

import re
from collections.abc import Iterator, Mapping
from functools import cache

from tests.docs.pages import ROOT

PAGE = "docs/law.md"
_KINDS = {".py", ".md", ".yaml", ".yml", ".po", ".toml"}
_FOLDERS = ("app", "core", "data", "docs", "pages")

NAMES: Mapping[str, re.Pattern[str]] = {
    name: re.compile(pattern)
    for name, pattern in {
        "PDPO": r"PDPO|\bOrdinance\b|私隱\)?）?條例|私隐\)?）?条例|保障資料第|保障资料第|\bDPP ?\d",
        "PCPD": r"PCPD|\bCommissioner\b|私隱專員|私隐专员",
        "PIPL": r"PIPL|《?個人信息保護法|《?个人信息保护法",
        "EU AI Act": r"AI Act\b|人工智能法",
        "Regulation B": r"Regulation B\b|Reg\.? B\b|ECOA|12 CFR|B 規例|B 条例",
        "29 CFR 1607": r"29 CFR|Uniform Guidelines|four-fifths rule|EEOC|五分之四(準則|规则)",
        "GDPR": r"GDPR|EDPB|General Data Protection|通用数据保护|通用數據保障",
        "HKMA": r"HKMA|Monetary Authority|金管局|金融管理局",
        "SFC": r"\bSFC\b|Securities and Futures|證監會|证监会",
        "Insurance Authority": r"Insurance Authority|\bIAIS\b|保監局|保监局|\bGL ?-?\d",
        "MAS": r"\bMAS\b|金融管理局",
        "CAC": r"\bCAC\b|Cyberspace Administration|網信辦|网信办",
        "SR 26-2": r"\bSR ?\d\d-\d|\bOCC\b|\bFDIC\b|\bCFPB\b|Federal Reserve",
        "ISO 42001": r"42001|\bNIST\b",
        "Basel": r"\bBasel\b|\bCRE\d\d|IFRS ?\d|巴塞爾|巴塞尔",
        "Cap.": r"\bCap\. ?\d|AMLO|第 ?\d+ ?章",
        "UK law": r"\bICO\b|\bFCA\b|Equality Act",
    }.items()
}
"""What the product may name: a name → how it is written, in any of its languages."""
PROVISION = re.compile(
    r"\b(?:[Ss]ections?|[Aa]rticles?) (\d+)(?!\.\d)(?:\(\w+\))*(?: (?:and|or) (\d+)(?:\(\w+\))*)?"
    r"|\bs\. ?(\d+)|第 ?(\d+)(?:\(\d\))?(?: [及和或、] (\d+)(?:\(\d\))?)? ?[條条]"
)
"""A provision with its number: ``section 19``, ``articles 19 and 26(6)``, 第 19 及 23 條."""
STANDARD = re.compile(r"\bRFC ?(\d+)|\b(C2SP|BCP ?47|WCAG|ISO 8601|ISO 4217)\b")
"""A technical standard."""


def texts() -> Iterator[tuple[str, str]]:
    """Yield each file that speaks to somebody, by its path in the project, with its text."""
    paths = [*ROOT.glob("*.md")]
    paths += (each for folder in _FOLDERS for each in (ROOT / folder).rglob("*"))
    for path in sorted(paths):
        name = path.relative_to(ROOT).as_posix()
        if path.suffix in _KINDS and name != PAGE:
            yield name, path.read_text(encoding="utf-8")


@cache
def named_in(text: str) -> set[str]:
    """Return the laws, regulators and guidelines that a text names."""
    whole = _whole(text)
    return {name for name, pattern in NAMES.items() if pattern.search(whole)}


def provisions_in(text: str) -> set[str]:
    """Return the numbers of the provisions that a text names."""
    found = PROVISION.finditer(_whole(text))
    return {number for each in found for number in each.groups() if number}


def standards_in(text: str) -> set[str]:
    """Return the technical standards that a text names, such as ``RFC 9162``."""
    return {
        f"RFC {found[1]}" if found[1] else found[2].replace("BCP47", "BCP 47")
        for found in STANDARD.finditer(text)
    }


@cache
def _whole(text: str) -> str:
    """Return a text whose sentences are not broken over lines, in code or in prose."""
    return re.sub(r"\s+", " ", re.sub(r'"\s*\n\s*f?"', "", text))
