"""The widget of human review: keys, the verdict's fields, and a draft kept while it is written.

Streamlit would run a component's script from a ``blob:`` address, which the content security
policy refuses. A file of our own is allowed, so it is made known as a component with a folder.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Literal

import streamlit as st
from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager
from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest

from app import theme

_PACKAGE, _NAME = "harbourlight", "review"
NAME = f"{_PACKAGE}.{_NAME}"
FOLDER = theme.STATIC / "review"
_MANIFEST = ComponentManifest(_PACKAGE, "1", [ComponentConfig(_NAME, asset_dir=FOLDER.name)])


def make_known() -> None:
    """Let this process serve the widget's files, also to who opened the page at another one."""
    manager = get_bidi_component_manager()
    if manager.get_component_asset_root(NAME) is None:
        manager.register_from_manifest(_MANIFEST, theme.STATIC)
        st.components.v2.component(NAME, js="desk.js", css="desk.css", isolate_styles=False)


@cache
def _renderer() -> Callable[..., Any]:
    return st.components.v2.component(NAME, js="desk.js", css="desk.css", isolate_styles=False)


def desk(
    data: Mapping[str, Any],
    *,
    key: str,
    on_draft: Callable[[], None],
    on_act: Callable[[], None],
    width: Literal["stretch", "content"] = "stretch",
) -> None:
    """Show the widget.

    Parameters
    ----------
    data : mapping
        What it shows, all texts in the reader's language.
    key : str
        Under which its state lies: ``draft`` as last written, ``act`` as last pressed.
    on_draft, on_act : callable
        Called before the run that a draft or a press causes.
    width : {"stretch", "content"}
        Of the widget.
    """
    make_known()
    _renderer()(
        data=dict(data), key=key, width=width, on_draft_change=on_draft, on_act_change=on_act
    )
