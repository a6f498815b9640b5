"""From a file to published rows: reading, checking, quarantine, staging, publishing.

Only this package, ``core.store`` and ``core.lake`` hold SQL. Column names of a file never reach
SQL: a reader numbers them ``c0 … cN``, and rows are stored under names of the contract.
"""
