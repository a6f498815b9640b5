"""Trees on one core."""

from contextlib import AbstractContextManager


def one_thread() -> AbstractContextManager[object]:
    """Keep trees off the other cores: on a busy machine their threads wait in turns for each."""
    # A limit holds for the libraries that are loaded when it is set. It has no type information.
    import sklearn.ensemble  # noqa: F401, PLC0415
    import threadpoolctl  # type: ignore[import-untyped]  # noqa: PLC0415

    limits: AbstractContextManager[object] = threadpoolctl.threadpool_limits(1, user_api="openmp")
    return limits
