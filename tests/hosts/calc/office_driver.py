"""Drives a real LibreOffice for tests: run by a Python that knows `uno`, told what to do line by line.

Each line on standard input is JSON: the name of a method of `Driver` and its arguments. Each line on standard output is
what it returned. Nothing of the office is imported before it is run, so that any Python can import this file.
"""

import json
import os
import pathlib
import signal
import subprocess
import sys
import time
import traceback
import uuid

FILTERS = {".xlsx": "Calc MS Excel 2007 XML", ".ods": "calc8", ".pdf": "calc_pdf_Export"}
NEW_PROFILE = 81
"""An office that has just made its profile ends with this code, and wants to be started again."""


class Driver:
    """One office, and the documents open in it."""

    def __init__(self, program, profile, *options):
        self.pipe = "invopt" + uuid.uuid4().hex[:12]
        accept = f"--accept=pipe,name={self.pipe};urp;StarOffice.ComponentContext"
        self.command = [
            *(program, "--headless", "--invisible", "--norestore", "--nologo", "--nodefault", "--nolockcheck"),
            *("--nofirststartwizard", "-env:UserInstallation=" + pathlib.Path(profile).as_uri(), *options, accept),
        ]
        self.process = self.started()
        self.context = self.reached()
        self.desktop = self.service("com.sun.star.frame.Desktop")
        self.documents = {}

    def started(self):
        return subprocess.Popen(
            self.command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True
        )

    def reached(self):
        import uno
        from com.sun.star.connection import NoConnectException

        context = uno.getComponentContext()
        resolver = context.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", context)
        give_up = time.monotonic() + 90
        while True:
            try:
                found = resolver.resolve(f"uno:pipe,name={self.pipe};urp;StarOffice.ComponentContext")
            except NoConnectException:
                if self.process.poll() == NEW_PROFILE:
                    self.process = self.started()
                elif self.process.poll() is not None or time.monotonic() > give_up:
                    raise
                time.sleep(0.05)
            else:
                return found

    def open(self, path=None, hidden=False):
        """Return the number of a document, new or from a file."""
        from com.sun.star.beans import PropertyValue

        url = pathlib.Path(path).as_uri() if path else "private:factory/scalc"
        options = (PropertyValue("Hidden", 0, True, 0),) if hidden else ()
        document = self.desktop.loadComponentFromURL(url, "_blank", 0, options)
        number = len(self.documents)
        self.documents[number] = document
        return number

    def put(self, number, cells, sheet=0):
        """Put values and formulas (with semicolons) into cells by address."""
        for address, value in cells.items():
            cell = self.range(number, address, sheet)
            if isinstance(value, str) and value.startswith("="):
                cell.setFormula(value)
            elif isinstance(value, str):
                cell.setString(value)
            elif value is not None:
                cell.setValue(float(value))

    def fill(self, number, address, rows, sheet=0):
        """Put rows of values into a range."""
        self.range(number, address, sheet).setDataArray(tuple(tuple(row) for row in rows))

    def type(self, number, address, formula):
        """Put a formula into a cell as a user types it; return how the cell shows it."""
        cell = self.range(number, address)
        cell.FormulaLocal = formula
        return cell.FormulaLocal

    def array(self, number, address, formula, sheet=0):
        """Put an array formula into a range."""
        self.range(number, address, sheet).setArrayFormula(formula)

    def read(self, number, address, sheet=0):
        """Return rows of what cells hold; an error as it is shown."""
        found = self.range(number, address, sheet)
        rows = [list(row) for row in found.getDataArray()]
        for down, row in enumerate(rows):
            for across, value in enumerate(row):
                if value is None:
                    row[across] = found.getCellByPosition(across, down).getString()
        return rows

    def formulas(self, number, address, sheet=0):
        return [list(row) for row in self.range(number, address, sheet).getFormulaArray()]

    def calculate(self, number):
        """Calculate everything again; return the seconds it took."""
        begin = time.perf_counter()
        self.documents[number].calculateAll()
        return time.perf_counter() - begin

    def modified(self, number):
        """Return whether the office would ask to save."""
        return self.documents[number].isModified()

    def save(self, number, path):
        target = pathlib.Path(path)
        kind = properties(FilterName=FILTERS[target.suffix])
        self.documents[number].storeToURL(target.as_uri(), kind)

    def close(self, number):
        self.documents.pop(number).close(True)

    def functions(self, prefix):
        """Return what the function wizard knows: descriptions by name."""
        described = self.service("com.sun.star.sheet.FunctionDescriptions")
        found = {}
        for place in range(described.getCount()):
            entry = {each.Name: each.Value for each in described.getByIndex(place)}
            if entry["Name"].startswith(prefix):
                arguments = [[each.Name, each.Description, each.IsOptional] for each in entry["Arguments"] or ()]
                found[entry["Name"]] = {
                    "help": entry["Description"], "category": entry["Category"], "arguments": arguments
                }  # fmt: skip
        return found

    def service(self, name):
        return self.context.ServiceManager.createInstanceWithContext(name, self.context)

    def range(self, number, address, sheet=0):
        return self.documents[number].Sheets.getByIndex(sheet).getCellRangeByName(address)

    def end(self):
        try:
            self.desktop.terminate()
            self.process.wait(20)
        except Exception:  # noqa: BLE001 - it has to be gone, in whatever state it is
            os.killpg(self.process.pid, signal.SIGKILL)


def properties(**values):
    import uno

    made = []
    for name, value in values.items():
        each = uno.createUnoStruct("com.sun.star.beans.PropertyValue")
        each.Name, each.Value = name, value
        made.append(each)
    return tuple(made)


def tell(answer):
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def main():
    driver = Driver(*sys.argv[1:])
    tell({"found": "ready"})
    for line in sys.stdin:
        name, *arguments = json.loads(line)
        try:
            answer = {"found": getattr(driver, name)(*arguments)}
        except Exception:  # noqa: BLE001 - the test that asked shows it
            answer = {"error": traceback.format_exc()}
        tell(answer)
    driver.end()


if __name__ == "__main__":
    main()
