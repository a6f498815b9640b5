"""``harbourlight examiner``: samples that anybody can draw again, packs, and the register."""

from datetime import date
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from core.cli.context import (
    JsonOption,
    ModelArgument,
    out,
    print_json,
    print_table,
    workspace_and_actor,
)
from core.cli.options import LANGUAGES
from core.domain.sampling import Method
from core.domain.windows import start_of_day
from core.domain.working_days import HONG_KONG
from core.errors import InvalidInput
from core.i18n import translator
from core.services.examiner.drawing import draw_sample, is_in_frame, list_samples
from core.services.examiner.frames import Plan
from core.services.examiner.packs import PackOrder, make_pack
from core.services.examiner.register import Wanted, read_register, register_table
from core.services.examiner.words import method_told, shows
from core.store.explanations.samples import SampleRecord

examiner_app = typer.Typer(
    no_args_is_help=True,
    help="Draw samples of decisions, take their dossiers, read what was given to whom.",
)
SampleArgument = Annotated[
    str, typer.Argument(metavar="SAMPLE", help="Id of a sample, from 'examiner samples'.")
]


def register(app: typer.Typer) -> None:
    """Add this module's commands to the program."""
    app.add_typer(examiner_app, name="examiner")


@examiner_app.command("sample")
def sample(
    model: ModelArgument,
    n: Annotated[int, typer.Option(help="How many decisions, 1 to 100.")],
    words: Annotated[str, typer.Option(help="Your own words for the seed; they name nobody.")],
    reason: Annotated[str, typer.Option(help="Why, for the record.")],
    method: Annotated[
        str,
        typer.Option(help="random, systematic, proportional, equal or all_then_random."),
    ] = "random",
    first: Annotated[str | None, typer.Option("--from", help="First day, as 2006-01-31.")] = None,
    last: Annotated[str | None, typer.Option("--to", help="Last day, included.")] = None,
    where: Annotated[
        str, typer.Option(help="A condition over the log, in the language of KPIs.")
    ] = "",
    by: Annotated[str, typer.Option(help="Strata: decision, version, month or jurisdiction.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Draw a sample of a model's decisions by a method that anybody can repeat.

    Plan and words are on record, and signed, before the seed is made of them. What was drawn is on
    record before it is shown.
    """
    workspace, actor = workspace_and_actor()
    plan = Plan(model, cast("Method", method), n, words, reason, _day(first), _day(last), where, by)
    record = draw_sample(workspace, plan, actor=actor)
    if as_json:
        print_json(_told(record))
        return
    t = translator("en")
    lines = [
        f"Sample {record.id}: {record.drawn} of {record.population:,} decisions of {model}",
        method_told(t, record),
        *shows(t, record),
        f"Seed {record.seed}",
        f"Take the dossiers: harbourlight examiner pack {record.id} --to … --reason … --out …",
    ]
    out.print("\n".join(lines), markup=False, highlight=False)


@examiner_app.command("samples")
def samples(model: ModelArgument, as_json: JsonOption = False) -> None:
    """List all samples that were drawn of a model's decisions, the newest first."""
    workspace, actor = workspace_and_actor()
    found = [_told(each) for each in list_samples(workspace, model, actor=actor)]
    if as_json:
        print_json(found)
        return
    names = ("id", "drawn_at", "drawn_by", "method", "drawn", "population", "reason")
    print_table("Samples", [{name: each[name] for name in names} for each in found])


@examiner_app.command("contains")
def contains(
    sample: SampleArgument,
    prediction: Annotated[str, typer.Argument(metavar="ID", help="Id of a decision.")],
    as_json: JsonOption = False,
) -> None:
    """Say whether a decision that you know of stood in the frame of a sample."""
    workspace, actor = workspace_and_actor()
    found = is_in_frame(workspace, sample, prediction, actor=actor)
    if as_json:
        print_json({"sample": sample, "in_frame": found})
    else:
        out.print("It stood in the frame." if found else "It did not stand in the frame.")


@examiner_app.command("pack")
def pack(
    sample: SampleArgument,
    file: Annotated[Path, typer.Option("--out", help="The ZIP file to write.")],
    to: Annotated[str, typer.Option(help="Who gets it, such as an examiner's office.")],
    reason: Annotated[str, typer.Option(help="Why, for the audit trail; it names no person.")],
    language: Annotated[
        str, typer.Option(help=f"Language of what is to be read: {LANGUAGES}.")
    ] = "en",
    values: Annotated[
        bool, typer.Option("--with-values", help="With personal values; needs personal.export.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Write the dossiers of a sample as one pack, with the programs that check it.

    A decision whose dossier cannot be made is in the pack with the reason.
    """
    workspace, actor = workspace_and_actor()
    order = PackOrder(sample, to, reason, language, values)
    content, counts = make_pack(workspace, order, actor=actor)
    file.touch(mode=0o600)
    file.write_bytes(content)
    if as_json:
        print_json({"sample": sample, "file": file, "bytes": len(content), **counts})
        return
    without = f", {counts['without']} without, with the reason" if counts["without"] else ""
    text = f"Wrote {file} ({len(content):,} bytes): {counts['dossiers']} dossiers{without}."
    out.print(text, markup=False, highlight=False)


@examiner_app.command("register")
def show_register(
    model: Annotated[str | None, typer.Option(help="Only about this model.")] = None,
    kind: Annotated[
        str | None, typer.Option(help="Only entries of this kind, such as dossier.given.")
    ] = None,
    to: Annotated[str, typer.Option(help="Only where the recipient's name holds this.")] = "",
    since: Annotated[
        str | None, typer.Option(help="First day in Hong Kong, as 2026-01-31.")
    ] = None,
    limit: Annotated[int, typer.Option(help="Most lines.")] = 100,
    as_json: JsonOption = False,
) -> None:
    """List what was given to whom, by whom and why, as the audit trail tells it."""
    workspace, actor = workspace_and_actor()
    day = _day(since)
    begin = start_of_day(day, str(HONG_KONG)) if day else None
    found = read_register(workspace, Wanted(kind, model, to, begin), actor=actor, limit=limit)
    if as_json:
        print_json(found.lines)
        return
    head, rows = register_table(translator("en"), found.lines)
    print_table("Register", [dict(zip(head, row, strict=True)) for row in rows])
    if found.is_cut:
        out.print(f"There are more than {limit}: narrow them, or set --limit.")


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(
            "{text!r} is not a day.", remedy="Write it as 2026-09-22, or none.", text=text
        ) from error


def _told(record: SampleRecord) -> dict[str, Any]:
    return {name: getattr(record, name) for name in SampleRecord.__slots__}
