"""``harbourlight explain MODEL --where EXPR --out DIR``: many decisions, with how far it is."""

from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from core.cli.context import err, out, print_json, workspace_and_actor
from core.services.explanation.batch import explain_many


def explain_chosen(
    model: str, where: str, folder: Path, *, limit: int, keep: bool, as_json: bool
) -> None:
    """Explain the decisions that an expression chooses, and say what became of them."""
    workspace, actor = workspace_and_actor()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=err, transient=True) as bar:
        task = bar.add_task(model, total=None)
        manifest = explain_many(
            workspace,
            model,
            where,
            folder,
            limit=limit,
            keep=keep,
            actor=actor,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    if as_json:
        print_json(manifest)
        return
    sources = manifest["sources"]
    told = sources if isinstance(sources, dict) else {}
    lines = [f"{manifest['count']:,} decisions explained, in {folder}"]
    lines += [f"  {source:<8}{count:>10,}" for source, count in told.items()]
    lines.append(f"  kept    {manifest['kept']:>10,}")
    if manifest["another_score"]:
        lines.append(
            f"  {manifest['another_score']:,} were given another score by the registered model: "
            "an alert follows"
        )
    if manifest["left_out"]:
        lines.append(
            f"  {manifest['left_out']:,} decisions of the model are reviewed without its score: "
            "none of them was asked about"
        )
    out.print("\n".join(lines), markup=False, highlight=False)
