"""The terms that mean one thing everywhere: pages, documents, letters and code.

Each is a message of ``common.po``; tests hold the Chinese to the agreed words.
"""

from core.i18n.translator import N_

TERMS: tuple[str, ...] = (
    N_("model"),
    N_("model version"),
    N_("prediction"),
    N_("score"),
    N_("decision"),
    N_("automated decision"),
    N_("outcome"),
    N_("reference period"),
    N_("current period"),
    N_("drift"),
    N_("data drift"),
    N_("concept drift"),
    N_("feature"),
    N_("slice"),
    N_("threshold"),
    N_("alert"),
    N_("data quality"),
    N_("missing"),
    N_("out of range"),
    N_("unseen category"),
    N_("performance"),
    N_("estimated"),
    N_("realised"),
    N_("matured"),
    N_("partial"),
    N_("label maturity"),
    N_("calibration"),
    N_("fairness"),
    N_("audit trail"),
    N_("population mix"),
)
