"""What benchmarks use of stockpyl, their peer; where it is missing a run says so in one line."""

import pytest

try:
    from stockpyl import eoq, wagner_whitin
    from stockpyl.newsvendor import newsvendor_continuous, newsvendor_discrete, newsvendor_normal, newsvendor_poisson
    from stockpyl.rq import r_q_cost, r_q_loss_function_approximation, r_q_poisson_exact
    from stockpyl.ss import s_s_cost_discrete, s_s_discrete_exact
except ModuleNotFoundError as error:
    raise pytest.UsageError(
        f'this benchmark measures beside stockpyl, and {error.name} is not installed: pip install ".[bench]"'
    ) from None

__all__ = [
    "eoq",
    "newsvendor_continuous",
    "newsvendor_discrete",
    "newsvendor_normal",
    "newsvendor_poisson",
    "r_q_cost",
    "r_q_loss_function_approximation",
    "r_q_poisson_exact",
    "s_s_cost_discrete",
    "s_s_discrete_exact",
    "wagner_whitin",
]
