"""Simulated parts of the demo logs: times of day and the operation of the scoring service.

Everything made here is listed under ``simulated`` in the model's contract and, with its
parameters, in data/README.md. No figure about loans, people or outcomes depends on it.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
_SECONDS = 3600.0


def office_times(days: pd.Series, *, zone: str, seed: int) -> pd.Series:
    """Give each row of a day a time between 08:00 and 18:00, rising within the day.

    Parameters
    ----------
    days : Series of datetime64, shape (n,)
        Days in rising order; the day itself is kept.
    zone : str
        Time zone of the office.
    seed : int
        Seed of the draw.

    Returns
    -------
    Series of datetime64[us, UTC], shape (n,)
        Two peaks: 55 % around 10:45 and 45 % around 14:40, standard deviation 80 minutes.
    """
    generator = np.random.default_rng(seed)
    morning = generator.random(len(days)) < 0.55
    seconds = np.where(
        morning,
        generator.normal(10.75 * _SECONDS, 80 * 60, len(days)),
        generator.normal(14.67 * _SECONDS, 80 * 60, len(days)),
    )
    inside = np.clip(seconds, 8 * _SECONDS, 18 * _SECONDS - 1)
    # Reflect what fell outside, so that no crowd stands at the edges of the day.
    inside = np.where(seconds < inside, 16 * _SECONDS - seconds, inside)
    inside = np.where(seconds > inside, 36 * _SECONDS - 2 - seconds, inside)
    inside = np.clip(np.floor(inside), 8 * _SECONDS, 18 * _SECONDS - 1)
    order = np.lexsort((inside, days.to_numpy()))
    local = days.reset_index(drop=True) + pd.to_timedelta(inside[order], unit="s")
    utc: pd.Series = local.dt.tz_localize(zone).dt.tz_convert("UTC").astype("datetime64[us, UTC]")
    return pd.Series(utc.array, index=days.index)


@dataclass(frozen=True, slots=True)
class Incident:
    """A simulated disturbance of the scoring service, in local time."""

    start: str
    end: str
    error_share: float
    slow_down: float


def operations(times: pd.Series, *, zone: str, seed: int, incident: Incident) -> pd.DataFrame:
    """Return ``latency_ms``, ``cpu_ms``, ``memory_mb`` and ``status`` for each time.

    Parameters
    ----------
    times : Series of datetime64[us, UTC], shape (n,)
        When each prediction was asked for.
    zone : str
        Time zone of the service's office hours.
    seed : int
        Seed of the draws.
    incident : Incident
        Its one disturbance.

    Returns
    -------
    DataFrame, shape (n, 4)
        Latency is lognormal (median 38 ms, sigma 0.35), up to a quarter slower around 11:00 and
        15:00, six times slower for one request in a hundred. CPU time is lognormal (median
        21 ms, sigma 0.25). Memory climbs from 410 MB by 14 MB a day and falls back at the restart
        on Sunday. Two requests in a thousand fail and are answered by a retry, which is the
        score that is logged; an incident raises the share and slows every answer.
    """
    generator = np.random.default_rng(seed)
    count = len(times)
    local = times.dt.tz_convert(zone)
    hour = (local.dt.hour + local.dt.minute / 60).to_numpy()
    load: Floats = np.exp(-((hour - 11) ** 2) / 2) + np.exp(-((hour - 15) ** 2) / 2)
    during = ((local >= incident.start) & (local < incident.end)).to_numpy()
    latency = 38 * np.exp(generator.normal(0, 0.35, count)) * (1 + 0.25 * load)
    latency *= np.where(generator.random(count) < 0.01, 6.0, 1.0)
    latency *= np.where(during, incident.slow_down, 1.0)
    processor = 21 * np.exp(generator.normal(0, 0.25, count))
    days = ((local.dt.dayofweek + 1) % 7).to_numpy() + hour / 24
    failed = generator.random(count) < np.where(during, incident.error_share, 0.002)
    return pd.DataFrame(
        {
            "latency_ms": np.rint(latency).astype("int32"),
            "cpu_ms": np.rint(processor).astype("int32"),
            "memory_mb": np.rint(410 + 14 * days).astype("int32"),
            "status": np.where(failed, "error", "ok"),
        },
        index=times.index,
    )
