"""Taking every performance figure away, with what was asked in each line."""

from app.components import FileOffer, Prepared, offer_files, publish_csv
from app.context import PageContext
from core.domain.identity import Actor, Permission
from core.services.performance import Estimates, Performance, csv_table, rows_beside
from core.services.performance.matrix import class_rows, outcome_matrix
from core.services.safe_csv import csv_bytes


def show_download(ctx: PageContext, found: Performance, estimates: Estimates) -> None:
    """Let the reader take every figure as a file."""
    offer_files(
        ctx,
        FileOffer(
            ctx.t("Prepare the figures (CSV)"),
            lambda actor: _prepared(ctx, actor, found, estimates),
            key="performance_prepare",
            permission=Permission.performance_view,
            asked=found.view.key,
        ),
    )


def _prepared(ctx: PageContext, actor: Actor, found: Performance, estimates: Estimates) -> Prepared:
    model = found.view.contract.id
    by_class = class_rows(found, outcome_matrix(ctx.workspace, found))
    header, rows = csv_table(found.view, [*rows_beside(found, estimates), *by_class])
    return publish_csv(
        ctx,
        actor,
        csv_bytes(header, rows),
        permission=Permission.performance_view,
        name=f"performance-{model}-{found.view.as_of:%Y%m%d}.csv",
        text=ctx.t("Download {n} figures with their filters (CSV)", n=len(rows)),
        model=model,
    )
