import base64
import hashlib

import pytest

from core.reports.closed_page import closed_page


def test_only_the_page_s_own_scripts_are_allowed() -> None:
    page = closed_page("<html><head><script>one\r\n</script></head><script>two</script></html>")
    for script in ("one\n", "two"):
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in page
    assert page.index("Content-Security-Policy") < page.index("<script>")
    assert "default-src 'none'" in page
    assert "unsafe-eval" not in page
    assert "script-src 'none'" in closed_page("<html><head></head></html>")


def test_a_page_without_a_head_is_refused() -> None:
    with pytest.raises(ValueError, match="no head"):
        closed_page("<p>words</p>")
