"""The demo's loans replayed month by month, as they would have come: ingest, check, alerts."""
