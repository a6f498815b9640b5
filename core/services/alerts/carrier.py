"""Handing a message to Apprise: the only place that knows it.

No plug-ins or settings of the machine are loaded, no redirect is followed, nothing is kept on disk,
and no picture is fetched from elsewhere.
"""

import logging
import re
import warnings
from typing import Any

from core.services.alerts.addresses import checked_address

_TIMEOUT_S = 20
_STATUS = re.compile(r"error=(\d{3})")


class _Heard(logging.Handler):
    """Keeps what Apprise says while it sends; its words may hold addresses and are not shown."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())

    @property
    def reason(self) -> str:
        """Why it failed, without the address."""
        found = next((match[1] for each in self.lines if (match := _STATUS.search(each))), None)
        return f"HTTP {found}" if found else "not delivered"


def send(url: str, title: str, body: str) -> str:
    """Send one message; return why it failed, or an empty text.

    Parameters
    ----------
    url : str
        An address that :func:`core.services.alerts.addresses.checked_address` lets pass.
    title, body : str
        Plain text.
    """
    checked = checked_address(url)
    logger, heard = logging.getLogger("apprise"), _Heard()
    passed_on = logger.propagate
    logger.addHandler(heard)
    logger.propagate = False
    try:
        plugin = _plugin(checked.url)
        if plugin is None:
            return "not an address"
        done = plugin.notify(title=title, body=body, body_format="text")
    except Exception as error:  # whatever a library of many services raises, the alert waits
        return type(error).__name__
    finally:
        logger.propagate = passed_on
        logger.removeHandler(heard)
    return "" if done else heard.reason


def _plugin(url: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", DeprecationWarning
        )  # of parts that it loads and we never use
        import apprise  # noqa: PLC0415  # half a second, for the worker only

        return apprise.Apprise.instantiate(url, asset=_asset(apprise))


def _asset(apprise: Any) -> Any:
    return apprise.AppriseAsset(
        app_id="Harbourlight",
        app_desc="Harbourlight",
        app_url="",
        image_url_mask="",
        image_url_logo="",
        async_mode=False,
        http_redirects=False,
        storage_mode="memory",
        allow_templates=False,
        service_timeout=_TIMEOUT_S,
    )
