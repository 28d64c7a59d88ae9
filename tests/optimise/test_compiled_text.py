"""Machine code that is kept belongs to the text of all modules that compile."""

from __future__ import annotations

from pathlib import Path

from invopt_xl.optimise.compiled import text_of_compiled


def test_kept_machine_code_is_named_by_every_module_that_compiles(tmp_path: Path) -> None:
    names = []
    for caller, callee, other in (("1", "1", "1"), ("1", "2", "1"), ("1", "2", "2")):
        folder = tmp_path / f"{caller}{callee}{other}"
        folder.mkdir()
        (folder / "caller.py").write_text(f"from invopt_xl.optimise.compiled import compiled\n{caller}\n")
        (folder / "callee.py").write_text(f"from invopt_xl.optimise.compiled import compiled\n{callee}\n")
        (folder / "other.py").write_text(f"{other}\n")
        names.append(text_of_compiled(folder))
    assert names[0] != names[1]
    assert names[1] == names[2]
