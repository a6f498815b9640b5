"""Timings inside one process, so that neither starting Python nor importing is in them.

``python -m bench.inside STEP FOLDER REPEATS [MODEL]`` prints one JSON document; the bench runs
it as a child and adds the child's peak memory.
"""

import json
import sys
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.dataset import DAYS, START, Dataset, read_dataset

if TYPE_CHECKING:
    from core.domain.identity import Actor
    from core.services.workspace import Workspace

METHODS = ("psi", "jensen_shannon", "hellinger", "total_variation")
_Runs = list[dict[str, float]]


def timed(step: Callable[[int], object], repeats: int) -> _Runs:
    """Run a step and return the seconds of every run."""
    runs = []
    for number in range(repeats):
        wall, cpu = time.perf_counter(), time.process_time()
        step(number)
        runs.append({"wall_s": time.perf_counter() - wall, "cpu_s": time.process_time() - cpu})
    return runs


def time_plain(dataset: Dataset, repeats: int, _model: str) -> dict[str, Any]:
    """Time the plain aggregate."""
    import duckdb

    from bench.plain import plain_sql

    sql = plain_sql(dataset)
    groups = []
    with duckdb.connect() as connection:
        runs = timed(lambda _: groups.append(len(connection.execute(sql).fetchall())), repeats)
    return {"runs": runs, "groups": groups[-1]}


def time_profile(dataset: Dataset, repeats: int, model: str) -> dict[str, Any]:
    """Time the profile pass over the very files that the plain aggregate reads.

    The bins are those of the model's live reference; the profile is written as ingest does it.
    """
    workspace, _ = _workspace()
    from core.contract import contract_from_text
    from core.lake.duck import open_duck
    from core.lake.profiles.write import write_profile
    from core.metrics.binning import BinSet
    from core.store import models, references

    with workspace.store.read() as conn:
        contract = contract_from_text(models.get(conn, model).spec_text)
        reference = references.live(conn, model)
    if reference is None:
        sys.exit(f"{model} has no live reference")
    bins = BinSet.from_json(reference.bins_json)
    relation = lake_relation(dataset, contract.stored_columns)
    target = workspace.settings.scratch_dir / "bench-profile.parquet"
    cells = []
    with open_duck(workspace.settings, "ingest", files=dataset.files) as connection:
        runs = timed(
            lambda _: cells.append(
                write_profile(connection, relation, contract, bins, "features", target)
            ),
            repeats,
        )
    size = target.stat().st_size
    target.unlink()
    return {"runs": runs, "answer": {"profile_rows": cells[-1], "profile_bytes": size}}


def lake_relation(dataset: Dataset, aliases: Mapping[str, str]) -> str:
    """Return the generated log as a FROM item with the columns of the predictions stream."""
    columns = ", ".join(f"{name} AS {aliases[name]}" for name in dataset.columns)
    files = ", ".join(f"'{file}'" for file in dataset.files)
    return (
        "(SELECT prediction_id, made_at AS time, model_version AS version, '' AS jurisdiction, "
        f"score, {columns} FROM read_parquet([{files}]))"
    )


def time_question(dataset: Dataset, repeats: int, model: str) -> dict[str, Any]:
    """Time the drift of a year of days in every column; the first run loads the profiles.

    Each run asks another method from another first day on, so that no answer is remembered.
    """
    workspace, actor = _workspace()
    from core.services.drift.measure import drift
    from core.services.questions import Question

    counted = []

    def ask(number: int) -> None:
        first_day = (START + timedelta(days=number)).date().isoformat()
        question = Question(model, start=first_day, by="day")
        method = METHODS[number % len(METHODS)]
        table = drift(workspace, question, actor=actor, methods=(method,))
        counted.append((len(table.columns), len(table.chunks)))

    runs = timed(ask, repeats)
    columns, days = counted[0]
    if columns < len(dataset.columns) or days < DAYS:
        sys.exit(f"the answer has {columns} columns and {days} days")
    return {"runs": runs, "answer": {"columns": columns, "days": days}}


def _workspace() -> tuple["Workspace", "Actor"]:
    from core.cli.context import workspace_and_actor

    return workspace_and_actor()


STEPS: dict[str, Callable[[Dataset, int, str], dict[str, Any]]] = {
    "plain": time_plain,
    "profile": time_profile,
    "question": time_question,
}


def main(step: str, folder: str, repeats: str, model: str = "") -> None:
    """Run a step on the log of a folder and print what it took."""
    dataset = read_dataset(Path(folder))
    if dataset is None:
        sys.exit(f"{folder} holds no generated log")
    print(json.dumps(STEPS[step](dataset, int(repeats), model)))


if __name__ == "__main__":
    main(*sys.argv[1:])
