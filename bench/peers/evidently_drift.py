"""Evidently's DataDriftPreset: reference days against all later days, every column.

Runs alone, in an environment of its own: ``python evidently_drift.py TASK.json``. Prints one
JSON document with the seconds of each phase.
"""

import json
import sys
import time
import warnings
from pathlib import Path


def main(task_path: str) -> None:
    """Run the task and print how long each phase took."""
    warnings.simplefilter("ignore")
    task = json.loads(Path(task_path).read_text(encoding="utf-8"))
    marks = [time.perf_counter()]
    import evidently
    import pandas as pd
    from evidently import DataDefinition, Dataset, Report
    from evidently.presets import DataDriftPreset

    marks.append(time.perf_counter())
    columns = [*task["numeric"], *task["categorical"]]
    frame = pd.concat(
        [pd.read_parquet(file, columns=[task["time"], *columns]) for file in task["files"]],
        ignore_index=True,
    )
    is_reference = frame[task["time"]] < pd.Timestamp(task["reference_until"])
    marks.append(time.perf_counter())
    definition = DataDefinition(
        numerical_columns=task["numeric"], categorical_columns=task["categorical"]
    )
    snapshot = Report([DataDriftPreset()]).run(
        Dataset.from_pandas(frame.loc[~is_reference, columns], data_definition=definition),
        Dataset.from_pandas(frame.loc[is_reference, columns], data_definition=definition),
    )
    Path(task["out"]).write_text(snapshot.json(), encoding="utf-8")
    marks.append(time.perf_counter())
    phases = ("import_s", "read_s", "work_s")
    seconds = {
        name: end - start for name, start, end in zip(phases, marks, marks[1:], strict=False)
    }
    print(json.dumps({"version": evidently.__version__, "rows": len(frame), **seconds}))


if __name__ == "__main__":
    main(sys.argv[1])
