"""Jobs for the worker: queued, claimed under a lease, done, tried again or failed.

A worker claims a job for a while and renews its lease as it works. If it dies, the lease runs
out and the job is queued again; if it only slept, its next word raises :class:`LostLease`. The
owner's name must be unique to the process and its start, or a late word could pass for a new one.
"""

from core.store.jobs.leases import (
    WORKER_GONE,
    claim,
    fail,
    finish,
    heartbeat,
    requeue_expired,
)
from core.store.jobs.orders import Ticket, ask_to_stop, enqueue, is_to_stop
from core.store.jobs.records import (
    Job,
    count_by_state,
    find,
    find_active,
    get,
    list_jobs,
)

__all__ = [
    "WORKER_GONE",
    "Job",
    "Ticket",
    "ask_to_stop",
    "claim",
    "count_by_state",
    "enqueue",
    "fail",
    "find",
    "find_active",
    "finish",
    "get",
    "heartbeat",
    "is_to_stop",
    "list_jobs",
    "requeue_expired",
]
