from datetime import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from invopt_xl.errors import FileError, InputError
from invopt_xl.workbook import read_tables, write_folder
from invopt_xl.workbook.parts.markup import clean_text


def demand_csv(tmp_path, content, name="demand.csv"):
    (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_tables(tmp_path)["demand"]


def test_csv_cells_are_texts_and_rows_are_lines(tmp_path):
    frame = demand_csv(tmp_path, 'item,Date ,QUANTITY,mine\nA,2018-01-01,1.50,"x\ny"\n\n,,,\nB,,NA,\n')
    assert frame.index.tolist() == [2, 6]
    assert frame.index.name == "row"
    assert frame.to_dict("list") == {
        "item": ["A", "B"],
        "date": ["2018-01-01", None],
        "quantity": ["1.50", "NA"],
        "mine": ["x\ny", None],
    }


@pytest.mark.parametrize(
    "content",
    [
        "item,quantity\nMüller,1\n".encode(),
        "item,quantity\nMüller,1\n".encode("utf-8-sig"),
        "item,quantity\r\nMüller,1\r\n".encode("cp1252"),
        "item;quantity\nMüller;1\n".encode(),
        "item\tquantity\nMüller\t1\n".encode("utf-16"),
    ],
)
def test_encodings_and_delimiters_of_excel_are_understood(tmp_path, content):
    assert demand_csv(tmp_path, content).loc[2].tolist() == ["Müller", "1"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", r"demand.csv is empty; expected a header line such as item,location,date,quantity"),
        ("item,quantity\nA,1\nB,1,5\n", r"demand.csv line 3 has 3 values; expected 2"),
        ('item,quantity\n"A,1\n', r"demand.csv line \d cannot be read"),
        ("item,quantity,Item\n", r"two columns named item \(demand.csv\)"),
    ],
)
def test_csv_files_that_make_no_table_are_named(tmp_path, content, message):
    with pytest.raises(InputError, match=message):
        demand_csv(tmp_path, content)


def test_short_records_are_filled_and_files_of_no_known_name_ignored(tmp_path):
    (tmp_path / "notes.csv").write_text("what,ever\n1,2,3\n")
    (tmp_path / "orders.csv").write_text("item\nold\n")
    assert demand_csv(tmp_path, "item,quantity,mine\nA,1\n", "Demand.CSV").loc[2].tolist() == ["A", "1", None]
    assert list(read_tables(tmp_path)) == ["demand"]


def test_one_table_in_two_files_is_refused(tmp_path):
    (tmp_path / "items.csv").write_text("item\nA\n")
    write_folder(tmp_path / "other", {"items": pd.DataFrame({"item": ["A"]})}, suffix="parquet")
    (tmp_path / "other" / "items.parquet").rename(tmp_path / "items.parquet")
    with pytest.raises(FileError, match=r"holds items.csv and items.parquet; keep one of them"):
        read_tables(tmp_path)


def test_parquet_values_keep_their_types(tmp_path):
    frame = pd.DataFrame(
        {
            "item": ["A", None, "C"],
            "date": pd.to_datetime(["2018-01-01", None, "2018-01-03"]),
            "quantity": [1.5, np.nan, 3],
            "promotion": pd.array([1, None, 0], dtype="Int64"),
            "mine": pd.Categorical(["x", None, "y"]),
        }
    )
    frame.to_parquet(tmp_path / "demand.parquet")
    read = read_tables(tmp_path)["demand"]
    assert read.index.tolist() == [2, 4]
    assert read.loc[4].tolist() == ["C", datetime(2018, 1, 3), 3.0, 0, "y"]
    assert set(read.dtypes.map(str)) == {"object"}


def test_a_file_that_is_no_parquet_is_named(tmp_path):
    (tmp_path / "items.parquet").write_bytes(b"PAR1 but no more")
    with pytest.raises(FileError, match=r"items.parquet is not a Parquet file that can be read"):
        read_tables(tmp_path)


LOG = pd.DataFrame(
    {
        "refreshed_at": ["2018-01-01 10:00", "=HYPERLINK(1)", "'=quoted", "''@", "-5", "'plain", "+1", "two\nlines"],
        "items": [1, 2.5, None, np.nan, -4, 1e-9, np.int64(3), True],
        "note": [None, "", "  padded ", ",;\t", '"', "ü€", "\t=x", "a"],
    }
)


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_what_is_written_reads_back(tmp_path, suffix):
    write_folder(tmp_path, {"log": LOG}, suffix=suffix)
    read = read_tables(tmp_path)["log"]
    assert read["refreshed_at"].tolist() == LOG["refreshed_at"].tolist()
    assert read["note"].tolist()[2:] == LOG["note"].tolist()[2:]
    assert [None if value is None else float(value) for value in read["items"]] == [1, 2.5, None, None, -4, 1e-9, 3, 1]


def test_no_csv_cell_can_run_as_a_formula_and_dates_are_iso(tmp_path):
    plan = pd.DataFrame(
        {"item": ["=1", "+1", "-1", "@x", "\tx", "ok"], "date": pd.Timestamp("2018-01-01"), "mean": -1.5}
    )
    write_folder(tmp_path, {"forecast": plan})
    lines = (tmp_path / "forecast.csv").read_text(encoding="utf-8-sig").splitlines()
    assert lines[1] == "'=1,2018-01-01,-1.5"
    assert all(line.startswith("'") for line in lines[1:6])
    assert lines[6] == "ok,2018-01-01,-1.5"


@given(st.lists(st.text(), min_size=1, max_size=6))
def test_any_text_reads_back_from_csv_and_parquet(texts):
    import tempfile
    from pathlib import Path

    frame = pd.DataFrame({"refreshed_at": ["x"] * len(texts), "note": texts})
    expected = [clean_text(text) or None for text in texts]
    with tempfile.TemporaryDirectory() as folder:
        for suffix in ("csv", "parquet"):
            write_folder(Path(folder) / suffix, {"log": frame}, suffix=suffix)
            assert read_tables(Path(folder) / suffix)["log"]["note"].tolist() == expected


def test_columns_of_mixed_values_are_kept_as_text_in_parquet(tmp_path):
    frame = pd.DataFrame(
        {"name": ["a", "b"], "value": pd.Series([1.5, "x"], dtype=object), "mine": pd.Series([1, "y"], dtype=object)}
    )
    write_folder(tmp_path, {"parameters": frame}, suffix="parquet")
    read = read_tables(tmp_path)["parameters"]
    assert read["value"].tolist() == ["1.5", "x"]
    assert read["mine"].tolist() == ["1", "y"]


def test_writing_refuses_unknown_tables_other_formats_and_missing_folders(tmp_path):
    with pytest.raises(InputError, match="table is nonsense; expected one of items"):
        write_folder(tmp_path, {"nonsense": LOG})
    with pytest.raises(InputError, match="suffix is xls; expected csv or parquet"):
        write_folder(tmp_path, {}, suffix="xls")
    with pytest.raises(FileError, match="cannot be made"):
        write_folder(tmp_path / "a" / "b", {"log": LOG})
    write_folder(tmp_path, {"log": LOG}, suffix="parquet")
    with pytest.raises(FileError, match=r"holds log.parquet already; remove it before log.csv is written"):
        write_folder(tmp_path, {"log": LOG})
