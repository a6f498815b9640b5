"""What is fuzzed and what was found, in words; without the product's own modules."""

from collections.abc import Mapping

WHAT: Mapping[str, str] = {
    "log-csv": "CSV and TSV logs in every encoding, from the bytes to staged and refused rows",
    "log-jsonl": "JSON lines, the same",
    "log-parquet": "Parquet, the same",
    "contract": "a contract's YAML, and the translated message of what is wrong with it",
    "expression": "a KPI's text: told what is wrong with its place, or written, read and run again;"
    " none reaches more than its columns",
    "export-verifier": "`docs/verify/verify.py` on an export with one file replaced, or any ZIP; no"
    " changed export passes",
    "csv-writer": "cells and headings written as CSV and read back; none is a formula, or lost",
    "page-address": "parameters of a page's address; what is unknown is left out, and the link that"
    " is made of them leads to the same view",
    "api": "method, path, query and token at the app's own server; no answer about a model without"
    " a token, no status beyond those documented",
}

# Target, and what one of its inputs did before it was mended.
MENDED: tuple[tuple[str, str], ...] = (
    (
        "page-address",
        "a period up to 9999-12-31, or from the year 1, broke every page (`OverflowError`); days"
        " before 1900 and after 2199 are left out like anything else that is no day.",
    ),
    (
        "export-verifier",
        "a manifest with another root or origin, or with a name twice, passed: it is signed by"
        " nobody and was not compared there; now it is.",
    ),
    (
        "api",
        "a method that no route named (`PATCH`, `OPTIONS`) was handed on to the app's own page,"
        " which redirected; every address below `/api` answers every method itself.",
    ),
)
