"""Making data safe to show: it is never read as HTML or Markdown."""

import re
from html import escape as _escape

_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>()#+\-!|~$:.])")


def escape(text: object) -> str:
    """Return text for HTML, quotes included; every value put into ``st.html`` goes through it."""
    return _escape(str(text), quote=True)


def plain(text: str) -> str:
    """Return text for a widget label or caption, which Streamlit reads as Markdown."""
    return _MARKDOWN.sub(r"\\\1", text)
