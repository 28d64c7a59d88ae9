"""What a notebook shows says the same in text as in the browser, and reads well in both."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from invopt_xl.domain import Forecast
from invopt_xl.errors import InputError
from invopt_xl.hosts.notebook import pictures, say, show, what_if
from invopt_xl.hosts.notebook.controls import Answer, _first, _view

FRAME = pd.DataFrame(
    {
        "item": ["tea", "<cup>", None],
        "units_sold": [1234.5, 3.0, np.nan],
        "fill_rate": [0.95, np.nan, 1.0],
        "day": [pd.Timestamp("2017-12-25"), pd.NaT, pd.Timestamp("2018-01-01")],
        "active": [True, False, True],
    }
)


def test_prices_are_shown_to_the_cent_however_large() -> None:
    frame = pd.DataFrame({"price": [14.0, 0.695, 1250.5], "stock_value": [14.0, 0.695, 12.5]})
    assert repr(show(frame, prices=("price",))).splitlines()[1:] == [
        "   14.00         14.0",
        "    0.69          0.7",
        "1,250.50         12.5",
    ]


def test_a_table_says_in_text_what_it_says_in_the_browser() -> None:
    shown = show(FRAME, "Sold & kept", units={"units_sold": "a week"}, shares=("fill_rate",))
    text = repr(shown).splitlines()
    assert text[0] == "Sold & kept"
    assert text[1].split() == ["item", "units", "sold", "fill", "rate", "day", "active"]
    assert text[3].split() == ["tea", "1,234", "95.0%", "2017-12-25", "yes"]
    assert text[4].split() == ["<cup>", "3", "-", "-", "no"]
    markup = shown._repr_html_()
    assert "&lt;cup&gt;" in markup
    assert "Sold &amp; kept" in markup
    cells = re.findall(r"<td[^>]*>([^<]*)</td>", markup)
    assert len(cells) == 15
    assert all(cell.replace("&lt;", "<").replace("&gt;", ">") in repr(shown) for cell in cells)


def test_of_a_long_table_the_first_rows_are_shown_and_that_is_said() -> None:
    shown = show(pd.DataFrame({"row": range(1000)}), "Rows")
    assert len(repr(shown).splitlines()) == 22
    assert repr(shown).splitlines()[0] == "Rows; the first 20 of 1,000 rows"
    assert len(shown.frame) == 1000, "what is written back is all of it"


def test_a_table_without_rows_shows_its_headers() -> None:
    assert repr(show(FRAME.head(0)[["item", "day"]])) == "item  day"


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([0.004, 5.0], ["0.00", "5.00"]),
        ([-0.0001, 0.5], ["0.00", "0.50"]),
        ([np.inf, -np.inf], ["without end", "-without end"]),
        ([99.96, 1.04], ["100.0", "1.0"]),
        ([100.4, 1.5], ["100", "2"]),
        ([100.4, 0.3, -0.3, 0.6, 0.0, 1e-12], ["100", "0.3", "-0.3", "1", "0", "0"]),
    ],
)
def test_a_column_is_rounded_alike(values: list[float], texts: list[str]) -> None:
    assert repr(show(pd.DataFrame({"x": values}))).split()[1:] == " ".join(texts).split()


def test_a_paragraph_is_bold_in_the_browser_alone() -> None:
    assert (repr(say("**Yes** it is.")), say("**Yes** it is.")._repr_markdown_()) == ("Yes it is.", "**Yes** it is.")


def pictures_of_every_kind() -> dict[str, pictures.Picture]:
    frame = pd.DataFrame(
        {"name": ["a", "b", "c"], "value": [3.0, -1.5, np.nan], "day": pd.date_range("2018-01-01", periods=3)}
    )
    low_high = frame.assign(low=0.0, high=5.0)
    return {
        "bars": pictures.bars(frame, "name", "value", title="T", unit="USD", look_at=("b",)),
        "shares": pictures.bars(frame.assign(value=[0.5, 0.123, 1.0]), "name", "value", title="T", unit="share"),
        "lines": pictures.lines(low_high, "day", ["value"], title="T", units=("day", "USD"), band=("low", "high")),
        "points": pictures.points(
            frame, "value", "value", title="T", units=("x", "y"), label="name", named=["a"], logarithmic=True
        ),
        "matrix": pictures.matrix(pd.DataFrame({"X": [1, 2]}, index=["A", "B"]), title="T", unit="items"),
    }


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("bars", "Bars: T. a 3 USD; b -1.50 USD; c not known."),
        ("shares", "Bars: T. a 50%; b 12%; c 100%."),
        (
            "lines",
            "Lines: T. value: 3 at 2018-01-01, -1.50 at 2018-01-02, least -1.50 at 2018-01-02, most 3 at 2018-01-01; "
            "band at the end from 0 to 5 (day; USD).",
        ),
        ("points", "Points: T. 1 points, 2 not known; x from 3 to 3, median 3; y from 3 to 3, median 3. a: 3, 3."),
        ("matrix", "Table: T. A: X 1 items; B: X 2 items."),
    ],
)
def test_a_picture_says_in_words_and_numbers_what_it_shows(kind: str, words: str) -> None:
    picture = pictures_of_every_kind()[kind]
    assert repr(picture) == words
    data, metadata = picture._repr_mimebundle_()
    assert data["image/png"].startswith(b"\x89PNG")
    assert data["text/plain"] == metadata["image/png"]["alt"] == words


def test_a_picture_of_nothing_says_so() -> None:
    empty, unknown = pd.DataFrame({"name": [], "value": []}), pd.DataFrame({"name": [1.0], "value": [np.nan]})
    for picture in (
        pictures.bars(empty, "name", "value", title="T"),
        pictures.lines(unknown, "name", ["value"], title="T", units=("x", "y")),
        pictures.points(unknown, "name", "value", title="T", units=("x", "y")),
        pictures.matrix(pd.DataFrame(), title="T"),
    ):
        assert repr(picture) == "T: nothing to show."
        assert picture.png.startswith(b"\x89PNG")


def test_colours_of_lines_differ_in_greyscale_or_in_their_dashes() -> None:
    from invopt_xl.hosts.notebook.pictures.house import COLOURS, DASHES

    assert len(set(COLOURS)) == len(set(map(str, DASHES))) == 6


def test_a_history_says_what_is_forecast() -> None:
    from datetime import date

    from matplotlib.figure import Figure

    from invopt_xl.domain import Calendar
    from invopt_xl.forecasting.panel.histories import assemble

    dates = pd.date_range("2017-11-06", periods=8, freq="7D")
    demand = pd.DataFrame({"item": "tea", "location": "MAIN", "date": dates, "quantity": 5.0, "unit_price": 1.0})
    demand = demand.assign(promotion=[True] + [False] * 7, in_stock=[True] * 7 + [False])
    calendar = Calendar(date(2018, 1, 1))
    past = assemble(demand[["item", "location"]].head(1), demand, calendar)
    made = Forecast(np.full((10, 4), 6.0, dtype=np.float32), "example", "ten paths")
    picture = pictures.histories(past, [0], ["tea"], calendar, title="T", forecasts=[made])
    assert repr(picture) == (
        "Histories: T. tea: 8 periods, mean 5, most 5, last 5, 1 promoted, 1 out of stock, forecast 6 next (80% from 6 "
        "to 6)."
    )
    figure = Figure()
    picture.draw(figure)
    marks = "triangle: promoted; dotted line: out of stock; dashed: forecast, and its 80% shaded"
    assert figure.get_supxlabel() == marks
    assert picture.png.startswith(b"\x89PNG")


def test_a_slider_begins_in_the_middle_unless_told_and_a_choice_with_its_first() -> None:
    assert [_first("x", choice) for choice in ((0.9, 0.98, 0.02), (1, 9, 2), (0.0, 1.0, 0.1, 0.3), ["a", "b"])] == [
        0.94,
        5,
        0.3,
        "a",
    ]


@pytest.mark.parametrize("choice", [(1, 2), (2.0, 1.0, 0.1), (0, 1, 0), [], "ab", ("a", "b", "c")])
def test_a_control_that_is_none_is_told(choice: object) -> None:
    with pytest.raises(InputError, match="control size is"):
        what_if(lambda size: "", size=choice)  # type: ignore[arg-type]


def test_a_control_that_is_moved_asks_anew_and_a_refusal_is_shown_in_its_place() -> None:
    from ipywidgets import FloatSlider
    from ipywidgets.widgets.widget import _instances

    shown: list[Answer] = []

    class Handle:
        update = shown.append

    def answer(service: float) -> str:
        if service > 0.96:
            raise InputError("service is too high")
        return f"{service:.2f}"

    before = set(_instances)
    view = _view(answer, {"service": (0.9, 0.98, 0.02)}, {"service": 0.94}, Handle())
    assert list(view) == ["application/vnd.jupyter.widget-view+json"]
    (slider,) = [each for key, each in _instances.items() if key not in before and isinstance(each, FloatSlider)]
    assert slider.readout_format == ".2f", "each step shows"
    assert (slider.min, slider.max, slider.step, slider.value, slider.description) == (0.9, 0.98, 0.02, 0.94, "service")
    slider.value = 0.92
    slider.value = 0.98
    assert [repr(each) for each in shown] == ["With service 0.92:\n0.92", "With service 0.98:\nservice is too high"]


def test_an_answer_stands_without_a_notebook_too(capsys: pytest.CaptureFixture[str]) -> None:
    what_if(lambda service: say(f"{service:.0%} asked for"), service=(0.9, 0.98, 0.02))
    assert capsys.readouterr().out.splitlines() == [
        "With service 0.94:",
        "94% asked for",
        "Runs again while the notebook runs: service from 0.9 to 0.98.",
    ]
    assert repr(Answer({"a": 1}, "b")) == "With a 1:\nb"


def test_a_table_without_rows_says_so_and_a_unit_is_not_told_twice() -> None:
    assert repr(show(pd.DataFrame({"date": []}), "Periods closed")) == "Periods closed: none."
    assert "<table" not in show(pd.DataFrame({"date": []}), "Periods closed")._repr_html_()
    assert repr(show(pd.DataFrame({"units": [3]}), units={"units": "units"})) == "units\n    3"


def test_a_day_is_not_broken_in_the_browser() -> None:
    made = show(pd.DataFrame({"date": [pd.Timestamp("2018-01-04")]}))._repr_html_()
    assert 'white-space:nowrap">2018-01-04<' in made


def test_a_location_is_shown_where_there_is_another_than_the_usual_one() -> None:
    frame = pd.DataFrame({"item": ["tea", "tea"], "location": ["MAIN", "WEST"]})
    assert repr(show(frame)).splitlines()[0] == "item  location"
    assert repr(show(frame.head(1), "Stock", rows=1)).splitlines()[1] == "item"
    assert "location" not in show(frame.head(1))._repr_html_()


def test_what_a_curve_of_many_items_says_stays_within_the_plot() -> None:
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    from invopt_xl.hosts.notebook.pictures.house import _STYLE, WIDTH

    items = np.linspace(1, 1_234_567, 50).round()
    shares = np.linspace(0.0, 1.0, 50)
    gathered = pd.DataFrame({"items": items, "value": shares, "margin": shares, "lines": shares})
    picture = pictures.concentration(gathered, title="Many items")
    with rc_context(_STYLE):  # type: ignore[arg-type]
        figure = Figure(figsize=(WIDTH, picture.height), layout="constrained")
        picture.draw(figure)
        figure.draw_without_rendering()
        (axes,) = figure.axes
        legend, edge = axes.get_legend(), axes.get_window_extent()
    assert legend is not None
    assert legend.get_window_extent().x1 <= edge.x1
    assert legend.get_window_extent().x0 >= edge.x0
