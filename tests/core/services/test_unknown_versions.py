"""A version that nobody knows is refused, and the known ones are named."""

from collections.abc import Callable
from typing import Any

import pytest

from core.domain.identity import Role
from core.errors import InvalidInput
from core.services.cohorts import cohort_table
from core.services.drift.measure import drift
from core.services.operations import operations
from core.services.quality import quality
from core.services.questions import Question
from tests.support.harbour import Harbour


@pytest.mark.parametrize("ask", [drift, operations, quality, cohort_table])
def test_an_unknown_version_is_refused(harbour: Harbour, ask: Callable[..., Any]) -> None:
    with pytest.raises(InvalidInput, match=r"loans has no version 9\. Choose from: 1, 2\."):
        ask(harbour.workspace, Question("loans", version="9"), actor=harbour[Role.admin])


def test_a_version_that_only_the_log_knows_is_answered(harbour: Harbour) -> None:
    # The contract of the tenants names no version; a log without one is of version 1.
    answer = operations(
        harbour.workspace, Question("tenants", version="1"), actor=harbour[Role.admin]
    )
    assert answer.rows.sum() == len(harbour.tenants)
    with pytest.raises(InvalidInput, match=r"Choose from: 1\."):
        operations(harbour.workspace, Question("tenants", version="2"), actor=harbour[Role.admin])
