"""Bringing a state database to the schema that this program expects.

``HEAD`` is the newest revision, so that a database already there is recognised by one query.
"""

__all__ = ["HEAD"]

HEAD = "0012"
