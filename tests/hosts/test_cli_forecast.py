"""The command ``invopt forecast`` as its users meet it: files of every kind, good and bad."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import command_line
import numpy as np
import openpyxl
import pandas as pd
import pytest
from command_line import invoke
from small_tables import small_tables
from typer.testing import CliRunner

from invopt_xl.errors import InvoptError
from invopt_xl.forecasting import METHODS
from invopt_xl.forecasting.panel.forecasts import forecast_panel
from invopt_xl.hosts.cli.app import app
from invopt_xl.hosts.cli.options import METHODS as METHODS_IN_HELP
from invopt_xl.plan.columns import FORECAST
from invopt_xl.workbook import read_tables, write_folder
from invopt_xl.workbook.template import Cover, build_plan_workbook

Text = list[str]


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INVOPT_CACHE", str(tmp_path / "cache"))


def demand(items: str = "ab", months: int = 30) -> pd.DataFrame:
    dates = pd.date_range("2021-01-01", periods=months, freq="MS").strftime("%Y-%m-%d")
    random = np.random.default_rng(5)
    return pd.concat(
        [pd.DataFrame({"item": name, "date": dates, "quantity": random.poisson(0.6, months)}) for name in items],
        ignore_index=True,
    )


@pytest.fixture
def sales(tmp_path: Path) -> Path:
    demand().to_csv(tmp_path / "sales.csv", index=False)
    return tmp_path / "sales.csv"


def written(folder: Path, *lines: str, name: str = "sales.csv") -> Path:
    path = folder / name
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def forecast(*arguments: object) -> tuple[int, str]:
    return invoke("forecast", *arguments, columns=120)


def refusal(*arguments: object) -> str:
    return command_line.refusal("forecast", *arguments)


def test_a_few_items_are_shown_period_by_period_with_their_bands(sales: Path) -> None:
    code, text = forecast(sales, "--horizon", 3)
    assert code == 0
    assert "Assumed: the period is a month: the dates fall on one day of each month." in text
    assert text.count(": intermittent demand") == 2, "the reason of each model is told"
    assert len(re.findall(r"^2023-0[789]-01 +[0-9.]+ +[0-9.]+ - [0-9.]+ ", text, re.MULTILINE)) == 6
    assert "2 items forecast for 3 months from 2023-07-01, season of 12, in" in text
    assert "Nothing written; --output FILE keeps the forecasts." in text.replace(" \n", " ")


def test_many_items_are_summed_up(tmp_path: Path) -> None:
    demand("abcdef").to_csv(tmp_path / "sales.csv", index=False)
    _, text = forecast(tmp_path / "sales.csv", "--horizon", 3)
    for words in ("Models", "Demand patterns", "intermittent", "Widest bands: 6 of 6"):
        assert words in text
    assert "2023-08-01" not in text
    _, one = forecast(tmp_path / "sales.csv", "--horizon", 3, "--item", "c")
    assert "2023-08-01" in one
    assert "1 item forecast" in one


@pytest.mark.parametrize("name", ["out.csv", "out.parquet", "out.xlsx"])
def test_the_forecast_is_written_by_the_ending_of_the_file(name: str, sales: Path) -> None:
    code, text = forecast(sales, "--horizon", 3, "--output", sales.parent / name, "--quiet")
    assert (code, text) == (0, "")
    folder = sales.parent / "read"
    folder.mkdir()
    if name.endswith("xlsx"):
        sheet = openpyxl.load_workbook(sales.parent / name)["Forecast"]
        rows = [[cell.value for cell in row] for row in sheet[sheet.tables["tblForecast"].ref]]
        found = pd.DataFrame(rows[1:], columns=rows[0])
    else:
        path = sales.parent / name
        found = pd.read_csv(path) if name.endswith("csv") else pd.read_parquet(path)
    assert list(found.columns) == FORECAST.column_names
    expected = forecast_panel(demand(), 3, today=date(2030, 1, 1))
    assert pd.to_datetime(found["date"]).tolist() == expected["date"].tolist()
    assert found["item"].tolist() == expected["item"].tolist()
    for column in FORECAST.column_names[3:-1]:
        np.testing.assert_allclose(found[column].astype(float), expected[column], rtol=1e-6)


@pytest.mark.parametrize("kind", ["parquet", "folder", "semicolons", "tabs"])
def test_demand_is_read_from_every_kind_of_file(kind: str, sales: Path, tmp_path: Path) -> None:
    table = demand()
    source = tmp_path / {"parquet": "d.parquet", "folder": "tables", "semicolons": "d.csv", "tabs": "d.tsv"}[kind]
    if kind == "parquet":
        table.to_parquet(source, index=False)
    elif kind == "folder":
        write_folder(source, {"demand": table})
    else:
        table.to_csv(source, index=False, sep=";" if kind == "semicolons" else "\t")
    outputs = [tmp_path / "one.csv", tmp_path / "two.csv"]
    for path, output in zip((sales, source), outputs, strict=True):
        assert forecast(path, "--horizon", 3, "-o", output, "-q")[0] == 0
    assert outputs[0].read_bytes() == outputs[1].read_bytes()


def test_a_workbook_gives_its_period_and_plan_date_and_takes_the_forecast_in_its_table(tmp_path: Path) -> None:
    book = build_plan_workbook(tmp_path / "plan.xlsx", small_tables(), title="Shop", cover=Cover("To plan."))
    code, text = forecast(book, "--horizon", 4, "--output", book)
    assert code == 0
    assert "6 items forecast for 4 weeks from 2024-07-01, season of 52" in text
    sheet = openpyxl.load_workbook(book)["Forecast"]
    rows = list(sheet[sheet.tables["tblForecast"].ref])
    assert len(rows) == 1 + 6 * 4
    assert len(read_tables(book)["demand"]) == len(small_tables()["demand"]), "the rest of the workbook stays"


def test_a_period_given_adds_rows_up(tmp_path: Path) -> None:
    days = pd.date_range("2022-01-01", "2024-04-16").strftime("%Y-%m-%d")
    pd.DataFrame({"item": "a", "date": days, "quantity": 1}).to_csv(tmp_path / "d.csv", index=False)
    code, text = forecast(tmp_path / "d.csv", "--horizon", 2, "--period", "month")
    assert code == 0
    assert "the month from 2024-04-01 is not over in the data, which end on 2024-04-16: it is forecast, not" in text
    assert "from 2024-04-01, season of 12" in text
    assert "Data quality" not in text, "said once is enough"


def test_a_start_leaves_later_rows_aside(sales: Path) -> None:
    code, text = forecast(sales, "--horizon", 2, "--start", "2023-03-15", "--season", 1)
    assert code == 0
    assert "from 2023-03-01, no season" in text


def test_json_is_for_machines_and_carries_the_forecasts_unless_a_file_does(sales: Path) -> None:
    code, text = forecast(sales, "--horizon", 2, "--json")
    found = json.loads(text)
    assert code == 0
    assert (found["items"], found["period"], found["season"], found["start"]) == (2, "month", 12, "2023-07-01")
    assert len(found["forecast"]) == 4
    assert set(found["forecast"][0]) == set(FORECAST.column_names)
    assert found["patterns"] == {"intermittent": 2}
    _, text = forecast(sales, "--horizon", 2, "--json", "-o", sales.parent / "out.csv")
    assert "forecast" not in json.loads(text)


def test_rows_to_come_without_a_quantity_are_plans_and_not_bad_rows(tmp_path: Path) -> None:
    table = demand("a").assign(promotion=0)
    plan = pd.DataFrame({"item": ["a"], "date": ["2023-08-01"], "quantity": [None], "promotion": [1]})
    pd.concat([table, plan]).to_csv(tmp_path / "d.csv", index=False)
    code, text = forecast(tmp_path / "d.csv", "--horizon", 2)
    assert code == 0
    assert "from 2023-07-01" in text
    assert "1 row without a quantity from 2023-07-01 on is a plan" in text


# Dates that name the year last


def turned(folder: Path, form: str) -> Path:
    table = demand()
    table["date"] = pd.to_datetime(table["date"]).dt.strftime(form)
    table.to_csv(folder / "turned.csv", index=False)
    return folder / "turned.csv"


@pytest.mark.parametrize(
    ("form", "order"),
    [("%d/%m/%Y", "day-first"), ("%d.%m.%Y", "day-first"), ("%m/%d/%Y", "month-first"), ("%m-%d-%Y", "month-first")],
)
def test_dates_that_name_the_year_last_are_read_as_told(form: str, order: str, sales: Path) -> None:
    usual = json.loads(forecast(sales, "--horizon", 2, "--json")[1])
    other = turned(sales.parent, form)
    assert "does not begin with the year" in refusal(other, "--horizon", 2)
    found = json.loads(forecast(other, "--horizon", 2, "--dates", order, "--json")[1])
    assert (found["forecast"], found["quality"]) == (usual["forecast"], [])
    assert check(other, "--dates", order) == (0, "2 items can be forecast; 0 rows rejected.\n")
    with pytest.raises(InvoptError, match="does not begin with the year"):
        check(other)


def test_a_date_that_there_is_not_in_the_order_told_is_a_bad_row(sales: Path) -> None:
    sales.write_text(sales.read_text() + "a,31/12/2022,1\n")
    for order, rejected in ((("--dates", "day-first"), 0), (("--dates", "month-first"), 1), ((), 1)):
        found = json.loads(forecast(sales, "--horizon", 2, "--json", *order)[1])
        bad = [row for row in found["quality"] if row["severity"] == "rejected"]
        assert len(bad) == rejected
        for row in bad:
            assert (row["row"], row["value"]) == (62, "31/12/2022")
            assert row["reason"] == "not a date that begins with the year; expected a date such as 2018-01-31"


def test_the_order_of_dates_is_told_of_a_file_of_demand_only(tmp_path: Path) -> None:
    write_folder(tmp_path / "tables", small_tables())
    assert "option --dates is given for tables" in refusal(tmp_path / "tables", "--horizon", 2, "--dates", "day-first")


# Intervals of other levels


@pytest.mark.parametrize("name", ["out.csv", "out.parquet", "out.xlsx"])
def test_intervals_of_other_levels_stand_beside_the_usual_columns(name: str, sales: Path) -> None:
    output = sales.parent / name
    assert forecast(sales, "--horizon", 2, "--level", 0.5, "--level", 0.99, "-o", output, "-q")[0] == 0
    if name.endswith("xlsx"):
        sheet = openpyxl.load_workbook(output)["Forecast"]
        rows = [[cell.value for cell in row] for row in sheet[sheet.tables["tblForecast"].ref]]
        found = pd.DataFrame(rows[1:], columns=rows[0])
    else:
        found = pd.read_csv(output) if name.endswith("csv") else pd.read_parquet(output)
    usual = FORECAST.column_names
    assert list(found.columns) == [*usual[:4], "p005", *usual[4:-1], "p995", usual[-1]]
    expected = forecast_panel(demand(), 2, level=[0.99], today=date(2030, 1, 1))
    np.testing.assert_allclose(found["p995"].astype(float), expected["p995"], rtol=1e-6)


def test_intervals_of_other_levels_are_shown_too(sales: Path) -> None:
    _, text = forecast(sales, "--horizon", 2, "--level", 0.99)
    assert re.search(r"mean +80% interval +95% interval +99% interval", text)
    _, text = forecast(sales, "--horizon", 2, "--level", 0.8)
    assert re.search(r"mean +80% interval +95% interval +0 to ", text)


def test_a_workbook_keeps_the_columns_of_its_table(tmp_path: Path) -> None:
    book = build_plan_workbook(tmp_path / "plan.xlsx", small_tables(), title="Shop", cover=Cover("To plan."))
    words = refusal(book, "--horizon", 2, "--level", 0.99, "--output", book)
    assert words == "option --level adds columns, and the tblForecast of plan.xlsx has its own; expected a new file"
    assert forecast(book, "--horizon", 2, "--level", 0.5, "--output", book, "-q")[0] == 0


# Methods by item


def test_methods_of_a_file_are_used_and_what_does_not_fit_is_said(sales: Path, tmp_path: Path) -> None:
    methods = written(
        tmp_path, "item,location,method,mase", "a,MAIN,theta,0.9", "z,MAIN,theta,1", "b,MAIN,magic,1", name="m.csv"
    )
    code, text = forecast(sales, "--horizon", 2, "--methods", methods)
    assert code == 1, "one row of the file was rejected"
    words = " ".join(text.split())
    assert "Theta: " in words
    assert "1 of the items have no method in the file: auto taken" in words
    assert "1 of the file's items are not in the demand" in words
    assert "magic" in words


def test_a_file_of_methods_without_the_columns_is_refused(sales: Path, tmp_path: Path) -> None:
    methods = written(tmp_path, "sku,method", "a,theta", name="m.csv")
    assert "lacks the column item" in refusal(sales, "--horizon", 2, "--methods", methods)
    assert "ends in .xlsx; expected .csv or .parquet" in refusal(sales, "--horizon", 2, "--methods", "m.xlsx")


# Bad rows: named, and the rest is forecast


def test_bad_rows_are_named_with_row_value_and_reason_and_the_rest_is_forecast(tmp_path: Path) -> None:
    good = [f"tea,2023-{month:02}-01,{month % 3}" for month in range(1, 13)]
    bad = ["tea,2023-13-01,5", "tea,2023-02-01,2", "tea,2024-01-01,a lot", ",2023-03-01,4", "cup,2023-12-01,-2"]
    path = written(tmp_path, "item,date,quantity", *good, *bad, "cup,2023-11-01,3")
    code, text = forecast(path, "--horizon", 2, "--json")
    assert code == 1
    found = json.loads(text)
    rejected = [row for row in found["quality"] if row["severity"] == "rejected"]
    assert {(row["row"], row["column"]) for row in rejected} == {
        (14, "date"), (15, "item"), (16, "quantity"), (17, "item"), (18, "quantity"),
    }  # fmt: skip
    assert (found["items"], found["rejected"], found["start"]) == (2, 5, "2024-01-01")
    code, text = forecast(path, "--horizon", 2)
    assert code == 1
    assert "5 rows rejected" in text
    assert "not a date" in text


def test_an_item_with_one_row_is_forecast_with_the_width_it_deserves(tmp_path: Path) -> None:
    table = pd.concat([demand("a"), pd.DataFrame({"item": ["new"], "date": ["2023-06-01"], "quantity": [8]})])
    table.to_csv(tmp_path / "d.csv", index=False)
    _, text = forecast(tmp_path / "d.csv", "--horizon", 1, "--json")
    new = next(row for row in json.loads(text)["forecast"] if row["item"] == "new")
    assert new["p025"] < 8 < new["p975"]


# What cannot be forecast is one line


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([""], "sales.csv is empty; expected a header line such as item,location,date,quantity"),
        (["item,date,quantity"], "sales.csv: tblDemand has no rows; expected a row for each item and period"),
        (["item,date,qty", "a,2023-01-01,5"], "tblDemand lacks the column quantity; found 'qty'"),
        (["a,2023-01-01,5", "a,2023-02-01,5"], "tblDemand lacks the columns item, date, quantity"),
        (["item,date,quantity", "a,soon,5", "a,later,6"], "all 2 rows of tblDemand are bad; row 2, date 'soon': not a"),
        (
            ["item,date,quantity", "a,31.01.2023,5"],
            "sales.csv: date '31.01.2023' in row 2 does not begin with the year; expected a date such as 2018-01-31, "
            "or the option --dates day-first or --dates month-first",
        ),
        (["item,date,quantity", "a,2023-01-01,5"], "cannot be told from one date, 2023-01-01; expected period day, "),
        (["item,date,quantity", "a,2023-01-01,", "b,2023-02-01,"], "there is no demand with a date and a quantity"),
        (["item,date,quantity", 'a,2023-01-01,"5'], "line 2 cannot be read"),
        (["item,date,quantity,item", "a,2023-01-01,5,b"], "has two columns named item"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_one_line(lines: Text, words: str, tmp_path: Path) -> None:
    assert words in refusal(written(tmp_path, *lines), "--horizon", 2)


def test_a_workbook_without_demand_is_refused(tmp_path: Path) -> None:
    plain = tmp_path / "plain.xlsx"
    pd.DataFrame({"item": ["a"], "date": ["2023-01-01"], "quantity": [1]}).to_excel(plain, index=False)
    assert "plain.xlsx holds no table of a plan workbook; expected at least tblDemand" in refusal(plain, "--horizon", 2)
    write_folder(tmp_path / "tables", {"items": small_tables()["items"]})
    assert "tables holds no table tblDemand; found tblItems" in refusal(tmp_path / "tables", "--horizon", 2)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--method", "magic"), "forecasting method is magic; expected one of auto, "),
        (("--item", "c"), "there is no demand of item 'c'"),
        (("--start", "2020-01-01"), "expected one after the first demand, 2021-01-01"),
        (("--output", "out.txt"), "out.txt ends in .txt; expected .csv, .parquet or .xlsx"),
        (("--output", "out"), "out has no ending; expected .csv"),
        (("--output", "nowhere/out.csv"), "there is no folder"),
        (("--output", "sales.csv"), "sales.csv is the file that is read"),
        (("--output", "own.xlsx"), "own.xlsx is there already and holds no table tblForecast"),
        (("--output", "new.xlsm"), "expected the ending .xlsx"),
        (("--level", "95"), "interval level is 95.0; expected between 0.002 and 0.998 in steps of 0.002"),
    ],
)
def test_an_argument_that_does_not_fit_is_refused_before_any_work(
    arguments: Text, words: str, sales: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(sales.parent)
    pd.DataFrame({"mine": [1]}).to_excel("own.xlsx", index=False)
    before = {path: path.read_bytes() for path in sales.parent.iterdir() if path.is_file()}
    assert words in refusal("sales.csv", "--horizon", 2, *arguments)
    assert {path: path.read_bytes() for path in sales.parent.iterdir() if path.is_file()} == before


# A real process


def invopt(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "invopt_xl", *map(str, arguments)],
        capture_output=True,
        text=True,
        env={**os.environ, "COLUMNS": "100", **environment},
        check=False,
    )


def test_a_process_ends_with_the_codes_of_all_commands(sales: Path) -> None:
    done = invopt("forecast", sales, "--horizon", 2)
    assert (done.returncode, done.stderr) == (0, "")
    assert "2 items forecast" in done.stdout
    sales.write_text(sales.read_text() + "a,never,1\n")
    assert invopt("forecast", sales, "--horizon", 2, "-q").returncode == 1
    for arguments in (("nowhere.csv", "--horizon", 2), (sales, "--horizon", 0), (sales,)):
        done = invopt("forecast", *arguments)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("invopt: ")
        assert done.stderr.count("\n") == 1


def test_a_console_without_block_letters_gets_plain_ones(sales: Path) -> None:
    done = invopt("forecast", sales, "--horizon", 2, PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert "?" not in done.stdout
    assert re.search(r"-*=*o=+", done.stdout)


def test_help_shows_examples(sales: Path) -> None:
    done = invopt("forecast", "--help")
    assert "invopt forecast sales.csv --horizon 12 --output forecast.csv" in done.stdout


def test_progress_is_told_in_stages(sales: Path) -> None:
    from invopt_xl.hosts.cli.demand import Source
    from invopt_xl.hosts.cli.forecast import Request, make_forecast
    from invopt_xl.hosts.cli.running import Run

    stages: list[Any] = []

    class Heard:
        def stage(self, name: str, steps: int = 0) -> None:
            stages.append((name, steps))

        def advance(self, steps: int = 1) -> None:
            stages.append(steps)

    make_forecast(Source(sales), Request(2), Run(Heard()), output=sales.parent / "out.csv")
    assert stages == [("Reading", 0), ("Checking data", 0), ("Forecasting", 2), 1, 1, ("Writing", 0)]


STOPPED = """
import os, signal, time
import invopt_xl.hosts.cli.forecast as module
work = module.{name}
def stopped(*arguments, **named):
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(0.1)
    return work(*arguments, **named)
