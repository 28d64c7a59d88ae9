"""A real LibreOffice with the add-in, for tests that open workbooks in it."""

import io
import json
import os
import shutil
import subprocess
import zipfile
from pathlib import Path

from invopt_xl.hosts.calc.extension import extension
from invopt_xl.hosts.calc.program import office_environment
from invopt_xl.sheet.examples import address

DRIVER = Path(__file__).with_name("office_driver.py")


class Office:
    """A headless LibreOffice: ``office.do("open")`` calls that method of its driver."""

    def __init__(self, profile, *options, **variables):
        program = shutil.which("soffice")
        assert program, "these tests need LibreOffice (soffice) on the path"
        self.process = subprocess.Popen(
            [python_of_the_office(program), str(DRIVER), program, str(profile), *options],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**office_environment(), **variables},
        )  # fmt: skip
        self._answer()

    def do(self, name, *arguments):
        self.process.stdin.write(json.dumps([name, *arguments]) + "\n")
        self.process.stdin.flush()
        return self._answer()

    def _answer(self):
        line = self.process.stdout.readline()
        assert line, "the office ended"
        answer = json.loads(line)
        assert "error" not in answer, answer["error"]
        return answer["found"]

    def close(self):
        self.process.stdin.close()
        self.process.wait(60)
        self.process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def python_of_the_office(program):
    beside = Path(os.path.realpath(program)).parent / "python"
    for candidate in ("/usr/bin/python3", str(beside)):
        if Path(candidate).exists():
            probe = subprocess.run([candidate, "-c", "import uno"], capture_output=True, check=False)
            if probe.returncode == 0:
                return candidate
    raise AssertionError("these tests need a Python that can import uno (python3-uno)")


def unpacked(folder, settings):
    """Return the option with which an office finds the add-in, unpacked into a folder."""
    with zipfile.ZipFile(io.BytesIO(extension(settings))) as archive:
        archive.extractall(folder / "invopt")
    return f"-env:BUNDLED_EXTENSIONS={folder.as_uri()}"


def area(cells, first=(1, 30)):
    """Return the range that an answer fills, from a cell on."""
    row, column = first
    return f"{address(first)}:{address((row + len(cells) - 1, column + len(cells[0]) - 1))}"


def as_shown(cells):
    """Return what cells of an answer are in Calc: empty texts, and numbers for truth values."""
    return [["" if cell is None else float(cell) if isinstance(cell, int) else cell for cell in row] for row in cells]
