"""Which rows were predicted positive, as SQL."""

from datetime import date

from core.contract import ModelContract
from core.contract.cut_offs import EVEN, CutOff, cut_offs
from core.contract.label_words import positive_values
from core.domain.windows import start_of_day
from core.lake.labels.score_grid import usable_score_sql
from core.lake.paths import quoted
from core.lake.row_filter import instant_literal


def flagged_sql(contract: ModelContract) -> str:
    """Return the SQL of whether row ``r`` was predicted positive; NULL where nobody can say.

    A logged prediction says it. Without one, the score is held against the cut-off of the policy
    in force: that of the row's version, else that of its day, else an even chance. Nobody can say
    it of a score that is missing or no probability.

    Parameters
    ----------
    contract : ModelContract
        Of a binary model; the row is one of the predictions or of the resolved stream.
    """
    if "prediction" in contract.log.mapping():
        words = [quoted(word) for word in positive_values(contract)]
        said = (
            f"r.prediction IN ({', '.join(words)}) OR lower(r.prediction) IN ({', '.join(words)})"
        )
        numbers = [word for word in positive_values(contract) if word in {"0", "1"}]
        for word in numbers:  # a column of numbers may have come as 1.0
            said += f" OR try_cast(r.prediction AS DOUBLE) = {float(word)!r}"
        return f"CASE WHEN r.prediction IS NOT NULL THEN ({said}) END"
    found = cut_offs(contract)
    cases = [
        f"WHEN r.version = {quoted(version)} THEN {_reached(cut)}"
        for version, cut in found.by_version
    ]
    cases += [_from_day(contract.timezone, start, cut) for start, cut in found.by_day]
    cases = [f"WHEN NOT {usable_score_sql('r.score')} THEN NULL", *cases]
    return f"CASE {' '.join(cases)} ELSE {_reached(CutOff(EVEN))} END"


def _from_day(timezone: str, start: date, cut: CutOff) -> str:
    return f"WHEN r.time >= {instant_literal(start_of_day(start, timezone))} THEN {_reached(cut)}"


def _reached(cut: CutOff) -> str:
    return f"(r.score {'>=' if cut.included else '>'} {cut.value!r}::DOUBLE)"
