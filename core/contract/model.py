"""The contract of one model: the single description that every layer reads."""

from collections import Counter
from collections.abc import Iterable
from functools import cached_property
from typing import Literal, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field, field_validator, model_validator

from core.contract.aliases import aliases
from core.contract.base import Part, fault
from core.contract.card import Card
from core.contract.columns import Column, LogColumns
from core.contract.explanation import Explanation
from core.contract.fairness import Fairness
from core.contract.features import Feature, Segment, check_changes
from core.contract.governance import (
    Alarms,
    ConfusionValues,
    ModelVersion,
    PolicyVersion,
    Threshold,
)
from core.contract.kpis import Kpi, KpiSetChoice, Parameter, Value
from core.contract.origins import Asset, Disclosure, check_assets
from core.contract.outcomes import Event, Outcome
from core.contract.periods import PerformanceReference, ReferenceWindow
from core.contract.review import Review
from core.contract.text import Text

Task = Literal["binary_classification", "multiclass_classification", "regression"]


class ModelContract(Part):
    """What a model is for, what its log holds, and what it will be held to.

    Every field is documented in docs/model-contract.md.
    """

    id: str = Field(pattern="^[a-z0-9][a-z0-9-]{0,62}$")
    name: Text
    task: Task
    owner: str = Field(min_length=1)
    tier: int | None = Field(default=None, ge=1, le=4)
    tier_reason: Text | None = None
    purpose: Text
    timezone: str = "Asia/Hong_Kong"
    currency: str = Field(default="HKD", pattern="^[A-Z]{3}$")
    log: LogColumns
    columns: tuple[Column, ...] = ()
    outcome: Outcome | None = None
    events: tuple[Event, ...] = ()
    features: tuple[Feature, ...] = Field(min_length=1)
    segments: tuple[Segment, ...] = ()
    protected: tuple[str, ...] = ()
    fairness: Fairness | None = None
    versions: tuple[ModelVersion, ...] = ()
    policy: tuple[PolicyVersion, ...] = ()
    reference: ReferenceWindow
    performance_reference: PerformanceReference | None = None
    thresholds: dict[str, Threshold] = Field(default_factory=dict)
    alarms: Alarms = Field(default_factory=Alarms)
    confusion_values: ConfusionValues | None = None
    parameters: dict[str, Parameter] = Field(default_factory=dict)
    definitions: dict[str, str] = Field(default_factory=dict)
    kpi_set: KpiSetChoice | None = None
    kpis: tuple[Kpi, ...] = ()
    value: Value | None = None
    review: Review | None = None
    explanation: Explanation = Field(default_factory=Explanation)
    card: Card | None = None
    assets: tuple[Asset, ...] = ()
    disclosure: tuple[Disclosure, ...] = ()
    simulated: tuple[str, ...] = ()

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        if name not in available_timezones():
            raise ValueError("not a time zone: write an IANA name such as Asia/Hong_Kong")
        return name

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        _unique("features", (feature.name for feature in self.features))
        _unique("columns", (column.name for column in self.columns))
        _unique("segments", (segment.name for segment in self.segments))
        _unique("versions", (version.id for version in self.versions))
        _unique("policy", (policy.version for policy in self.policy))
        _unique("events", (event.name for event in self.events))
        _unique("kpis", (kpi.id for kpi in self.kpis))
        _unique("assets", (asset.id for asset in self.assets))
        _unique("disclosure", (told.id for told in self.disclosure))
        _unique("disclosure.from", (str(told.start) for told in self.disclosure))
        check_assets(self.features, {asset.id for asset in self.assets})
        self._protected_stay_out()
        self._sources_exist()
        self._compared_columns_exist()
        self._changes_stand_alone()
        self._scores_fit_the_task()
        self._threshold_columns_exist()
        self._proxies_are_features()
        self._tier_has_a_reason()
        return self

    def _protected_stay_out(self) -> None:
        shared = sorted(set(self.protected) & {feature.name for feature in self.features})
        if shared:
            raise fault(
                "protected",
                f"{', '.join(shared)} is protected and a feature: protected columns are logged "
                "for fairness only; take it out of 'features' or of 'protected'",
            )

    def _sources_exist(self) -> None:
        known = set(self.stored_columns) | set(self.log.mapping())
        words = {item.name for item in self.features if item.type == "categorical"}
        words |= {item.name for item in self.columns if item.type not in {"numeric", "integer"}}
        for segment in self.segments:
            if segment.source not in known:
                raise fault(
                    "segments",
                    f"segment {segment.name!r} reads {segment.source!r}, which is neither a "
                    "feature nor a declared column: declare it in 'columns'",
                )
            if segment.edges and segment.source in words:
                raise fault(
                    "segments",
                    f"segment {segment.name!r} has edges, but {segment.source!r} is not a "
                    "number: take out 'edges', or declare the column as numeric",
                )
        policies = {policy.version for policy in self.policy}
        for version in self.versions:
            if version.policy is not None and version.policy not in policies:
                raise fault(
                    "versions",
                    f"version {version.id!r} names policy {version.policy!r}, which is not in "
                    "'policy': add it there",
                )

    def _compared_columns_exist(self) -> None:
        compared = [item.column for item in self.fairness.attributes] if self.fairness else []
        _unique("fairness.attributes", compared)
        unknown = sorted(set(compared) - set(self.stored_columns))
        if unknown:
            raise fault(
                "fairness.attributes",
                f"{', '.join(unknown)} is neither protected nor a feature nor a declared column: "
                "declare it in 'columns' and 'protected'",
            )

    def _changes_stand_alone(self) -> None:
        compared = {item.column for item in self.fairness.attributes} if self.fairness else set()
        check_changes(self.features, compared)

    def _threshold_columns_exist(self) -> None:
        known = {feature.name for feature in self.features} | {"@score", "@prediction", "@decision"}
        for metric, threshold in self.thresholds.items():
            unknown = sorted(set(threshold.columns) - known)
            if unknown:
                raise fault(
                    "thresholds",
                    f"{metric!r} names {', '.join(unknown)} in 'columns', which is neither a "
                    "feature nor @score, @prediction or @decision",
                )

    def _proxies_are_features(self) -> None:
        features = {feature.name: feature for feature in self.features}
        for name in self.explanation.proxies:
            if name not in features:
                raise fault(
                    "explanation.proxies", f"{name!r} is not a feature: name one of 'features'"
                )
            if features[name].actionable:
                raise fault(
                    "explanation.proxies",
                    f"{name!r} stands in for a protected column and is marked 'actionable': nobody "
                    "is advised to change it; take one of the two out",
                )

    def _tier_has_a_reason(self) -> None:
        if (self.tier is None) != (self.tier_reason is None):
            raise fault(
                "tier_reason", "'tier' and 'tier_reason' go together: write both, or neither"
            )

    def _scores_fit_the_task(self) -> None:
        if self.task == "multiclass_classification" and not self.log.scores:
            raise fault("log.scores", "a multiclass model needs 'log.scores': {class: column}")
        if self.task != "multiclass_classification" and self.log.scores:
            raise fault("log.scores", "only a multiclass model has 'log.scores': use 'log.score'")

    @property
    def zone(self) -> ZoneInfo:
        """The time zone that days and months are cut in."""
        return ZoneInfo(self.timezone)

    @cached_property
    def stored_columns(self) -> dict[str, str]:
        """Source name → lake column of every feature, declared and protected column.

        Names of the lake are ``c_`` and the source name in lower-case ASCII, made unique, so
        that no name from a file ever reaches SQL.
        """
        names = [feature.name for feature in self.features]
        names += [column.name for column in self.columns]
        names += list(self.protected)
        return aliases(names, prefix="c_")

    def alias(self, name: str) -> str:
        """Return the lake column of a source column or of a canonical column."""
        if name in self.stored_columns:
            return self.stored_columns[name]
        if name in self.log.mapping():
            return name
        raise KeyError(name)

    def feature(self, name: str) -> Feature:
        """Return the feature of that name.

        Raises
        ------
        KeyError
            If the contract has no such feature.
        """
        for feature in self.features:
            if feature.name == name:
                return feature
        raise KeyError(name)

    def segment(self, name: str) -> Segment:
        """Return the segment of that name, or raise ``KeyError``."""
        for segment in self.segments:
            if segment.name == name:
                return segment
        raise KeyError(name)

    @property
    def personal_columns(self) -> frozenset[str]:
        """Names of the columns and features that hold personal data."""
        columns = [column.name for column in self.columns if column.personal]
        return frozenset(columns + [item.name for item in self.features if item.personal])

    @property
    def personal_log_columns(self) -> frozenset[str]:
        """Columns of the log that are masked by default: personal ones and the subject."""
        subject = [self.log.subject] if self.log.subject else []
        return self.personal_columns | frozenset(subject) | frozenset(self.protected)

    def is_personal(self, name: str) -> bool:
        """Return whether a column of the log, or the one behind a name of ours, is masked."""
        named = self.log.mapping().get(name.removeprefix("@"), name)
        return name in self.personal_log_columns or named in self.personal_log_columns


def _unique(field: str, names: Iterable[str]) -> None:
    twice = sorted(name for name, count in Counter(names).items() if count > 1)
    if twice:
        raise fault(field, f"{', '.join(twice)} is declared twice: keep one")
