"""A registered ONNX model as the rest of the product knows models: inputs by name, probabilities.

The library is the optional extra ``onnx``. A model that takes tensors from other files is refused,
and operators of other libraries are not loaded.

Names that a file does not hold by itself stand in its metadata, as JSON: ``feature_names`` where
all features come in one matrix, and ``classes`` where the probabilities are a plain matrix of
other classes than 0 and 1.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.errors import NotComputable, UnreadableFile
from core.metrics.arrays import AnyArray, Floats

if TYPE_CHECKING:
    import pandas as pd

SUFFIX = ".onnx"
_NUMBERS: Mapping[str, type[np.generic]] = {
    "tensor(float)": np.float32,
    "tensor(double)": np.float64,
    "tensor(int64)": np.int64,
    "tensor(int32)": np.int32,
}
_FLOATS = frozenset({"tensor(float)", "tensor(double)"})


def load_onnx(path: Path) -> "OnnxModel":
    """Load an ONNX model.

    Raises
    ------
    NotComputable
        If onnxruntime is not installed.
    UnreadableFile
        If the file is no ONNX model that it can run by itself.
    """
    try:
        import onnxruntime  # noqa: PLC0415  # an optional extra
    except ImportError as error:
        raise NotComputable(
            "{path} is an ONNX model, and onnxruntime is not installed.",
            remedy="Run 'pip install harbourlight[onnx]'.",
            path=path.name,
        ) from error
    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4  # it writes to stderr otherwise
    try:
        session = onnxruntime.InferenceSession(
            path.read_bytes(), options, providers=["CPUExecutionProvider"]
        )
        return OnnxModel(session)
    except Exception as error:  # its errors share no class that could be named without it
        raise UnreadableFile(
            "{path} is not an ONNX model: {reason}.",
            remedy="Save the whole model in one file, with standard operators only.",
            path=path.name,
            reason=str(error)[:200],
        ) from error


class OnnxModel:
    """Speaks scikit-learn's language for a session of onnxruntime.

    Parameters
    ----------
    session : onnxruntime.InferenceSession
        The model.
    """

    def __init__(self, session: Any) -> None:
        self._session = session
        self._inputs = session.get_inputs()
        told = session.get_modelmeta().custom_metadata_map
        names = [each.name for each in self._inputs]
        self._is_matrix = len(names) == 1 and "feature_names" in told
        if self._is_matrix:
            names = [str(name) for name in json.loads(told["feature_names"])]
        self.feature_names_in_ = tuple(names)
        self._classes = json.loads(told["classes"]) if "classes" in told else None

    @property
    def classes_(self) -> list[object]:
        """The classes, in the order of the probabilities."""
        return [0, 1] if self._classes is None else list(self._classes)

    def predict_proba(self, frame: "pd.DataFrame") -> Floats:
        """Return the probability of each class, shape (rows, classes).

        Raises
        ------
        ValueError
            If the model has no output of probabilities.
        """
        for output, found in zip(self._session.get_outputs(), self._run(frame), strict=True):
            if output.type.startswith("seq(map("):  # as skl2onnx writes it
                self._classes = list(found[0])
                return np.array([[row[name] for name in found[0]] for row in found])
            if output.type in _FLOATS and self._session.get_outputs()[-1] is output:
                return _both(np.asarray(found, dtype=np.float64))
        raise ValueError("no probabilities")

    def predict(self, frame: "pd.DataFrame") -> Floats:
        """Return the first output as numbers, shape (rows,)."""
        return np.asarray(self._run(frame)[0], dtype=np.float64).reshape(len(frame))

    def _run(self, frame: "pd.DataFrame") -> list[Any]:
        if self._is_matrix:
            (entry,) = self._inputs
            values = frame[list(self.feature_names_in_)].to_numpy()
            return list(self._session.run(None, {entry.name: _cast(values, entry.type)}))
        feed = {each.name: _cast(frame[[each.name]].to_numpy(), each.type) for each in self._inputs}
        return list(self._session.run(None, feed))


def _cast(values: AnyArray, kind: str) -> AnyArray:
    """Return a column as an input wants it: NaN for a missing number, '' for a missing text."""
    if kind in _NUMBERS:
        return values.astype(_NUMBERS[kind])
    texts = [["" if cell != cell else str(cell) for cell in row] for row in values.tolist()]
    return np.array(texts, dtype=object)


def _both(shares: Floats) -> Floats:
    """Return the probabilities of both classes where a model gives those of one."""
    if shares.ndim == 1 or shares.shape[1] == 1:
        one = shares.reshape(-1, 1)
        return np.hstack([1 - one, one])
    return shares
