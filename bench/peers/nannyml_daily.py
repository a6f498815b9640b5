"""nannyml's univariate Jensen-Shannon drift of every column, a chunk a day.

Runs alone, in an environment of its own: ``python nannyml_daily.py TASK.json``. Prints one
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
    import nannyml
    import pandas as pd

    marks.append(time.perf_counter())
    columns = [*task["numeric"], *task["categorical"]]
    frame = pd.concat(
        [pd.read_parquet(file, columns=[task["time"], *columns]) for file in task["files"]],
        ignore_index=True,
    )
    is_reference = frame[task["time"]] < pd.Timestamp(task["reference_until"])
    # It cuts days in the clock of the column, and takes no column with a zone.
    frame[task["time"]] = frame[task["time"]].dt.tz_convert(task["timezone"]).dt.tz_localize(None)
    marks.append(time.perf_counter())
    calculator = nannyml.UnivariateDriftCalculator(
        column_names=columns,
        timestamp_column_name=task["time"],
        continuous_methods=["jensen_shannon"],
        categorical_methods=["jensen_shannon"],
        chunk_period="D",
    )
    calculator.fit(frame[is_reference])
    result = calculator.calculate(frame[~is_reference]).to_df()
    result.to_csv(task["out"], index=False)
    marks.append(time.perf_counter())
    phases = ("import_s", "read_s", "work_s")
    seconds = {
        name: end - start for name, start, end in zip(phases, marks, marks[1:], strict=False)
    }
    print(json.dumps({"version": nannyml.__version__, "rows": len(frame), **seconds}))


if __name__ == "__main__":
    main(sys.argv[1])
