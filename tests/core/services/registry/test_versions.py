"""The versions that the log shows, beside those that the contract lists."""

import pytest

from core.domain.identity import Permission, Role
from core.errors import InvalidInput
from core.services.questions import Question, View, resolve
from core.services.registry.versions import VersionSeen, require_known_version, versions_seen
from tests.core.services.raw import logged_loans
from tests.support.harbour import Harbour


def view_of(harbour: Harbour, question: Question) -> View:
    return resolve(harbour.workspace, question, Permission.model_view, actor=harbour[Role.business])


@pytest.mark.parametrize("as_of", [None, "2024-06-30"])
def test_versions_equal_pandas(harbour: Harbour, as_of: str | None) -> None:
    question = Question("loans", start="2024-02-01", end="2024-02-02", as_of=as_of)
    view = resolve(harbour.workspace, question, Permission.model_view, actor=harbour[Role.business])
    groups = logged_loans(harbour).groupby("release")["scored_at"].agg(["min", "size"])
    want = [
        VersionSeen(str(version), row["min"].to_pydatetime(), int(row["size"]), registered=True)
        for version, row in groups.iterrows()
    ]
    assert list(versions_seen(harbour.workspace, view)) == want[: 1 if as_of else 2]


def test_a_version_that_the_contract_does_not_list(harbour: Harbour) -> None:
    view = resolve(
        harbour.workspace, Question("tenants"), Permission.model_view, actor=harbour[Role.admin]
    )
    (seen,) = versions_seen(harbour.workspace, view)
    assert (seen.version, seen.rows, seen.registered) == ("1", len(harbour.tenants), False)


def test_a_version_that_nobody_knows_is_refused(harbour: Harbour) -> None:
    with pytest.raises(InvalidInput, match=r"no version 9\. Choose from: 1, 2"):
        require_known_version(harbour.workspace, view_of(harbour, Question("loans", version="9")))
    require_known_version(harbour.workspace, view_of(harbour, Question("loans", version="2")))
    # In the log, in no contract:
    require_known_version(harbour.workspace, view_of(harbour, Question("tenants", version="1")))
