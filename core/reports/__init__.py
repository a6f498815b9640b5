"""Documents made by the worker: today Evidently's own report, on a sample."""
