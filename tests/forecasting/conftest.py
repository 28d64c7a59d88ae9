"""How forecasts are made is what is tested here: each is made anew."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from invopt_xl.forecasting import batch, pool
from invopt_xl.forecasting.threads import one_thread


@pytest.fixture(scope="module", autouse=True)
def _forecasts_made_anew() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batch, "solve_here", pool.solve_here)
        yield


@pytest.fixture(scope="module")
def linear_algebra_in_one_thread() -> Iterator[None]:
    """Fit as a forecast does it: threads that wait for each other would take most of the time."""
    import scipy.linalg  # noqa: F401 - loaded before it is held to one thread

    with one_thread():
        yield
