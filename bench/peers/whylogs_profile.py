"""whylogs' profile of every column of the whole log: one profile, not one a day.

Runs alone, in an environment of its own: ``python whylogs_profile.py TASK.json``. Prints one
JSON document with the seconds of each phase.
"""

import json
import sys
import time
import warnings
from importlib.metadata import version
from pathlib import Path


def main(task_path: str) -> None:
    """Run the task and print how long each phase took."""
    warnings.simplefilter("ignore")
    task = json.loads(Path(task_path).read_text(encoding="utf-8"))
    marks = [time.perf_counter()]
    import pandas as pd
    import whylogs

    marks.append(time.perf_counter())
    columns = [*task["numeric"], *task["categorical"]]
    frame = pd.concat(
        [pd.read_parquet(file, columns=columns) for file in task["files"]], ignore_index=True
    )
    marks.append(time.perf_counter())
    whylogs.log(frame).view().write(task["out"])
    marks.append(time.perf_counter())
    phases = ("import_s", "read_s", "work_s")
    seconds = {
        name: end - start for name, start, end in zip(phases, marks, marks[1:], strict=False)
    }
    print(json.dumps({"version": version("whylogs"), "rows": len(frame), **seconds}))


if __name__ == "__main__":
    main(sys.argv[1])
