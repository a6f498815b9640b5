"""Trees on one core."""

from contextlib import AbstractContextManager


def one_thread() -> AbstractContextManager[object]:
    """Keep trees off the other cores: on a busy machine their threads wait in turns for each."""
    # It has no type information.
    import threadpoolctl  # type: ignore[import-untyped]  # noqa: PLC0415

    limits: AbstractContextManager[object] = threadpoolctl.threadpool_limits(1, user_api="openmp")
    return limits