module.{name} = stopped
from invopt_xl.hosts.cli import main
main()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="a process cannot send itself Ctrl-C on Windows")
@pytest.mark.parametrize(("name", "code"), [("read_histories", 2), ("write_one", 0)])
def test_ctrl_c_leaves_either_no_file_or_a_whole_one(name: str, code: int, sales: Path) -> None:
    output = sales.parent / "out.csv"
    done = subprocess.run(
        [sys.executable, "-c", STOPPED.format(name=name), "forecast", str(sales), "--horizon", "2", "-o", str(output)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code
    assert done.stderr == ("invopt: stopped; nothing was changed\n" if code else "")
    assert output.exists() == (code == 0)


def test_the_readme_shows_a_frame_in_python() -> None:
    made = forecast_panel(small_tables()["demand"], horizon=8, today=date(2030, 1, 1))
    assert len(made) == 6 * 8
    assert made.attrs["assumptions"][0].startswith("the period is a week")


def test_the_help_names_every_method() -> None:
    assert METHODS_IN_HELP.split(", ") == list(METHODS)


def test_holidays_of_a_country_may_explain_demand(tmp_path: Path) -> None:
    days = pd.date_range("2022-01-03", periods=104, freq="7D")
    christmas = np.array([week.month == 12 and week.day >= 19 and week.day <= 25 for week in days])
    sold = np.random.default_rng(5).poisson(np.where(christmas, 120, 30))
    pd.DataFrame({"item": "tea", "date": days, "quantity": sold}).to_csv(tmp_path / "sales.csv", index=False)
    to = tmp_path / "made.csv"
    forecast(
        tmp_path / "sales.csv",
        "--horizon",
        60,
        "--season",
        1,
        "--holidays",
        "US",
        "--start",
        "2024-01-01",
        "--output",
        to,
    )
    made = pd.read_csv(to, parse_dates=["date"]).set_index("date")["mean"]
    assert made["2024-12-23"] > 60 > made["2024-11-18"]
    assert "Atlantis" in refusal(tmp_path / "sales.csv", "--horizon", 4, "--holidays", "Atlantis")


# What was assumed, why, and who may look closer


def check(*arguments: object) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["check", *map(str, arguments)], standalone_mode=False, env={"COLUMNS": "120"})
    if done.exception is not None:
        raise done.exception
    return int(done.return_value), done.output


def test_periods_without_a_row_are_counted_and_unknown_if_that_is_what_they_mean(tmp_path: Path) -> None:
    demand("a").drop(index=[3, 4, 9]).assign(quantity=4).to_csv(tmp_path / "d.csv", index=False)
    _, zero = forecast(tmp_path / "d.csv", "--horizon", 2, "--json")
    said = "3 months of 1 item have no row between the item's first and last one: counted as zero demand"
    assert said in json.loads(zero)["assumptions"]
    _, unknown = forecast(tmp_path / "d.csv", "--horizon", 2, "--missing", "unknown", "--json")
    assert not any("zero demand" in sentence for sentence in json.loads(unknown)["assumptions"])
    assert json.loads(unknown)["forecast"][0]["mean"] == pytest.approx(4, rel=0.02)
    assert json.loads(zero)["forecast"][0]["p025"] < json.loads(unknown)["forecast"][0]["p025"]


def test_promotions_without_a_plan_are_said_to_be_a_habit(tmp_path: Path) -> None:
    promoted = demand("a").assign(promotion=[0, 0, 1] * 10)
    promoted.to_csv(tmp_path / "d.csv", index=False)
    habit = "1 item had promotions and none is planned: its forecast holds them as a habit"
    assert habit in json.loads(forecast(tmp_path / "d.csv", "--horizon", 2, "--json")[1])["assumptions"]
    plan = pd.DataFrame({"item": ["a"], "date": ["2023-08-01"], "quantity": [None], "promotion": [0]})
    pd.concat([promoted, plan]).to_csv(tmp_path / "d.csv", index=False)
    assert habit not in json.loads(forecast(tmp_path / "d.csv", "--horizon", 2, "--json")[1])["assumptions"]


def noted(folder: Path, items: str = "abcde") -> Path:
    """Write demand of a few items, the first of which has an outlier in a steady demand."""
    table = demand(items)
    months = table.index[table["item"] == "a"]
    table.loc[months, "quantity"] = 50 + np.arange(len(months)) % 4
    table.loc[months[12], "quantity"] = 900
    table.to_csv(folder / "noted.csv", index=False)
    return folder / "noted.csv"


@pytest.mark.parametrize("name", ["why.csv", "why.parquet", "why.xlsx"])
def test_the_reason_of_each_item_is_written_with_the_pattern_that_it_names(name: str, tmp_path: Path) -> None:
    code, text = forecast(noted(tmp_path), "--horizon", 2, "--method", "ses", "--reasons", tmp_path / name)
    assert code == 0
    found = {".csv": pd.read_csv, ".parquet": pd.read_parquet, ".xlsx": read_reasons}[Path(name).suffix](
        tmp_path / name
    )
    assert list(found.columns) == ["item", "location", "pattern", "known_periods", "model", "reason"]
    assert found["item"].tolist() == list("abcde")
    assert found["pattern"].iloc[0] == "smooth", "of the history without its outlier"
    for pattern, reason in zip(found["pattern"], found["reason"], strict=True):
        assert reason.startswith(f"{pattern} demand")
    assert "900" in found["reason"].iloc[0]
    assert "1 item has a note (outliers: 1)" in " ".join(text.split())
    assert name in text


def read_reasons(path: Path) -> pd.DataFrame:
    sheet = openpyxl.load_workbook(path)["Reasons"]
    rows = [[cell.value for cell in row] for row in sheet[sheet.tables["tblReasons"].ref]]
    return pd.DataFrame(rows[1:], columns=rows[0])


def test_a_summary_says_where_the_notes_are_and_reasons_need_a_file_of_their_own(tmp_path: Path) -> None:
    source = noted(tmp_path)
    _, text = forecast(source, "--horizon", 2, "--method", "ses")
    assert "--reasons FILE lists them, --item X shows one" in " ".join(text.split())
    same = ("--output", tmp_path / "o.csv", "--reasons", tmp_path / "o.csv")
    assert "expected two files" in refusal(source, "--horizon", 2, *same)
    assert "is the file that is read" in refusal(source, "--horizon", 2, "--reasons", source)


def test_models_that_were_continued_from_an_earlier_forecast_are_counted(tmp_path: Path) -> None:
    random = np.random.default_rng(2)
    dates = pd.date_range("2020-01-01", periods=40, freq="MS").strftime("%Y-%m-%d")
    table = pd.concat(
        [pd.DataFrame({"item": name, "date": dates, "quantity": random.poisson(80, 40)}) for name in "abcd"]
    )
    path = tmp_path / "d.csv"
    table[table["date"] < "2023-04-01"].to_csv(path, index=False)
    assert json.loads(forecast(path, "--horizon", 2, "--method", "theta", "--json")[1])["continued"] == 0
    table.to_csv(path, index=False)
    _, text = forecast(path, "--horizon", 2, "--method", "theta")
    counts = re.search(r"Models of an earlier forecast: (\d) continued, (\d) searched again", text)
    assert counts is not None
    assert sum(map(int, counts.groups())) == 4


def test_a_file_of_demand_is_checked_as_a_workbook_is(sales: Path) -> None:
    assert check(sales) == (0, "2 items can be forecast; 0 rows rejected.\n")
    sales.write_text(sales.read_text() + "".join(f"a,2021-01-{day:02},lots\n" for day in range(2, 29)))
    code, text = check(sales)
    assert code == 1
    assert "27 rows rejected" in text
    assert "(7 more rows)" in text


def test_json_holds_every_rejected_row(sales: Path) -> None:
    sales.write_text(sales.read_text() + "".join(f"a,2021-01-{day:02},lots\n" for day in range(2, 29)))
    for text in (check(sales, "--json")[1], forecast(sales, "--horizon", 1, "--json")[1]):
        rows = [row["row"] for row in json.loads(text)["quality"] if row["severity"] == "rejected"]
        assert rows == list(range(62, 89))


def test_several_sales_lines_of_one_day_are_added_up(tmp_path: Path) -> None:
    lines = demand("a").assign(quantity=30)
    more = lines.assign(quantity=10)
    pd.concat([lines, more]).to_csv(tmp_path / "lines.csv", index=False)
    lines.assign(quantity=40).to_csv(tmp_path / "sums.csv", index=False)
    found = [json.loads(forecast(tmp_path / name, "--horizon", 2, "--json")[1]) for name in ("lines.csv", "sums.csv")]
    assert found[0]["forecast"] == found[1]["forecast"]
    assert (found[0]["rejected"], len(found[0]["quality"])) == (0, 1)


def test_dates_in_parquet_are_timestamps(sales: Path) -> None:
    forecast(sales, "--horizon", 2, "-o", sales.parent / "out.parquet")
    dates = pd.read_parquet(sales.parent / "out.parquet")["date"]
    assert pd.api.types.is_datetime64_any_dtype(dates)
    assert dates.iloc[0] == pd.Timestamp("2023-07-01")


@pytest.mark.parametrize("columns", [72, 80, 120])
def test_a_narrow_console_shortens_the_charts_rather_than_dates_and_bands(columns: int, tmp_path: Path) -> None:
    demand("a").assign(quantity=lambda rows: 1_234_000 + 1000 * (rows.index % 7)).to_csv(
        tmp_path / "d.csv", index=False
    )
    arguments = ["forecast", str(tmp_path / "d.csv"), "--horizon", "40", "--method", "ses"]
    text = CliRunner().invoke(app, arguments, standalone_mode=False, env={"COLUMNS": str(columns)}).output
    rows = [line for line in text.splitlines() if re.match(r"^20\d\d-\d\d-01 ", line)]
    assert len(rows) == 40
    assert all(re.match(r"^\S{10} +[0-9,]+ +[0-9,]+ - [0-9,]+ +[0-9,]+ - [0-9,]+( |$)", row) for row in rows)
    assert "…" not in text
    assert all(len(line) <= columns for line in text.splitlines())


def test_widest_bands_are_those_with_the_most_units_at_risk(tmp_path: Path) -> None:
    table = demand("abcd")
    table.loc[table["item"] == "b", "quantity"] = 5000 + 800 * (np.arange(30) * 7 % 5)
    table.to_csv(tmp_path / "d.csv", index=False)
    _, text = forecast(tmp_path / "d.csv", "--horizon", 3, "--method", "ses")
    table_shown = text[text.index("Widest bands") :].splitlines()
    assert "at risk" in table_shown[1]
    assert table_shown[3].startswith("b "), "little in proportion to its demand, but most units"


def test_decimal_commas_of_a_file_with_semicolons_are_read_and_said_once(tmp_path: Path) -> None:
    table = demand("ab").assign(unit_price=2.25)
    table["quantity"] += 0.5
    table.to_csv(tmp_path / "dots.csv", index=False)
    table.to_csv(tmp_path / "commas.csv", index=False, sep=";", decimal=",")
    found = [
        json.loads(forecast(tmp_path / name, "-q", "--horizon", 2, "--json")[1]) for name in ("dots.csv", "commas.csv")
    ]
    assert found[0]["forecast"] == found[1]["forecast"]
    assert found[0]["quality"] == []
    said = [(row["severity"], row["column"], row["reason"]) for row in found[1]["quality"]]
    words = "decimal comma in every number"
    assert said == [("repaired", "quantity", words), ("repaired", "unit_price", words)]


def test_a_file_that_mixes_commas_and_dots_is_not_guessed(tmp_path: Path) -> None:
    good = [f"tea;2023-{month:02}-01;{month}.5" for month in range(1, 12)]
    code, text = check(written(tmp_path, "item;date;quantity", *good, "tea;2023-12-01;5,5"))
    assert code == 1
    assert "1 row rejected" in text


def test_three_decimals_after_a_dot_in_every_row_are_a_warning_in_a_file_with_semicolons(tmp_path: Path) -> None:
    rows = [f"tea,2023-{month:02}-01,1.2{month:02}" for month in range(1, 13)]
    lines = ["item,date,quantity", *rows]
    semicolons = written(tmp_path, *(line.replace(",", ";") for line in lines), name="semicolons.csv")
    (warning,) = json.loads(check(semicolons, "--json")[1])["quality"]
    assert (warning["severity"], warning["column"]) == ("warning", "quantity")
    assert warning["reason"].startswith("three decimals after a dot in every number")
    assert json.loads(check(written(tmp_path, *lines), "--json")[1])["quality"] == []
