"""The contract that the generated log is registered under, with slices and without."""

import json
from datetime import timedelta
from pathlib import Path

from bench.dataset import START, TIMEZONE, Dataset, reference_until

MODEL = "bench-log"
SLICED_MODEL = "bench-log-sliced"


def contract_document(model: str, dataset: Dataset, segments: tuple[str, ...]) -> dict[str, object]:
    """Return the contract of a generated log as a document.

    Parameters
    ----------
    model : str
        Id to register it under.
    dataset : Dataset
        The log.
    segments : tuple of str
        Columns that profiles are cut by.
    """
    features = [{"name": name, "type": "numeric"} for name in dataset.numeric]
    features += [{"name": name, "type": "categorical"} for name in dataset.categorical]
    return {
        "id": model,
        "name": "Generated log of the bench",
        "task": "binary_classification",
        "owner": "bench",
        "purpose": "Timed by the bench; no person is behind any row.",
        "timezone": TIMEZONE,
        "log": {
            "prediction_id": "prediction_id",
            "time": "made_at",
            "version": "model_version",
            "score": "score",
        },
        "features": features,
        "segments": list(segments),
        "versions": [{"id": "1"}, {"id": "2"}],
        "reference": {
            "from": START.date().isoformat(),
            "to": (reference_until() - timedelta(days=1)).date().isoformat(),
        },
        "simulated": list(dataset.columns),
    }


def write_contract(path: Path, document: dict[str, object]) -> None:
    """Write a contract; JSON is YAML."""
    path.write_text(json.dumps(document, indent=1), encoding="utf-8")
