"""What a reader sees and hears on a page that AppTest has run: every text, and nothing else."""

import json
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

from streamlit.testing.v1 import AppTest

from app.filters import PARAMETERS

# Fields of Streamlit's messages whose text reaches a reader; ids, keys and formats do not.
_SHOWN = {"label", "body", "options", "placeholder", "help", "text", "caption", "alt", "value"}
_STYLE = re.compile(r"<(style|script)>.*?</\1>", re.DOTALL)
_ATTRIBUTE = re.compile(r'\b(?:alt|title|aria-label)="([^"]*)"')
_TAG = re.compile(r"<[^>]+>")
# Keeps figures and days of tables from being broken; says nothing.
_WHOLE = re.compile(r'<span class="hl-whole(?: hl-moment)?">([^<]*)</span>')
# Of a figure, what is drawn as words.
_DRAWN = {"text", "name", "title", "ticktext", "hovertext", "x", "y", "customdata", "labels"}


BELL = "material/notifications:"


def html_of(test: AppTest) -> str:
    """Return the page's own HTML without styles, scripts and what holds lines together."""
    assert not test.exception, [each.value for each in test.exception]
    html = "\n".join(_STYLE.sub("", each.proto.body) for each in test.get("html"))
    return _WHOLE.sub(r"\1", html)


def headings(test: AppTest) -> list[str]:
    """Return the texts of all ``h1``."""
    return [unescape(each) for each in re.findall(r"<h1>([^<]*)</h1>", html_of(test))]


def sentences(test: AppTest) -> list[str]:
    """Return what the page says today."""
    found = re.findall(r'<div class="hl-sentence">(.*?)</div>', html_of(test), re.DOTALL)
    return [unescape(_TAG.sub(" ", each)).strip() for each in found]


def states(test: AppTest) -> list[str]:
    """Return the headings of the states that the page shows: empty, forbidden, failed."""
    found = re.findall(r'<div class="hl-state[^"]*" role="\w+"><h2>(.*?)</h2>', html_of(test))
    return [unescape(each) for each in found]


def said(test: AppTest) -> str:
    """Return what the page says of the reader's last act; empty if nothing."""
    found = re.search(r'<p class="hl-said[^"]*" role="\w+">(.*?)</p>', html_of(test))
    return unescape(found[1]) if found else ""


def links(test: AppTest) -> list[str]:
    """Return the texts of the links to pages: first the menu's, then those of cards."""
    return [str(each.label) for each in _links(test) if not str(each.icon).endswith(BELL)]


def bell(test: AppTest) -> str:
    """Return what the bell says; empty if there is none."""
    rings = (str(each.label) for each in _links(test) if str(each.icon).endswith(BELL))
    return next(rings, "").replace("*", "")


def _links(test: AppTest) -> list[Any]:
    everything = _elements(test._tree.children.values())
    return [each.proto for each in everything if each.type == "page_link"]


def figures(test: AppTest) -> list[dict[str, Any]]:
    """Return the charts as plotly writes them."""
    return [json.loads(each.proto.spec) for each in test.get("plotly_chart")]


def texts(test: AppTest) -> list[str]:
    """Return every text that a reader of the page sees or hears."""
    found = [*_of_html(html_of(test))]
    for element in _elements(test._tree.children.values()):
        if element.type == "html" or str(getattr(element, "key", "")) in PARAMETERS:
            continue  # the parameters' carriers are never shown
        if element.type == "plotly_chart":
            found += _of_figure(json.loads(element.proto.spec))
        elif element.type == "arrow_data_frame":
            found += _of_frame(element)
        found += _of_message(element.proto)
    return [text for text in found if text.strip()]


def _elements(nodes: Any) -> Iterator[Any]:
    for node in nodes:
        if getattr(node, "proto", None) is not None:
            yield node
        if hasattr(node, "children"):
            yield from _elements(node.children.values())


def _of_html(text: str) -> Iterator[str]:
    yield from (unescape(each) for each in _ATTRIBUTE.findall(text))
    yield from (unescape(each).strip() for each in _TAG.split(text))


def _of_message(message: Any) -> Iterator[str]:
    """Yield the shown fields of one of Streamlit's messages and of the messages inside it."""
    for field, value in message.ListFields() if hasattr(message, "ListFields") else ():
        repeated = not isinstance(value, str | bytes | int | float) and hasattr(value, "__len__")
        for each in value if repeated else [value]:
            if isinstance(each, str) and field.name in _SHOWN:
                yield each
            elif not isinstance(each, str):
                yield from _of_message(each)


def _of_frame(element: Any) -> Iterator[str]:
    configs = json.loads(element.proto.columns or "{}")
    yield from (str(each.get("label") or "") for each in configs.values())
    frame = element.value
    for name in frame.columns:
        yield from (each for each in frame[name] if isinstance(each, str) and "data:" not in each)


def _of_figure(part: Any, name: str = "") -> Iterator[str]:
    if isinstance(part, dict):
        for key, value in part.items():
            if key not in {"template", "uid", "type"}:
                yield from _of_figure(value, key)
    elif isinstance(part, list):
        for value in part:
            yield from _of_figure(value, name)
    elif isinstance(part, str) and name in _DRAWN:
        yield unescape(_TAG.sub(" ", part))
