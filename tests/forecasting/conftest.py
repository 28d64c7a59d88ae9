"""How forecasts are made is what is tested here: each is made anew."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from invopt_xl.forecasting import batch, pool


@pytest.fixture(scope="module", autouse=True)
def _forecasts_made_anew() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batch, "solve_here", pool.solve_here)
        yield
