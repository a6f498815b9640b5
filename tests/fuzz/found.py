"""Inputs that once brought down what they were given to; each is tried again in every run."""

from collections.abc import Mapping

FOUND: Mapping[str, tuple[bytes, ...]] = {
    # The last day there is has no day after it, and the first none before it: a page that failed.
    "page-address": (
        b"range=custom&from=9999-12-31&to=0001-01-01",
        b"range=custom&to=9999-12-31",
        b"as_of=0001-01-01&range=12m",
    ),
    # A method that no route named was handed on to the app's own page, which redirected.
    "api": (b"\0", b"PATCH\nv1/models/loans/state", b"OPTIONS\nx/"),
    # The manifest, its root and a name twice: each export has another one, so these stand for the
    # form; tests/docs/test_verify_manifest.py has the fault itself.
    "export-verifier": (b"\x05{}", b'\x05{"format": 1, "format": 2}', b"\x05[]"),
}
