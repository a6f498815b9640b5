"""A page that runs its own scripts and nothing else, and asks nobody, wherever it is opened.

The header that the app sends with a download is gone once the file lies on a disk; the policy in
the file itself stays. It names each script by its SHA-256, so that handlers in attributes and
scripts that came with a text are refused by the browser.
"""

import base64
import hashlib
import re

_HEAD = re.compile(r"<head[^>]*>", re.I)
_SCRIPT = re.compile(r"<script[^>]*>(.*?)</script", re.I | re.S)


def closed_page(page: str) -> str:
    """Return an HTML page with a content security policy that allows its scripts by their hash.

    Raises
    ------
    ValueError
        If it has no head that could hold the policy.
    """
    text = page.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd").lstrip()
    head = _HEAD.search(text)
    if head is None:
        raise ValueError("the page has no head")
    hashes = " ".join(f"'sha256-{_digest(script)}'" for script in _SCRIPT.findall(text))
    scripts = hashes or "'none'"
    policy = (
        f"default-src 'none'; script-src {scripts}; style-src 'unsafe-inline'; "
        "img-src data: blob:; font-src data:; connect-src 'none'; base-uri 'none'; "
        "form-action 'none'"
    )
    meta = f'\n<meta http-equiv="Content-Security-Policy" content="{policy}">'
    return text[: head.end()] + meta + text[head.end() :]


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
