"""Forecasting methods by name, as commands, tables and cell functions offer them."""

METHODS = (
    "auto", "ensemble", "arima", "ets", "theta", "ces", "ses", "tsb", "imapa", "croston", "sba", "seasonal_naive",
    "median",
)  # fmt: skip
"""``auto`` routes by pattern: regular demand to the ``ensemble``, rare demand to a combination of ``ses``, ``tsb`` and
``imapa``, short histories to their mean."""
