"""The session is worth nothing to a script or another site."""

from collections.abc import Callable

from core.domain.identity import Role
from tests.e2e.conftest import Served
from tests.e2e.driver import Reader
from tests.support.browsing import sign_in


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(
    new_reader: Callable[..., Reader], served: Served
) -> None:
    reader = sign_in(new_reader(), served.log_ins[Role.admin])
    (cookie,) = (
        each for each in reader.context.cookies() if each["name"] == "harbourlight_session"
    )
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Strict"
    assert "harbourlight_session" not in str(reader.page.evaluate("document.cookie"))

    with reader.page.expect_response("**/auth/session") as ended:
        reader.sign_out()
    assert ended.value.request.method == "DELETE"
    reader.page.wait_for_function("true")
    names = [each["name"] for each in reader.context.cookies()]
    assert "harbourlight_session" not in names
