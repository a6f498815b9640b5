"""Every KPI of the ready-made sets in pandas: another program than the product's, to hold against.

Streams are joined here as the documentation says, and each KPI is written as its page describes it;
nothing of the product's language, SQL or contract is used.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

Figures = dict[str, float]
Program = Callable[[pd.DataFrame, Mapping[str, float]], Figures]


@dataclass(frozen=True)
class Streams:
    """What was logged, with the names of the log's own columns.

    Parameters
    ----------
    log, outcomes, decisions : DataFrame
        Decisions have ``id``, ``time``, ``kind`` and ``decision``.
    names : mapping of str to str
        The log's columns by ``id``, ``time``, ``score``, ``amount``, ``decision``, ``released_at``;
        and those of the outcome by ``label`` and ``observed_at``.
    matures : DateOffset
        Age at which an outcome is final.
    cut_off : float
        From which score on a row is flagged.
    """

    log: pd.DataFrame
    outcomes: pd.DataFrame
    decisions: pd.DataFrame
    names: Mapping[str, str]
    matures: pd.DateOffset
    cut_off: float = np.nan

    def as_of(self) -> pd.Timestamp:
        """Return the newest instant of all streams."""
        times = [self.log[self.names["time"]], self.outcomes[self.names["observed_at"]]]
        newest = max(each.max() for each in [*times, self.decisions["time"]] if len(each))
        return pd.Timestamp(newest)

    def joined(self) -> pd.DataFrame:
        """Return one row a prediction with what was decided and what became of it."""
        wanted = ("id", "time", "score", "amount", "decision", "released_at")
        renamed = {self.names[each]: each for each in wanted if each in self.names}
        rows = self.log.rename(columns=renamed)
        for name in set(wanted) - set(rows.columns):
            rows[name] = None
        newest = self.outcomes.sort_values(self.names["observed_at"]).drop_duplicates(
            self.names["id"], keep="last"
        )
        known = newest.rename(
            columns={self.names["id"]: "id", self.names["label"]: "label"}
        ).drop(columns=[name for name in newest.columns if name in rows.columns and name != "id"
                        and name != self.names["id"]])  # fmt: skip
        rows = rows.merge(known, on="id", how="left", validate="one_to_one")
        rows = rows.merge(self._decided(), on="id", how="left", validate="one_to_one")
        rows["final"] = rows["newest"].fillna(rows["decision"]).astype("str").str.lower()
        rows["final"] = rows["final"].where(rows["newest"].notna() | rows["decision"].notna())
        rows["decided_at"] = rows["newest_at"].fillna(pd.to_datetime(rows["released_at"], utc=True))
        rows["by"] = rows["kind"].fillna("model" if np.isnan(self.cut_off) else "policy")
        rows["reviewed"] = rows["human"].notna()
        same = rows["human"].str.lower() == rows["decision"].str.lower()
        rows["overridden"] = rows["reviewed"] & ~same & rows["decision"].notna()
        rows["flagged"] = (rows["score"] >= self.cut_off).where(rows["score"].notna())
        old = rows["time"] <= self.as_of() - self.matures
        rows["old"] = old
        rows["matured"] = old & rows["label"].notna()
        return rows

    def _decided(self) -> pd.DataFrame:
        ordered = self.decisions.sort_values("time", kind="stable")
        newest = ordered.groupby("id").last()[["decision", "time", "kind"]]
        by_person = ordered[ordered["kind"].isin(["human", "appeal"])]
        human = by_person.groupby("id").last()["decision"]
        newest.columns = pd.Index(["newest", "newest_at", "kind"])
        return newest.join(human.rename("human"), how="left").reset_index()


def _ratio(above: float, below: float) -> float:
    return float(above) / float(below) if below else np.nan


def _total(values: pd.Series) -> float:
    """Return a sum; of rows none of which has a value it is not known."""
    return float(values.sum(min_count=min(len(values), 1)))


def _share(conditions: pd.Series, of: pd.Series | None = None) -> float:
    """Return how often a condition is true where it is known, of some rows."""
    chosen = conditions if of is None else conditions[of]
    chosen = chosen.dropna().astype(bool)
    return _ratio(chosen.sum(), len(chosen))


def _span(rows: pd.DataFrame, seconds: int) -> pd.Series:
    """Return the time to each decision in units of so many seconds."""
    return (rows["decided_at"] - rows["time"]).dt.total_seconds() / seconds


def bank_credit(rows: pd.DataFrame, given: Mapping[str, float]) -> Figures:
    """Return the figures of the set for bank credit."""
    approves = rows["final"].isin(["approve", "approved", "accept", "accepted"])
    known = rows[rows["matured"]]
    made = known[approves[rows["matured"]]]
    bad, score = known["label"] == 1, known["score"]
    loss, lent = made["loss"].fillna(0), made["amount"]
    expected = (made["score"] * made["amount"]).sum() * given["loss_given_default"]
    profit = (lent * given["margin"] - loss)[lent.notna()]
    low, high = given["low_band"], given["high_band"]
    return {
        "approval_rate": _ratio(approves.sum(), rows["final"].notna().sum()),
        "default_rate": _share(made["label"] == 1),
        "bad_rate_low_scores": _share(bad, score < low),
        "bad_rate_middle_scores": _share(bad, (score >= low) & (score < high)),
        "bad_rate_high_scores": _share(bad, score >= high),
        "expected_loss": expected,
        "realised_loss": loss.sum(),
        "realised_to_expected_loss": _ratio(loss.sum(), expected),
        "loss_rate": _ratio(loss.sum(), lent.sum()),
        "exposure": _total(rows.loc[approves, "amount"]),
        "processing_time": _span(rows, 3_600).median(),
        "override_rate": _ratio(rows["overridden"].sum(), rows["final"].notna().sum()),
        "profit_per_approval": _ratio(profit.sum(), len(profit)),
    }


def fraud(rows: pd.DataFrame, _: Mapping[str, float]) -> Figures:
    """Return the figures of the set for fraud."""
    known = rows[rows["matured"]]
    frauds = known[known["label"] == 1]
    honest = known[known["label"] == 0]
    told = frauds[frauds["flagged"].notna()]
    hits = told[told["flagged"].astype(bool)]
    false_alerts = (honest["flagged"] == True).sum()  # noqa: E712 - missing is neither
    words = ["block", "blocked", "decline", "declined", "reject", "rejected", "stop", "stopped"]
    alerts = rows[rows["flagged"] == True]  # noqa: E712
    worked = alerts["review_minutes"].dropna()
    return {
        "detection_rate": _ratio(len(hits), len(told)),
        "detection_rate_by_money": _ratio(hits["amount"].sum(), told["amount"].sum()),
        "false_positive_ratio": _ratio(false_alerts, len(hits)),
        "losses_prevented": _total(frauds.loc[frauds["final"].isin(words), "amount"]),
        "alerts_per_analyst_hour": _ratio(len(worked) * 60, worked.sum()),
        "time_to_decision": _span(alerts, 60).median(),
    }


def insurance(rows: pd.DataFrame, _: Mapping[str, float]) -> Figures:
    """Return the figures of the set for insurance claims."""
    decided = rows[rows["final"].notna()]
    seen = decided["reviewed"] | decided["final"].isin(["refer", "referred", "manual", "review"])
    known = rows[rows["matured"]]
    paid = known["paid"].fillna(0)
    insured, audited = known["premium"].notna(), known["audited_amount"].notna()
    too_much = paid[audited].sum() - known["audited_amount"].sum()
    return {
        "straight_through_rate": _ratio((~seen).sum(), len(decided)),
        "turnaround": _span(rows, 86_400).median(),
        "loss_ratio": _ratio(paid[insured].sum(), known["premium"].sum()),
        "claims_leakage": _ratio(too_much, paid[audited].sum()),
        "referral_rate": _ratio(seen.sum(), len(decided)),
    }


def logistics(rows: pd.DataFrame, _: Mapping[str, float]) -> Figures:
    """Return the figures of the set for logistics."""
    known = rows[rows["matured"]]
    both = known[known["score"].notna()]
    error = both["score"] - both["label"]
    counted = known[known["stock_out_units"].notna()]
    served = counted["label"].sum() - counted["stock_out_units"].sum()
    figures = {
        "wape": _ratio(error.abs().sum(), both["label"].abs().sum()),
        "bias": _ratio(error.sum(), both["label"].sum()),
        "stock_out_rate": _share(counted["stock_out_units"] > 0),
        "holding_cost": _total(known["holding_cost"]),
        "service_level": _ratio(served, counted["label"].sum()),
    }
    if "promised_at" in rows:
        # At 30 days, which is when outcomes of this log are final; all were promised for sooner.
        promised = rows[rows["old"]].dropna(subset=["promised_at"])
        came = promised["delivered_at"] <= promised["time"] + pd.Timedelta(days=30)
        late = ~came | (promised["delivered_at"] > promised["promised_at"])
        figures["late_share"] = _share(late)
    return figures


def retail(rows: pd.DataFrame, given: Mapping[str, float]) -> Figures:
    """Return the figures of the set for retail."""
    known = rows[rows["matured"]]
    bought, group = known["label"] == 1, known["campaign_group"].str.lower()
    held = group.isin(["hold-out", "hold_out", "holdout", "control"])
    sent = known["final"].isin(["offer", "contact", "send", "sent"])
    picked = known["flagged"] == True  # noqa: E712
    whole = known.dropna(subset=["orders", "revenue"])
    treated = _share(bought, picked & ~held & group.notna())
    return {
        "conversion": _share(bought, sent & ~held & group.notna()),
        "average_order_value": _ratio(whole["revenue"].sum(), whole["orders"].sum()),
        "retention": _share(bought, known["recency_days"] <= given["active_days"]),
        "repurchase_rate": _share(bought),
        "uplift": treated - _share(bought, picked & held),
    }


PROGRAMS: Mapping[str, Program] = {
    "bank_credit": bank_credit,
    "fraud": fraud,
    "insurance": insurance,
    "logistics": logistics,
    "retail": retail,
}
