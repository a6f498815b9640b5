"""Files that belong to a model: checked on arrival, stored once by their hash."""

import hashlib
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from core.contract import ModelContract
from core.errors import InvalidInput, UnreadableFile
from core.services.registry.onnx_model import SUFFIX, load_onnx

# Types of scikit-learn that skops does not trust by itself and that hold numbers only.
TRUSTED_TYPES = frozenset({"sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor"})
_BLOCK = 1 << 20


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def load_pipeline(path: Path) -> Any:
    """Load a scikit-learn pipeline from a skops file, or an ONNX model; never unpickles.

    Raises
    ------
    NotComputable
        If it is an ONNX model, and the extra that runs these is not installed.
    UnreadableFile
        If the file is no skops file.
    InvalidInput
        If it holds a type that is not on the allow-list, which is named.
    """
    if path.suffix == SUFFIX:
        return load_onnx(path)
    import skops.io  # noqa: PLC0415  # takes a second, and most commands never need it
    from skops.io.exceptions import UntrustedTypesFoundException  # noqa: PLC0415

    try:
        # It looks at every type of the file before it makes anything of it.
        return skops.io.load(path, trusted=sorted(TRUSTED_TYPES))
    except UntrustedTypesFoundException as error:
        unknown = set(skops.io.get_untrusted_types(file=path)) - TRUSTED_TYPES
        raise InvalidInput(
            "{path} holds types that are not allowed: {types}.",
            remedy="Use scikit-learn's own transformers and estimators.",
            path=path.name,
            types=", ".join(sorted(unknown)),
        ) from error
    except Exception as error:
        raise UnreadableFile(
            "{path} is not a skops file: {reason}.",
            remedy="Save the fitted pipeline with skops.io.dump(pipeline, FILE).",
            path=path.name,
            reason=str(error),
        ) from error


def check_pipeline(path: Path, contract: ModelContract) -> None:
    """Check that the pipeline's input columns are the contract's features, in order.

    Raises
    ------
    InvalidInput
        If they differ; both lists are named.
    """
    pipeline = load_pipeline(path)
    inputs = [str(name) for name in getattr(pipeline, "feature_names_in_", ())]
    features = [feature.name for feature in contract.features]
    if inputs != features:
        raise InvalidInput(
            "The artefact's inputs are {inputs}, the contract's features {features}.",
            remedy="Give both the same names in the same order, and fit on a data frame.",
            inputs=", ".join(inputs) or "–",
            features=", ".join(features),
        )


def check_table(path: Path, needed: Sequence[str]) -> None:
    """Check that a Parquet file can be read and has the columns.

    Raises
    ------
    UnreadableFile
        If it is not Parquet.
    InvalidInput
        If columns are missing; they are named.
    """
    try:
        names = set(pq.read_schema(path).names)
    except (pa.ArrowException, OSError) as error:
        raise UnreadableFile(
            "{path} is not a Parquet file: {reason}.",
            remedy="Write the table with DataFrame.to_parquet.",
            path=path.name,
            reason=str(error),
        ) from error
    missing = [name for name in needed if name not in names]
    if missing:
        raise InvalidInput(
            "{path} lacks the columns {columns}.",
            remedy="Add them, named as in the contract.",
            path=path.name,
            columns=", ".join(missing),
        )


def keep(path: Path, folder: Path, sha256: str) -> Path:
    """Copy a file into a folder under its hash, all or nothing; return where it is now."""
    target = folder / sha256[:2] / f"{sha256}{path.suffix}"
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(f".{os.getpid()}.part")
    try:
        shutil.copyfile(path, part)
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return target
