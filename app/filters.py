"""The global filters: model, version, slice, period, as-of and language, kept in the URL.

Streamlit writes a bound widget's *label* into the URL, which would break every shared link in
another language. So the URL is carried by hidden text inputs that hold plain ids, bound once in
the entrypoint (that makes them survive page changes), and the visible, translated controls write
to them. Everything read from the URL is checked here against what the actor may choose, and again
by the services.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from core.domain.comparison import REFERENCE, Comparison, ComparisonKind
from core.domain.windows import Grain, Window, local_day, readable_grain
from core.errors import InvalidInput, NotFound
from core.i18n import N_
from core.services.questions import Question

# Names of the URL's parameters, in the order in which a copied link has them.
PARAMETERS = (
    *("model", "version", "slice", "value", "range", "from", "to", "by", "as_of", "against"),
    *("kpi", "period", "beside"),
    "lang",
)

# Length in days counted back from the newest record, where it is one.
RANGES: Mapping[str, int | None] = {"30d": 30, "90d": 90, "12m": None, "all": None, "custom": None}
RANGE_LABELS: Mapping[str, str] = {
    "30d": N_("30 days"),
    "90d": N_("90 days"),
    "12m": N_("12 months"),
    "all": N_("Whole log"),
    "custom": N_("Own dates"),
}
DEFAULT_RANGE = "all"
# Of other years no log tells, and no calendar reaches a day beyond the last one there is.
YEARS = range(1900, 2200)
# Chunks of so many rows; of these the reader is offered what cuts a log into a number of chunks
# that a chart can show.
ROW_CHUNKS = (500, 1_000, 5_000, 10_000, 50_000, 100_000, 500_000)
MOST_ROW_CHUNKS = 500
REGISTER_COMMAND = N_("Run 'harbourlight model register SPEC'.")
DEFAULT_TIMEZONE = "Asia/Hong_Kong"


@dataclass(frozen=True, slots=True)
class SliceChoice:
    """A segment that the model's rows can be cut by, its values, and its name for readers."""

    name: str
    values: tuple[str, ...]
    label: str = ""


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A model that the actor may choose.

    Parameters
    ----------
    id, name : str
        Id, and the name in the reader's language.
    versions : tuple of str
        Versions seen in the log or registered.
    slices : tuple of SliceChoice
        Segments with their values.
    oldest, newest : datetime, optional
        First and last prediction in the log; ``None`` while it is empty.
    timezone : str
        Zone in which the model's days are cut.
    generation : int
        The lake generation that this run shows.
    rows : int
        Predictions in the log.
    """

    id: str
    name: str
    versions: tuple[str, ...] = ()
    slices: tuple[SliceChoice, ...] = ()
    oldest: datetime | None = None
    newest: datetime | None = None
    timezone: str = DEFAULT_TIMEZONE
    generation: int = 0
    rows: int = 0

    @property
    def row_chunks(self) -> tuple[int, ...]:
        """The numbers of rows that the log can be cut by."""
        return tuple(n for n in ROW_CHUNKS if 2 * n <= self.rows <= n * MOST_ROW_CHUNKS)


@dataclass(frozen=True, slots=True)
class Filters:
    """What the reader chose, validated. ``None`` means no restriction.

    Parameters
    ----------
    model, version : str, optional
        Ids; the model is ``None`` only where there is none to choose.
    slice, slice_value : str, optional
        A segment and one of its values: both or neither.
    range : str
        A key of :data:`RANGES`.
    first, last : date, optional
        The days of the period, both included; ``None`` while the log is empty.
    as_of : date, optional
        Rows known after the end of this day are invisible; ``None`` means the newest record.
    timezone : str
        Zone of the days.
    rows_per_chunk : int, optional
        Chunks of so many rows instead of days, weeks or months, where a page offers that.
    against : Comparison
        What periods are compared with, where a page compares.
    """

    model: str | None = None
    version: str | None = None
    slice: str | None = None
    slice_value: str | None = None
    range: str = DEFAULT_RANGE
    first: date | None = None
    last: date | None = None
    as_of: date | None = None
    timezone: str = DEFAULT_TIMEZONE
    rows_per_chunk: int | None = None
    against: Comparison = REFERENCE
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def window(self) -> Window | None:
        """The period as instants, or ``None`` while the log is empty."""
        if self.first is None or self.last is None:
            return None
        return Window.of_days(self.first, self.last, self.timezone)

    @property
    def grain(self) -> Grain:
        """The chunk length at which the period reads well: never more than about 110 chunks."""
        if self.first is None or self.last is None:
            return "month"
        return readable_grain(self.first, self.last)

    def named_model(self) -> str:
        """Return the model that is asked about.

        Raises
        ------
        NotFound
            If there is none.
        """
        if self.model is None:
            raise NotFound("No model is registered yet.", remedy=REGISTER_COMMAND)
        return self.model

    def question(self, by: str | None = None, *, whole: bool = False) -> Question:
        """Return what a reading service is asked, in chunks of ``by`` (default: the grain).

        A page without chips for version and slice asks for the ``whole`` model: what the reader
        cannot see chosen is not applied, although it stays in the URL for the other pages.

        Raises
        ------
        NotFound
            If there is no model to ask about.
        """
        model = self.named_model()
        bounded = self.range != "all" and self.first is not None and self.last is not None
        return Question(
            model=model,
            start=self.first.isoformat() if bounded and self.first else None,
            end=self.last.isoformat() if bounded and self.last else None,
            by=by or self.grain,
            as_of=self.as_of.isoformat() if self.as_of else None,
            version=None if whole else self.version,
            slice=f"{self.slice}={self.slice_value}" if self.slice and not whole else None,
        )

    def query(self, **changes: str) -> str:
        """Return the URL query that reproduces this view, with some parameters changed."""
        merged = {**self.parameters, **changes}
        return urlencode([(name, merged[name]) for name in PARAMETERS if merged.get(name)])


def resolve(raw: Mapping[str, str], models: Sequence[ModelChoice]) -> Filters:
    """Turn URL parameters into filters; what is unknown or malformed is left out.

    Parameters
    ----------
    raw : mapping of str to str
        Parameters as they stand in the URL; anybody can write anything there.
    models : sequence of ModelChoice
        What the actor may choose from; the first is the default.
    """
    model = next((each for each in models if each.id == raw.get("model")), None)
    model = model or next(iter(models), None)
    if model is None:
        return Filters(parameters=_kept(raw, {"lang"}))
    version = raw.get("version") if raw.get("version") in model.versions else None
    segment = next((each for each in model.slices if each.name == raw.get("slice")), None)
    value = raw.get("value")
    if segment is None or value not in segment.values:
        segment, value = None, None
    as_of = parse_day(raw.get("as_of"))
    chosen, first, last = _period(raw, model, as_of)
    rows_per_chunk = _rows_per_chunk(raw.get("by"), model)
    return Filters(
        model=model.id,
        version=version,
        slice=segment.name if segment else None,
        slice_value=value,
        range=chosen,
        first=first,
        last=last,
        as_of=as_of,
        timezone=model.timezone,
        rows_per_chunk=rows_per_chunk,
        against=_against(raw.get("against"), rows_per_chunk),
        # A value that nobody offered is not handed on: it may be what a mask stands for.
        parameters=_kept(raw, set(PARAMETERS) - (set() if segment else {"value"})),
    )


def _rows_per_chunk(text: str | None, model: ModelChoice) -> int | None:
    return next((n for n in model.row_chunks if text == f"rows:{n}"), None)


def _against(text: str | None, rows_per_chunk: int | None) -> Comparison:
    try:
        found = Comparison.parse(text)
    except InvalidInput:
        return REFERENCE
    # A chunk of rows has no weekday, and none lies a year before it.
    by_calendar = found.kind in {ComparisonKind.weekday, ComparisonKind.last_year}
    return REFERENCE if rows_per_chunk and by_calendar else found


def parse_day(text: str | None) -> date | None:
    """Read an ISO date of a year that a log can be about, or return nothing."""
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if day.year in YEARS else None


def log_days(model: ModelChoice, as_of: date | None = None) -> tuple[date, date] | None:
    """Return the first and last local day of a model's log as it was known on a day."""
    if model.oldest is None or model.newest is None:
        return None
    oldest = local_day(model.oldest, model.timezone)
    newest = local_day(model.newest, model.timezone)
    return oldest, max(oldest, min(newest, as_of or newest))


def _period(
    raw: Mapping[str, str], model: ModelChoice, as_of: date | None
) -> tuple[str, date | None, date | None]:
    days = log_days(model, as_of)
    named = "custom" if raw.get("from") or raw.get("to") else DEFAULT_RANGE
    chosen = raw.get("range") or named
    if chosen not in RANGES:
        chosen = DEFAULT_RANGE
    if days is None:
        return chosen, None, None
    oldest, newest = days
    if chosen == "custom":
        first = parse_day(raw.get("from")) or oldest
        last = parse_day(raw.get("to")) or newest
        return chosen, min(first, last), max(first, last)
    if chosen == "12m":
        # The month of the newest record and the eleven before it, as the command line counts.
        return chosen, max(oldest, _month_start(newest, 11)), newest
    length = RANGES[chosen]
    first = oldest if length is None else newest - timedelta(days=length - 1)
    return chosen, max(oldest, first), newest


def _month_start(day: date, months_before: int) -> date:
    index = day.year * 12 + day.month - 1 - months_before
    return date(index // 12, index % 12 + 1, 1)


def _kept(raw: Mapping[str, str], names: set[str]) -> dict[str, str]:
    return {name: raw[name] for name in PARAMETERS if name in names and raw.get(name)}
