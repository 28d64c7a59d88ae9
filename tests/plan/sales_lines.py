"""Sales lines that tests of customers start from."""

import numpy as np
import pandas as pd


def sales_lines(customers=40, lines=1500, seed=1):
    """Lines of customers who differ in how often and how much they buy, of eight items over 26 weeks."""
    rng = np.random.default_rng(seed)
    eager = rng.gamma(1.0, 1.0, customers) + 0.05
    customer = rng.choice(customers, lines, p=eager / eager.sum())
    item = rng.integers(0, 8, lines)
    quantity = rng.integers(1, 5, lines)
    return pd.DataFrame(
        {
            "customer": [f"C{each:02d}" for each in customer],
            "item": [f"I{each}" for each in item],
            "date": pd.Timestamp("2018-01-01") + pd.to_timedelta(rng.integers(0, 182, lines), unit="D"),
            "quantity": quantity,
            "value": quantity * (item + 1) * 0.5 + rng.integers(0, 10_000, lines) / 10_000,
        }
    )


def joined(one, two):
    """The lines of both."""
    return pd.DataFrame({name: [*one[name], *two[name]] for name in one})
