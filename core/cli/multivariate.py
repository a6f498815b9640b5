"""``harbourlight drift MODEL --multivariate``: figures of all inputs together."""

from core.cli.context import print_json, print_table
from core.domain.identity import Actor
from core.errors import NotComputable
from core.services.drift.multivariate import MultivariateRow, reconstruction, separation
from core.services.questions import Question
from core.services.workspace import Workspace

_SHOWN = 5


def show_multivariate(
    workspace: Workspace, question: Question, actor: Actor, as_json: bool
) -> None:
    """Print the reconstruction error of each chunk, and what tells the newest one apart.

    Where no chunk has enough rows for the classifier, its row is left out and the reason given.
    """
    found = reconstruction(workspace, question, actor=actor)
    rows, reason = found.rows(), ""
    try:
        rows.append(separation(workspace, question, actor=actor).row())
    except NotComputable as error:
        reason = str(error)
    if as_json:
        window = found.view.window
        print_json(
            {
                "model": found.view.contract.id,
                "window": {"start": window.start, "end": window.end, "as_of": found.view.as_of},
                "explained": found.explained,
                "directions": found.directions,
                "inputs": found.inputs,
                "rows": rows,
                "not_computed": {"domain_classifier_auc": reason} if reason else {},
            }
        )
        return
    title = (
        f"All inputs together: {found.directions} directions of {found.inputs} inputs explain "
        f"{found.explained:.0%} of the reference's variance"
    )
    print_table(title, [_line(row) for row in rows])
    if rows and rows[-1].separators:
        parts = rows[-1].separators[:_SHOWN]
        print_table("What tells the rows apart", [dict(part) for part in parts])
    if reason:
        print_table("Domain classifier", [{"status": reason}])


def _line(row: MultivariateRow) -> dict[str, object]:
    return {
        "chunk": row.chunk["key"],
        "n": row.chunk["n"],
        "sampled": row.sampled,
        "method": row.method,
        "value": row.value,
        "low": row.low,
        "high": row.high,
        "level": row.level,
        "status": row.status,
    }
