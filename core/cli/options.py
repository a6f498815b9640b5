"""Options that several commands share, so that a flag means the same everywhere."""

from typing import Annotated

import typer

from core.i18n.locales import LOCALES

FromOption = Annotated[str | None, typer.Option("--from", help="First day or instant.")]
ToOption = Annotated[
    str | None, typer.Option("--to", help="Last day (included) or instant (excluded).")
]
LastOption = Annotated[str | None, typer.Option(help="Up to the newest prediction: 90d, 12m.")]
ByOption = Annotated[
    str, typer.Option("--by", help="day, week, month, quarter, year, all or rows:N.")
]
CalendarOption = Annotated[
    str, typer.Option("--by", help="day, week, month, quarter, year or all.")
]
AsOfOption = Annotated[
    str | None,
    typer.Option(help="Only what was known by the end of this day, or at this instant (included)."),
]
VersionOption = Annotated[str | None, typer.Option(help="Only this model version.")]
SliceOption = Annotated[str | None, typer.Option("--slice", help="Only this slice: NAME=VALUE.")]
LANGUAGES = f"{', '.join(LOCALES[:-1])} or {LOCALES[-1]}"
LanguageOption = Annotated[str, typer.Option(help=f"{LANGUAGES}.")]
