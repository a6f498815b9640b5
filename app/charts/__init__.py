"""Figure builders: frames and arrays in, a :class:`Chart` out. No Streamlit in here.

Every builder takes ``look`` (colours and language) and ``labels`` (axis titles, unit, n, period),
because a chart without them may not be shown. Each draws at most 2,000 points.
"""

from app.charts.against_target import against_target
from app.charts.availability import AvailabilityState, availability_strip
from app.charts.base import MAX_POINTS, Chart, Labels, Look, Mark, labels_for
from app.charts.course import Estimate, Realised, course
from app.charts.cumulative import cumulative
from app.charts.dependence import CurvePoint, dependence
from app.charts.distribution import distribution
from app.charts.expected import Expected
from app.charts.gain_line import Spot, gain_line
from app.charts.heat_map import drawn_rows, heat_map
from app.charts.interval_rows import interval_rows
from app.charts.lines import Series, lines
from app.charts.maturity import maturity_bars
from app.charts.ranked_bars import ranked_bars
from app.charts.score_curves import calibration, cut_off_lines, lift_bars
from app.charts.steadiness import steadiness
from app.charts.trend import trend
from app.charts.volume import volume
from app.charts.waterfall import Level, Step, waterfall

__all__ = [
    "MAX_POINTS",
    "AvailabilityState",
    "Chart",
    "CurvePoint",
    "Estimate",
    "Expected",
    "Labels",
    "Level",
    "Look",
    "Mark",
    "Realised",
    "Series",
    "Spot",
    "Step",
    "against_target",
    "availability_strip",
    "calibration",
    "course",
    "cumulative",
    "cut_off_lines",
    "dependence",
    "distribution",
    "drawn_rows",
    "gain_line",
    "heat_map",
    "interval_rows",
    "labels_for",
    "lift_bars",
    "lines",
    "maturity_bars",
    "ranked_bars",
    "steadiness",
    "trend",
    "volume",
    "waterfall",
]
