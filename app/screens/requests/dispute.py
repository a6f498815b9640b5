"""The customer's notes on a score or decision, shown wherever that is shown."""

from collections.abc import Sequence

import pandas as pd

from app.components import Column, static_table
from core.i18n import Translator
from core.services.rights.disputes import ITEMS, Note


def show_notes(t: Translator, notes: Sequence[Note]) -> None:
    """Show what the customer says of a prediction that is about to be shown; nothing if nothing."""
    if not notes:
        return
    rows = [
        {"item": t(ITEMS[each.item]), "text": each.text, "since": t.date(each.made_at)}
        for each in notes
    ]
    columns = [
        Column("item", t("What is disputed")),
        Column("text", t("The customer's note"), wide=True),
        Column("since", t("Since")),
    ]
    static_table(t, pd.DataFrame(rows), columns, caption=t("■ Disputed by the customer"))


def mark(t: Translator, shown: str, is_disputed: bool) -> str:
    """Return a prediction's id or decision, with a mark where the customer disputes it."""
    return f"{shown} · {t('■ disputed')}" if is_disputed else shown
