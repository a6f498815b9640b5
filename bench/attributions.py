"""``python -m bench.attributions``: what each field adds to a score, ours beside shap's.

Both get the demo's trees, the same loans, the same background and one thread, and both begin with
the loan's own fields.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.config import PROJECT_ROOT
from core.metrics.attribution import attribute
from core.metrics.one_thread import one_thread
from core.services.registry.artefacts import load_pipeline

_FOLDER = PROJECT_ROOT / "data" / "demo" / "sba-loan-default"
_BACKGROUND = 100
_REPEATS = 3


def main(argv: Sequence[str] | None = None) -> int:
    """Run the bench and print a line for each side."""
    parser = argparse.ArgumentParser(prog="python -m bench.attributions", description=__doc__)
    parser.add_argument("--rows", type=int, default=2_000, help="loans (2,000)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here too")
    options = parser.parse_args(argv)
    with one_thread():
        found = compared(options.rows)
    for each in found["times"]:
        print(f"{each['who']:<24} {each['ms_a_row']:>8.2f} ms of CPU a loan")
    print(f"largest difference {found['apart']:.1g}")
    if options.json:
        options.json.write_text(json.dumps(found), "utf-8")
    return 0


def compared(count: int) -> dict[str, Any]:
    """Return the times of both for so many loans, and how far their values lie apart."""
    import shap  # of the tests' tools

    pipeline = load_pipeline(_FOLDER / "model.skops")
    rows = _loans("predictions").iloc[:count]
    background = _loans("training").sample(_BACKGROUND, random_state=0)
    encode, trees = pipeline[0], pipeline[1]
    columns = [name for _, _, names in encode.transformers_ for name in names]
    own, own_s = _timed(lambda: attribute(pipeline, rows, background, place=1))

    def peer() -> Any:
        here, beside = (encode.transform(table[columns]) for table in (rows, background))
        explainer = shap.TreeExplainer(
            trees, data=beside, model_output="raw", feature_perturbation="interventional"
        )
        return explainer.shap_values(here)

    told, peer_s = _timed(peer)
    values = pd.DataFrame(told, columns=columns)[list(own.fields)].to_numpy()
    return {
        "background": len(background),
        "apart": float(np.abs(own.values - values).max()),
        "times": [
            _side("Harbourlight", len(rows), own_s),
            _side(f"shap {shap.__version__}", len(rows), peer_s),
        ],
    }


def _loans(stream: str) -> pd.DataFrame:
    """Return loans whose shares are the same in single precision, as shap keeps thresholds."""
    table = pd.read_parquet(_FOLDER / f"{stream}.parquet")
    share = table["guaranteed_share"]
    return table[share.astype(np.float32).astype(np.float64) == share]


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """Return what it gives, and the median seconds of CPU after a first run."""
    found, taken = work(), []
    for _ in range(_REPEATS):
        began = time.process_time()
        found = work()
        taken.append(time.process_time() - began)
    return found, statistics.median(taken)


def _side(who: str, rows: int, seconds: float) -> dict[str, Any]:
    return {
        "who": who,
        "rows": rows,
        "ms_a_row": 1000 * seconds / rows,
        "a_second": rows / seconds,
    }


if __name__ == "__main__":
    raise SystemExit(main())
