"""A model as a card: its three layers, its worst drift, and the way to the page behind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from app.components.status import status_badge
from app.components.text import escape, plain
from app.context import PageContext
from app.marks import data_address, sparkline
from core.domain.status import Status


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of a model (operations, monitoring, business) and why it has its status."""

    label: str
    status: Status
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What a card shows; every text is translated and every figure formatted already.

    Parameters
    ----------
    model : str
        Id, for the links.
    name, purpose : str
        What it is called and what it decides.
    status : Status
        The worst of the layers.
    layers : sequence of Layer
        At most three.
    facts : mapping of str to str
        Label → value: worst drift, label maturity, last log.
    sparkline : sequence of float
        The measure over time; NaN leaves a gap.
    sparkline_label : str
        Accessible name of the line, with measure and period.
    sparkline_threshold : float, optional
        Drawn as a dashed line.
    links : mapping of str to str
        Page key → link text; the first explains the colour.
    """

    model: str
    name: str
    purpose: str
    status: Status
    layers: Sequence[Layer]
    facts: Mapping[str, str]
    sparkline: Sequence[float]
    sparkline_label: str
    links: Mapping[str, str]
    sparkline_threshold: float | None = None


def model_card(ctx: PageContext, card: ModelCard) -> None:
    """Show a model's card with links that keep the filters and set the model."""
    drawing = sparkline(card.sparkline, ctx.palette, threshold=card.sparkline_threshold)
    line = (
        f'<figure class="hl-course"><img class="hl-sparkline" src="{data_address(drawing)}" alt="">'
        f"<figcaption>{escape(card.sparkline_label)}</figcaption></figure>"
    )
    has_course = any(value == value for value in card.sparkline)  # NaN differs from itself
    with st.container(key=f"hl_card_{_slug(card.model)}"):
        st.html(
            f'<div class="hl-card"><h2>{escape(card.name)}</h2>'
            f'<p class="hl-purpose" title="{escape(card.purpose)}">{escape(card.purpose)}</p>'
            f"{line if has_course else ''}"
            f'<dl class="hl-layers">{"".join(_layer(ctx, layer) for layer in card.layers)}</dl>'
            f'<dl class="hl-facts">{"".join(_fact(*fact) for fact in card.facts.items())}</dl>'
            "</div>"
        )
        with st.container(horizontal=True, gap="small", key=f"hl_links_{_slug(card.model)}"):
            for key, text in card.links.items():
                _link(ctx, card.model, key, text)


def _link(ctx: PageContext, model: str, key: str, text: str) -> None:
    page = ctx.pages.get(key)
    if page is None:
        return
    # The bound parameters come along by themselves; naming one again would repeat it.
    other = {} if model == ctx.filters.model else {"model": model}
    with st.container(key=f"hl_go_{_slug(model)}_{key}", width="content"):
        st.page_link(page, label=plain(text), query_params=other)


def _layer(ctx: PageContext, layer: Layer) -> str:
    reason = f'<span class="hl-reason">{escape(layer.reason)}</span>' if layer.reason else ""
    badge = status_badge(ctx.t, layer.status)
    return f"<div><dt>{escape(layer.label)}</dt><dd>{badge}{reason}</dd></div>"


def _fact(label: str, value: str) -> str:
    return f"<div><dt>{escape(label)}</dt><dd>{escape(value)}</dd></div>"


def _slug(text: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in text)
