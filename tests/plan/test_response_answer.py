"""What is said of how demand answers to price."""

from __future__ import annotations

import numpy as np
import pandas as pd

from invopt_xl.plan.columns import PRICE_RESPONSE
from invopt_xl.plan.excess_answers import response_answer


def test_the_price_response_of_one_item_has_no_middle_eight_of_ten() -> None:
    empty = dict.fromkeys(PRICE_RESPONSE.column_names, np.nan)
    rows = pd.DataFrame([{**empty, "usable": use, "elasticity": -2.0} for use in ("yes", "no", "yes", "yes")])
    rows["weight_of_own_data"] = [0.1, 0.1, 0.2, 0.9]
    one, alike, both = (response_answer(rows.head(count)) for count in (2, 3, 4))
    assert one.startswith("**A price one percent lower sells 2.0% more**. It can be used for 1 of 2 items; it is ")
    assert alike.endswith("can be used for 2 of 3 items; it is mostly that of items alike.")
    assert "(2.0% to 2.0% for the middle eight of ten)" in alike
    assert "of 1 of them it is mostly their own, of the others" in both
