"""Rows of people who were erased: refused in every stream, and their values not kept.

Only keyed hashes of these people are known, so every id of the batch is hashed and compared; that
costs a second a million rows, and nothing in a workspace that never erased anybody.
"""

import hmac
from dataclasses import dataclass

from core.contract import ModelContract
from core.ingest.quarantine import Quarantine
from core.ingest.site import Keys
from core.ingest.stage import STAGED, Stage
from core.lake.streams import identity_column, prediction_columns
from core.lake.upkeep.erase_quarantine import ERASED_REASON
from core.lake.upkeep.keyed_hash import KeyedHash
from core.store.retention.tombstones import Erased

SUBJECT, PREDICTION = "subject", "prediction"
_ROWS = "erased_rows"


@dataclass(frozen=True, slots=True)
class Names:
    """Hashes of one kind of id: how they are made, and which of them are refused."""

    hash: KeyedHash
    prefix: str
    macs: tuple[str, ...]

    def test(self, text: str) -> tuple[str, dict[str, object]]:
        """Return SQL for "this text is the id of somebody erased", and its parameters."""
        whole = f"$prefix || {text}" if self.prefix else text
        parameters: dict[str, object] = {"macs": list(self.macs), **self.hash.parameters}
        if self.prefix:
            parameters["prefix"] = self.prefix
        return f"{self.hash.sql(whole)} IN (SELECT unnest($macs::VARCHAR[]))", parameters

    def known(self, text: str) -> bool:
        """Whether a text is the id of somebody erased."""
        whole = (self.prefix + text).encode("utf-8", "replace")
        return hmac.digest(self.hash.key, whole, "sha256").hex() in self.macs


def refuse_erased(
    stage: Stage, quarantine: Quarantine, erased: Erased, keys: Keys, contract: ModelContract
) -> int:
    """Take the rows of erased people out of a batch; return how many went.

    Parameters
    ----------
    stage : Stage
        The batch's good rows.
    quarantine : Quarantine
        Its refused rows; those of erased people are emptied.
    erased : Erased
        Hashes of subjects and predictions to refuse.
    keys : Keys
        The workspace's keys.
    contract : ModelContract
        The model's contract.
    """
    if not erased:
        return 0
    subjects = Names(KeyedHash(keys.derive(SUBJECT)), "", erased.subjects)
    predictions = Names(
        KeyedHash(keys.derive(PREDICTION)), prediction_prefix(contract.id), erased.predictions
    )
    stage.connection.execute(f"CREATE OR REPLACE TEMP TABLE {_ROWS} (_row BIGINT)")
    identity = identity_column(contract)
    tested = [("prediction_id", predictions)]
    if identity in stage.shape.names:
        tested.append((identity, subjects))
    elif identity == "prediction_id":
        tested.append(("prediction_id", subjects))
    for column, names in tested:
        if names.macs:
            test, parameters = names.test(column)
            stage.connection.execute(
                f"INSERT INTO {_ROWS} SELECT _row FROM {STAGED} WHERE {test}", parameters
            )
    found = stage.connection.execute(f"SELECT count(DISTINCT _row) FROM {_ROWS}").fetchall()
    if found[0][0]:
        quarantine.add_erased(STAGED, _ROWS, ERASED_REASON)
        stage.remove(_ROWS)
    _empty_refused(quarantine, subjects, predictions, contract)
    return int(found[0][0])


def prediction_prefix(model_id: str) -> str:
    """Return what stands before a prediction's id when it is hashed: ids are unique in a model."""
    return f"{model_id}/"


def _empty_refused(
    quarantine: Quarantine, subjects: Names, predictions: Names, contract: ModelContract
) -> None:
    columns = [(column, predictions) for column in prediction_columns(contract)]
    if contract.log.subject:
        columns.append((contract.log.subject, subjects))
    else:
        columns += [(column, subjects) for column in prediction_columns(contract)]
    for column, names in columns:
        if names.macs:
            test, parameters = names.test("json_extract_string(raw, $path)")
            path = '$."' + column.replace('"', '\\"') + '"'
            quarantine.empty_where(test, {**parameters, "path": path}, ERASED_REASON)
    quarantine.empty_lines(
        lambda token: subjects.known(token) or predictions.known(token), ERASED_REASON
    )
