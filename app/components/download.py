"""The link to a file to take away, and beside it what ties the file to the audit trail."""

import streamlit as st

from app.components.text import escape
from core.i18n import Translator


def download_link(t: Translator, url: str, text: str) -> None:
    """Show the two links.

    Parameters
    ----------
    t : Translator
        The reader's language.
    url : str
        Of the file, below the app's own.
    text : str
        What the file is.
    """
    proof = t("Proof")
    about = t("Shows with verify.py that the audit trail tells of this very file.")
    st.html(
        f'<a class="hl-export" href="{escape(url)}" download>{escape(text)}</a>'
        f' <span class="hl-beside">· <a class="hl-export" href="{escape(f"{url}/proof")}"'
        f' title="{escape(about)}" download>{escape(proof)}</a></span>'
    )


def file_link(url: str, text: str) -> None:
    """Show the link to a file that only some may have; the service behind it asks again."""
    st.html(f'<a class="hl-export" href="{escape(url)}" download>{escape(text)}</a>')
