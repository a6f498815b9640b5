"""DiCE's changes of declined loans, by each of its methods that ask a model as it is.

Runs alone, in an environment of its own: ``python dice_changes.py TASK.json``. Prints one JSON
document: for each method the changed rows of every loan, and the seconds that each loan took.
"""

import contextlib
import io
import json
import signal
import sys
import time
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import Any

CUT = 0.5
_AGAIN_S = 0.25


class OutOfTime(BaseException):
    """A loan that took too long; nothing between here and there may take it for its own."""


class Shifted:
    """The model with its log odds moved so that the cut-off in force is an even chance.

    DiCE knows no other cut-off. The order of the scores stays as it is.
    """

    def __init__(self, pipeline: Any, place: int, cut_off: float) -> None:
        import numpy

        self._np, self._pipeline, self._place = numpy, pipeline, place
        self._shift = numpy.log(cut_off / (1 - cut_off))
        self.classes_ = numpy.array([0, 1])

    def predict_proba(self, frame: Any) -> Any:
        """Return how likely each row is taken and declined, an even chance at the cut-off."""
        np = self._np
        score = self._pipeline.predict_proba(frame)[:, self._place]
        odds = np.log(score / (1 - score)) - self._shift
        declined = 1 / (1 + np.exp(-odds))
        return np.column_stack([1 - declined, declined])

    def predict(self, frame: Any) -> Any:
        """Return 1 for each row that is declined."""
        return (self.predict_proba(frame)[:, 1] >= CUT).astype(int)


def main(task_path: str) -> None:
    """Run the task and print what was found."""
    warnings.simplefilter("ignore")
    task = json.loads(Path(task_path).read_text(encoding="utf-8"))
    import dice_ml
    import pandas as pd
    import skops.io
    import threadpoolctl

    signal.signal(signal.SIGVTALRM, _stop)
    pipeline = skops.io.load(task["model"], trusted=task["trusted"])
    # Many calls of few rows: threads of trees would cost ten times as much. So do we.
    threadpoolctl.threadpool_limits(1, user_api="openmp")
    model = Shifted(pipeline, task["place"], task["cut_off"])
    cases = pd.read_parquet(task["cases"])
    loans = pd.read_parquet(task["loans"])
    data = dice_ml.Data(
        dataframe=cases.assign(declined=model.predict(cases)),
        continuous_features=task["numeric"],
        outcome_name="declined",
    )
    asked = dice_ml.Model(model=model, backend="sklearn")
    found = {}
    for method in task["methods"]:
        explainer = dice_ml.Dice(data, asked, method=method)
        found[method] = [
            one_loan(explainer, loans.iloc[[place]], limits, task)
            for place, limits in enumerate(task["limits"])
        ]
    print(json.dumps({"version": version("dice_ml"), "found": found}))


def _stop(*_: object) -> None:
    raise OutOfTime


def one_loan(
    explainer: Any, row: Any, limits: dict[str, Any], task: dict[str, Any]
) -> dict[str, Any]:
    """Return the changed rows of a loan and the seconds they took; none where DiCE gives up."""
    # The genetic method draws rows until enough have the other result: for ever, if none can. What
    # it calls may catch the stop where it catches everything, so it is told again.
    signal.setitimer(signal.ITIMER_VIRTUAL, task["limit_s"], _AGAIN_S)
    options = {"random_seed": task["seed"]} if "Random" in type(explainer).__name__ else {}
    before, used = time.perf_counter(), time.process_time()
    rows, said = [], ""
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            answer = explainer.generate_counterfactuals(
                row,
                total_CFs=task["most"],
                desired_class=0,
                features_to_vary=list(limits),
                permitted_range=limits,
                stopping_threshold=CUT,
                # As it advises where a number's range is wide: else it asks dollar by dollar.
                posthoc_sparsity_algorithm="binary",
                **options,
            )
        table = answer.cf_examples_list[0].final_cfs_df
        if table is not None:
            rows = json.loads(table.drop(columns="declined").to_json(orient="records"))
    except OutOfTime:
        said = f"stopped after {task['limit_s']:g} s of processor time"
    except Exception as error:  # it raises its own and pandas' where it finds nothing
        said = f"{type(error).__name__}: {error}"[:200]
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return {
        "rows": rows,
        "said": said,
        "wall_s": time.perf_counter() - before,
        "cpu_s": time.process_time() - used,
    }


if __name__ == "__main__":
    main(sys.argv[1])
