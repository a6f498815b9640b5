"""What docs/conformance.md says besides the figures."""

BEFORE = """
# Conformance

Each metric beside another implementation of it, on the same rows. This page is written by a run,
`python -m tests.conformance --write`; a test runs it again and fails if a difference is larger than
its tolerance, if a metric is neither compared nor listed below, or if the page says something else.

The rows are real where there are any: every eighth loan of the demo's SBA reference and every
hundredth later one, every fiftieth person of its ACS survey, all its mortgage applications. The car
loans, car prices and prepaid cards are NannyML's own bundled data; beside them stand the figures
that NannyML 0.13.1 gives for all of their rows, which are committed, so NannyML itself is not run.
Small synthetic sets with a fixed seed add what is hard: ties, missing values, two or three rows,
sides that do not overlap, a category that is gone.

Differences and tolerances are those of the figure; where a figure is above 1, a tolerance is a
share of it. Up to 10⁻¹², absolutely or of such a figure, a difference is the rounding of sums and
shown as ≤ 1e-12. The largest difference of the figure may belong to another case than the largest
difference. Where the rounding of a machine decides, the bound stands in place of the difference.
"""

AFTER = """
## What is not compared

- Numeric bins of PSI, Jensen–Shannon and Hellinger: ours come from the reference alone, Evidently's
  from both sides (Sturges), NannyML's from the reference by Doane's rule. NannyML's are rebuilt
  with `--compat nannyml`, above; the distance of given counts is compared on categories.
- Evidently's chi-squared test: it takes the reference's shares as exact, so its p-value answers
  another question, and is 0 as soon as one row of a new category comes. Its G test refuses sides of
  unequal length.
- NannyML's business value per prediction: it is no mean of the rows; ours is.
- Alarms are decided on the statistics above; how often they are false is measured in
  [Alarms](alarms.md).
- The intervals of other figures than shares: no peer here gives them. Their own tests check them,
  by hand, against a second route or by how often they hold the truth in simulated data.
"""

WITHOUT_PEER = {
    "entropy": (
        "a mean with bounds from counts by bin; peers keep no scores by bin",
        "`tests/core/metrics/test_confidence.py`: bounds against raw scores, by property test",
    ),
    "margin": (
        "as the entropy",
        "`tests/core/metrics/test_confidence.py`: bounds against raw scores, by property test",
    ),
    "near_cut_off": (
        "the band around a cut-off is the product's own",
        "`tests/core/metrics/test_confidence.py`: bounds against raw scores, by property test",
    ),
    "type_error_share": (
        "counted while a file is read, before there are rows that a peer could be given",
        "`tests/core/services/test_quality.py`: the counts of the batches read",
    ),
    "duplicate_share": (
        "counted while a file is read; what repeats and what contradicts is the product's own rule",
        "`tests/core/ingest/test_batch.py`: files made with known repeats",
    ),
    "freshness": (
        "a difference of two times",
        "`tests/core/services/test_quality.py`: by hand",
    ),
    "volume": (
        "a count of rows in a log with versions, regions and revisions",
        "`tests/core/services/test_operations.py`: counted again with pandas",
    ),
    "error_rate": (
        "what counts as an error is said by the model's contract",
        "`tests/core/services/test_operations.py`: counted again with pandas",
    ),
    "availability": (
        "hours with an answer are the product's own definition",
        "`tests/core/services/test_operations.py`: counted again with pandas",
    ),
    "outcome_to_score_ratio": (
        "a quotient of the two figures compared above, over matured rows only",
        "`tests/core/services/test_cohorts.py`: each figure by a second route",
    ),
    "label_maturity": (
        "when an outcome may be counted is the product's own rule",
        "`tests/core/services/test_cohorts.py`: counted again with pandas",
    ),
    "value_over_baseline": (
        "a contract says what is held against what, and in which money",
        "`tests/core/services/value/test_value.py`: counted again with pandas",
    ),
}
"""Metrics that no peer has: why, and what checks them instead."""
