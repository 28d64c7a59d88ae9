// In place of Office.js: as much of a workbook as our script for the refresh asks for, and of xlwings' own script what
// it reads and what it does with an answer. It holds one table of results, on a protected sheet.
(() => {
  const grid = [
    ["item", "note"],
    ["A", "=1+1"],
    ["007", "call"],
  ];
  const state = { showTotals: false, height: 3, protected: true };
  const letters = "ABCDEFGH";
  const plain = (formula) => (String(formula).startsWith("'") ? formula.slice(1) : formula);

  const range = (row, column, height, width) => ({
    rowIndex: row,
    columnIndex: column,
    rowCount: height,
    columnCount: width,
    address: `Plan!${letters[column]}${row + 1}:${letters[column + width - 1]}${row + height}`,
    get formulas() {
      return this.values;
    },
    set formulas(rows) {
      rows.forEach((line, down) => {
        grid[row + down] = line.map(plain);
        if (line.some((each) => String(each).startsWith("="))) {
          throw new Error("a text became a formula");
        }
      });
    },
    get values() {
      return Array.from({ length: height }, (_, down) => [...(grid[row + down] ?? ["", ""])]);
    },
    clear() {
      grid.splice(row, height);
    },
    load() {
      return this;
    },
  });

  const table = {
    name: "tblPlan",
    load: () => table,
    get showTotals() {
      return state.showTotals;
    },
    set showTotals(wanted) {
      state.showTotals = wanted;
    },
    getRange: () => range(0, 0, state.height, 2),
    resize: (address) => {
      state.height = Number(address.split(":")[1].slice(1));
    },
  };
  const office = {
    log: [],
    options: { allowSort: true },
    failing: "",
    epoch: 1900,
    excluded: null,
    password: false,
    type: (text) => {
      grid[1] = [grid[1][0], text];
    },
    cells: () => JSON.parse(JSON.stringify([grid, state, name.formula])),
  };
  globalThis.office = office;

  const tables = (items) => ({ items, load() {}, getItem: () => table });
  const open = { load() {}, protected: false, options: {} };
  const protection = {
    load() {},
    options: office.options,
    get protected() {
      return state.protected;
    },
    unprotect() {
      office.log.push("unprotect Plan");
      state.protected = office.password;
    },
    protect(options) {
      office.log.push("protect Plan");
      office.options = options;
      state.protected = true;
    },
  };
  const plan = { name: "Plan", tables: tables([table]), protection, getUsedRange: () => range(0, 0, grid.length, 2) };
  plan.getRangeByIndexes = range;
  const sheets = [
    plan,
    { name: "Dashboard", tables: tables([]), protection: open },
    { name: "Notes", tables: tables([]), protection: open },
    { name: "Items", tables: tables([{ name: "TBLITEMS" }]), protection: open },
  ];
  const name = { name: "all_items", formula: "=Plan!$A$2:$A$3" };
  const context = {
    workbook: {
      names: {
        items: [name],
        load() {
          return this;
        },
      },
      worksheets: { items: sheets, load() {}, getItem: () => plan },
      functions: {
        date: () => ({ load: () => ({ value: office.epoch === 1900 ? 36526 : 35064 }) }),
      },
    },
    sync: async () => {
      if (office.password && office.log.at(-1) === "unprotect Plan") {
        throw new Error("AccessDenied");
      }
    },
  };
  globalThis.Excel.run = async (work) => work(context);

  // What xlwings' script does with a workbook is tested by its makers; the server is asked for real.
  globalThis.xlwings.getBookData = async ({ exclude }) => {
    office.excluded = exclude;
    return { sheets: [] };
  };
  globalThis.xlwings.runActions = async ({ actions }) => {
    if (!actions.length || state.protected) {
      throw new Error("nothing to do, or no way to do it");
    }
    office.log.push("actions");
    state.height = 6;
    name.formula = "=Plan!$A$2:$A$6";
    grid.splice(1, grid.length, ...Array.from({ length: 5 }, (_, place) => [`new ${place}`, ""]));
    if (office.failing) {
      throw new Error(office.failing);
    }
  };
})();
