"""Sales by customer from a folder, a file, a workbook, and the file beside a workbook."""

import pandas as pd
import pytest

from invopt_xl.demo import grocery_sales, write_beside
from invopt_xl.errors import FileError, InputError
from invopt_xl.plan.columns import ACCOUNTS, DEMAND, SALES
from invopt_xl.plan.customers import admit_sales
from invopt_xl.workbook import read_sales, write_folder
from invopt_xl.workbook.one_table import write_one

SOLD = pd.DataFrame(
    {"customer": ["A", None], "item": "tea", "date": pd.Timestamp("2018-01-02"), "quantity": [1.0, 2.0], "value": 4.5}
)
KNOWN = pd.DataFrame({"customer": ["A"], "group": ["small"], "spending": [90.0]})


def lines(raw):
    frame = admit_sales(raw).lines
    return frame[["customer", "item", "quantity", "value"]].values.tolist()


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_folder_holds_sales_and_accounts(tmp_path, suffix):
    write_folder(tmp_path, {"sales": SOLD, "accounts": KNOWN}, suffix=suffix)
    raw = read_sales(tmp_path)
    assert list(raw) == ["sales", "accounts"]
    assert raw["sales"].index.tolist() == [2, 3]
    assert lines(raw) == [["A", "tea", 1.0, 4.5], ["", "tea", 2.0, 4.5]]


def test_a_file_is_the_sales_whatever_its_name_and_accounts_stand_beside_it_under_theirs(tmp_path):
    SOLD.to_parquet(tmp_path / "till.parquet")
    assert list(read_sales(tmp_path / "till.parquet")) == ["sales"]
    SOLD.to_parquet(tmp_path / "sales 2018.parquet")
    KNOWN.to_csv(tmp_path / "accounts 2018.csv", index=False)
    assert list(read_sales(tmp_path / "sales 2018.parquet")) == ["sales", "accounts"]


def test_a_workbook_may_hold_sales_itself(tmp_path):
    write_one(tmp_path / "sold.xlsx", SALES, SOLD.assign(location="MAIN"))
    assert lines(read_sales(tmp_path / "sold.xlsx")) == [["A", "tea", 1.0, 4.5], ["", "tea", 2.0, 4.5]]
    SOLD.to_parquet(tmp_path / "sold-sales.parquet")
    with pytest.raises(FileError, match=r"sold.xlsx holds tblSales, and sold-sales.parquet stands beside it"):
        read_sales(tmp_path / "sold.xlsx")


def test_the_demos_sales_are_found_beside_its_workbook(tmp_path):
    write_one(tmp_path / "grocery.xlsx", ACCOUNTS, KNOWN)
    assert "sales" not in read_sales(tmp_path / "grocery.xlsx")
    write_one(tmp_path / "plan.xlsx", DEMAND, pd.DataFrame({"item": ["tea"]}).reindex(columns=DEMAND.column_names))
    assert read_sales(tmp_path / "plan.xlsx") == {}
    write_beside(tmp_path / "plan.xlsx")
    raw = read_sales(tmp_path / "plan.xlsx")
    pd.testing.assert_frame_equal(raw["sales"].astype({"customer": object, "item": object}), grocery_sales())
    assert len(raw["accounts"]) == 2469


def test_a_path_that_is_not_there_and_two_files_of_one_table_are_named(tmp_path):
    with pytest.raises(FileError, match="there is no file or folder"):
        read_sales(tmp_path / "nowhere.xlsx")
    SOLD.to_parquet(tmp_path / "sales.parquet")
    SOLD.to_csv(tmp_path / "sales.csv")
    with pytest.raises(FileError, match=r"sales.parquet and sales.csv are both there; keep one"):
        read_sales(tmp_path)


def test_a_file_that_is_no_table_is_named(tmp_path):
    (tmp_path / "sales.parquet").write_bytes(b"not a table")
    with pytest.raises(FileError, match=r"sales.parquet is not a Parquet file that can be read"):
        read_sales(tmp_path)
    twice = SOLD.rename(columns={"value": "ITEM"})
    twice.to_parquet(tmp_path / "sales.parquet")
    with pytest.raises(InputError, match="tblSales has two columns named item"):
        read_sales(tmp_path)
