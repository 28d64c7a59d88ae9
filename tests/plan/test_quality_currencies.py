"""Amounts that name their currency: the plan's own are read, others are refused by name."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_tables import small_tables

from invopt_xl.plan.first_look import first_look
from invopt_xl.plan.histories import histories
from invopt_xl.plan.quality import admit
from invopt_xl.plan.quality.currencies import amount_of


def costs(cells: list[object], currency: str | None) -> tuple[list[float], list[str]]:
    raw = small_tables(**({"currency": currency} if currency else {}))
    raw["items"] = raw["items"].assign(unit_cost=cells)
    found = admit(raw)
    told = found.quality[found.quality["column"] == "unit_cost"]
    return found.tables["items"]["unit_cost"].tolist(), told["reason"].tolist()


def test_amounts_in_the_plans_currency_are_numbers_and_that_is_said() -> None:
    found, said = costs(["2 USD", "$5", "USD 30.50", "1,234 USD", 3, "-"], "USD")
    assert found == [2, 5, 30.5, 1234, 3]
    assert said == [
        "not a number; expected a number at least 0",
        "currency read past (4 rows)",
        "comma read as a thousands separator",
    ]


def test_amounts_in_the_only_currency_named_are_read_where_the_plan_states_none() -> None:
    assert costs(["£2", "£5", 30, 4, 3, 6], None)[0] == [2, 5, 30, 4, 3, 6]


def test_amounts_in_two_currencies_are_refused_where_the_plan_states_none() -> None:
    found, said = costs(["£2", "€5", 30, 4, 3, 6], None)
    assert found == [30, 4, 3, 6]
    assert [reason[:16] for reason in said] == ["an amount in GBP", "an amount in EUR"]


def test_a_price_in_another_currency_is_left_out_and_its_item_is_planned() -> None:
    raw = small_tables(currency="EUR")
    raw["items"] = raw["items"].assign(unit_price=["3 USD", *raw["items"]["unit_price"].tolist()[1:]])
    found = admit(raw)
    assert len(found.tables["items"]) == 6
    assert pd.isna(found.tables["items"]["unit_price"].iloc[0])
    (line,) = found.quality[found.quality["column"] == "unit_price"].to_dict("records")
    assert line["reason"].startswith("an amount in USD; expected all money in one currency")
    assert line["action"] == "value left out"


@pytest.mark.parametrize("text", ["3 BOX", "", "$", "EUR", "3", "3 4 USD", "$3 USD"])
def test_what_is_no_amount_with_one_currency_is_none(text: str) -> None:
    assert amount_of(text) is None


@given(number=st.decimals(0, 10**6, places=2), sign=st.sampled_from(["€", "$", "GBP", "SEK"]), before=st.booleans())
def test_any_amount_is_found_however_it_is_written(number: object, sign: str, before: bool) -> None:
    found = amount_of(f"{sign} {number}" if before else f"{number}{sign}")
    assert found is not None
    assert found[1] == str(number)


def test_a_column_of_currencies_that_differ_is_told_at_first_look_and_in_the_quality_table() -> None:
    raw = small_tables()
    raw["items"] = raw["items"].assign(currency=["EUR", "USD", "EUR", "EUR", "EUR", None])
    found = admit(raw)
    (line,) = found.quality[found.quality["column"] == "currency"].to_dict("records")
    assert (line["severity"], line["value"]) == ("warning", "USD")
    assert line["reason"] == "money in several currencies (EUR in 4 rows, USD in 1 row)"
    look = first_look(found, histories(found)).set_index("looked_at").loc["amounts in another currency"]
    assert look["found"] == 1
    assert look["what_was_done"].startswith("money in several currencies (EUR in 4 rows, USD in 1 row): taken for one")


def test_a_column_of_one_currency_is_nothing_to_tell() -> None:
    raw = small_tables(currency="EUR")
    raw["items"] = raw["items"].assign(currency="EUR")
    assert not (admit(raw).quality["column"] == "currency").any()
