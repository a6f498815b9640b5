"""Which of a segment's values each row has, as SQL: all values counted in one pass."""

from collections.abc import Sequence

from core.contract import ModelContract
from core.lake.profiles.segments import SliceValues
from core.lake.row_filter import literal
from core.lake.streams import slice_columns


def slice_code_sql(contract: ModelContract, cuts: Sequence[SliceValues]) -> str:
    """Return the SQL of the place of row ``r`` among the labels of segments.

    Parameters
    ----------
    contract : ModelContract
        Of the model; the row is one of the resolved stream.
    cuts : sequence of SliceValues
        One segment, or several: then the place is that in the table of all combinations, the last
        segment changing fastest (``numpy.ravel_multi_index``).
    """
    place = "0"
    for cut in cuts:
        place = f"({place}) * {len(cut.labels)} + {_code(contract, cut)}"
    return place


def _code(contract: ModelContract, cut: SliceValues) -> str:
    column = f"r.{cut.column}"
    if cut.edges:
        number = f"{column}::DOUBLE"
        cases = [f"WHEN {column} IS NULL OR isnan({number}) THEN {cut.missing_code}"]
        cases += [
            f"WHEN {number} < {edge!r}::DOUBLE THEN {code}" for code, edge in enumerate(cut.edges)
        ]
        return f"(CASE {' '.join(cases)} ELSE {len(cut.edges)} END)"
    is_text = slice_columns(contract).get(cut.column) == "VARCHAR"
    shown = column if is_text else f"{column}::VARCHAR"
    if not cut.values:
        return f"(CASE WHEN {column} IS NULL THEN {cut.missing_code} ELSE 0 END)"
    # One look-up, which DuckDB does once a distinct text where a file keeps those apart.
    listed = ", ".join(literal(text) for text in cut.values)
    place = f"coalesce(nullif(list_position([{listed}], {shown}), 0), {len(cut.values) + 1}) - 1"
    return f"(CASE WHEN {column} IS NULL THEN {cut.missing_code} ELSE {place} END)"
