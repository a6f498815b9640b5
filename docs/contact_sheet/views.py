"""What the contact sheet shows: pages, by whom they are seen, and in which variants."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from app.nav import ENTRIES, Entry
from core.auth.policy import POLICY
from core.domain.identity import Role
from core.i18n import LOCALES

THEMES = ("light", "dark")
WIDTHS = {"wide": 1440, "middle": 1024, "narrow": 390}
USUAL_WIDTHS = ("wide", "narrow")
LOANS, FAIR = "sba-loan-default", "loanapp-fair-lending"
# Who sees a page that several may open: who works with it.
READERS = {
    "Business": Role.business,
    "Review": Role.compliance_lead,
    "Administration": Role.admin,
}
OTHERS = (Role.data_scientist, Role.compliance_lead, Role.auditor, Role.admin)
MODEL = {"fairness": FAIR}
MORE = {
    "outcomes": "kpi=default_rate&period=2007-Q4&beside=last-year",
    "decision": "prediction=1600175005",
}


@dataclass(frozen=True, slots=True)
class View:
    """A page or a state of one: its name, its address, and who looks; nobody before a sign-in."""

    name: str
    address: str
    reader: Role | None


@dataclass(frozen=True, slots=True)
class Variant:
    """A theme, a language and a width."""

    theme: str
    language: str
    width: str

    @property
    def name(self) -> str:
        """As in the names of files."""
        return f"{self.width}-{self.theme}-{self.language}"


# What pages show when there is nothing, or when somebody may not.
STATES = (
    View("sign-in", "", None),
    View("state-forbidden", f"people?model={LOANS}", Role.business),
    View("state-no-such-model", "drift?model=no-such-model", Role.data_scientist),
    View("state-no-such-decision", f"decision?model={LOANS}&prediction=none", Role.compliance_lead),
    View("state-no-such-case", "case?case=999999", Role.compliance_lead),
)


def page_views(case: int) -> tuple[View, ...]:
    """Return every page of the menu and the states; ``case`` is the number of the case shown."""
    return tuple(_view(entry, case) for entry in ENTRIES) + STATES


def chosen(
    views: Sequence[View],
    names: Sequence[str],
    themes: Sequence[str] = THEMES,
    languages: Sequence[str] = LOCALES,
    widths: Sequence[str] = USUAL_WIDTHS,
) -> Iterator[tuple[Role | None, str, str, list[View], list[str]]]:
    """Yield what one window is opened for: a reader in a theme and a language, pages, widths."""
    wanted = [view for view in views if not names or view.name in names]
    readers = sorted({view.reader for view in wanted}, key=str)
    for theme, language, reader in product(themes, languages, readers):
        mine = [view for view in wanted if view.reader == reader]
        yield reader, theme, language, mine, list(widths)


def _view(entry: Entry, case: int) -> View:
    page = entry.key.replace("_", "-")
    more = f"case={case}" if entry.key == "case" else MORE.get(page, "")
    address = "&".join(part for part in (f"{page}?model={MODEL.get(page, LOANS)}", more) if part)
    return View(page, address, reader_of(entry))


def reader_of(entry: Entry) -> Role:
    """Return whose eyes a page is seen with."""
    first = READERS.get(entry.section)
    able = (role for role in (first, *OTHERS) if role and entry.permission in POLICY[role])
    return next(able)
