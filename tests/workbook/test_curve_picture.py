"""Pictures of exchange curves: what they tell, and what they refuse."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import numpy as np
import pytest

from invopt_xl.errors import FileError
from invopt_xl.policy import CumulativeDemand, ReplenishmentCycle, lead_times
from invopt_xl.policy.service_mix import MixItems, ServiceExchange
from invopt_xl.workbook.curve_picture import Curve, draw_curves, draw_exchange
from invopt_xl.workbook.sheets.exchange_look import LINES, lines_of


def drawn(path: Path) -> list[str]:
    """Return the texts of a picture."""
    return [unescape(text).strip() for text in re.findall(r"<text[^>]*>([^<]*)</text>", path.read_text("utf-8"))]


def curve(service: list[float], labels: dict[int, str] | None = None) -> Curve:
    money = 1000.0 * np.arange(1, len(service) + 1)
    return Curve("ours", LINES["ours"], np.array(service), money, labels or {})


def test_axes_are_in_percent_and_money_and_points_have_their_targets(tmp_path: Path) -> None:
    path = tmp_path / "curve.svg"
    draw_curves(path, [curve([0.82, 0.93, 0.97], {1: "95%"})], "achieved fill rate, by value", "About it.")
    texts = drawn(path)
    for expected in ("What service costs in stock", "About it.", "ours", "achieved fill rate, by value"):
        assert expected in texts
    assert "average stock, money at cost" in texts
    assert {"80%", "90%", "95%", "97%"} <= set(texts)
    assert "2,000" in texts
    assert texts.count("95%") == 2, "once on the axis and once beside the point"


def test_service_beyond_what_a_history_shows_stands_at_the_right_end(tmp_path: Path) -> None:
    path = tmp_path / "curve.svg"
    draw_curves(path, [curve([0.9, 0.9995, 1.0], {1: "at the end", 2: "beyond"})], "fill rate", "")
    texts = drawn(path)
    assert "99.9%+" in texts
    assert "at the end" in texts
    assert "beyond" not in texts, "more money for no more service is not drawn"


@pytest.mark.parametrize("service", [[1.0, 1.0], [0.0, 0.0], [0.3, 0.6]])
def test_any_service_is_drawn(service: list[float], tmp_path: Path) -> None:
    draw_curves(tmp_path / "curve.png", [curve(service)], "fill rate", "")


def test_a_service_mix_stands_beside_one_target_for_all(tmp_path: Path) -> None:
    demand = CumulativeDemand(np.array([[20.0], [20.0]]), np.array([[100.0], [100.0]]), np.array([False, False]))
    cycle = ReplenishmentCycle.of(demand, lead_times(np.array([2.0, 2.0]), np.zeros(2)), np.ones(2), 1.0)
    exchange = ServiceExchange.of(MixItems(cycle, np.full(2, 20.0), np.array([1.0, 10.0]), np.ones(2)))
    path = tmp_path / "mix.svg"
    draw_exchange(path, exchange)
    texts = drawn(path)
    assert {"service mixed over items", "one target for all", "expected fill rate over all items"} <= set(texts)
    assert {"90%", "95%", "98%"} <= set(texts)


def test_where_no_picture_can_be_written_is_said_before_any_work(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="is a folder; expected the name of a file"):
        draw_curves(tmp_path, [curve([0.9, 0.95])], "fill rate", "")


def test_policies_that_matter_come_first_and_look_different() -> None:
    lines = lines_of([f"textbook {window}" for window in (4, 8, 13, 26, 39, 52)] + ["uniform", "ours"])
    assert list(lines)[:3] == ["ours", "uniform", "textbook 26"]
    assert len({line.colour for line in list(lines.values())[:3]}) == 3
    assert {line.marker for line in list(lines.values())[3:]} == {"none"}
