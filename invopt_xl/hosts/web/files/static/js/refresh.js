// The refresh of the open workbook: what the server needs of it is sent, what it answers is written, and what stood
// there is kept in this pane, for an undo, and for the case that writing fails in the middle.
(() => {
  const settings = JSON.parse(document.getElementById("invopt").textContent);
  const { script, patience, read, written } = settings.refresh;
  const BETWEEN_LOOKS = 500;
  const element = (id) => document.getElementById(id);
  const buttons = { refresh: element("refresh"), cancel: element("refresh-cancel"), undo: element("refresh-undo") };

  const say = (text, isFault = false) => {
    const place = element("refresh-said");
    place.textContent = text;
    place.classList.toggle("fault", isFault);
  };
  const words = (error) => String(error?.response?.data?.detail ?? error?.response?.data ?? error?.message ?? error);

  const headers = async () => {
    const auth = await globalThis.getAuth();
    return { Authorization: auth.token, "Auth-Provider": auth.provider };
  };
  const ask = async (method, path, body, timeout = 10000) => {
    const options = { headers: await headers(), timeout };
    const url = settings.path + path;
    const given = method === "get" ? [url, options] : [url, body, options];
    return (await globalThis.xwRequest[method](...given)).data;
  };

  // What the workbook holds of our tables; one request to Excel for each, as Excel on the web limits their size.
  const look = async (context) => {
    const sheets = context.workbook.worksheets;
    sheets.load("items/name");
    await context.sync();
    for (const sheet of sheets.items) {
      sheet.tables.load("items/name,items/showTotals");
      sheet.protection.load("protected,options");
    }
    await context.sync();
    const isOurs = (names) => (table) => names.includes(table.name.toLowerCase());
    const others = sheets.items.filter((sheet) => !sheet.tables.items.some(isOurs(read)) && !sheet.name.includes(","));
    const found = [];
    for (const sheet of sheets.items) {
      for (const table of sheet.tables.items.filter(isOurs(written))) {
        found.push(await held(context, sheet, table));
      }
    }
    const names = context.workbook.names.load("items/name,items/formula");
    await context.sync();
    found.names = names.items.map(({ name, formula }) => ({ name, formula }));
    return { sheets: sheets.items, found, exclude: others.map((sheet) => sheet.name).join(",") };
  };

  const held = async (context, sheet, table) => {
    const all = table.getRange().load("rowIndex,columnIndex,rowCount,columnCount");
    const used = sheet.getUsedRange(true).load("rowIndex,rowCount");
    await context.sync();
    const bottom = Math.max(all.rowIndex + all.rowCount, used.rowIndex + used.rowCount);
    const area = sheet.getRangeByIndexes(all.rowIndex, all.columnIndex, bottom - all.rowIndex, all.columnCount);
    area.load("address,formulas,values");
    await context.sync();
    return {
      sheet: sheet.name, name: table.name, totals: table.showTotals, address: area.address.split("!").pop(),
      row: all.rowIndex, column: all.columnIndex, height: all.rowCount, width: all.columnCount,
      formulas: area.formulas, values: area.values,
    };
  };

  // A text that is written back has to stay one.
  const ERROR = /^#[A-Z0-9/_]+[!?]?$/;
  const asTyped = (formula, value) =>
    typeof value === "string" && value !== "" && formula === value && !ERROR.test(value) ? `'${value}` : formula;

  const body = (kept) => {
    const rows = kept.height - 1 - Number(kept.totals);
    return kept.formulas.slice(1, 1 + rows).map((line, down) =>
      line.map((formula, across) => asTyped(formula, kept.values[down + 1][across])),
    );
  };

  const putBack = async (context, found) => {
    for (const kept of found) {
      const sheet = context.workbook.worksheets.getItem(kept.sheet);
      const table = sheet.tables.getItem(kept.name);
      const now = table.getRange().load("rowCount");
      table.load("showTotals");
      await context.sync();
      const rows = body(kept);
      const height = now.rowCount - Number(table.showTotals);
      table.showTotals = false;
      const wanted = sheet.getRangeByIndexes(kept.row, kept.column, rows.length + 1, kept.width).load("address");
      await context.sync();
      table.resize(wanted.address.split("!").pop());
      sheet.getRangeByIndexes(kept.row + 1, kept.column, rows.length, kept.width).formulas = rows;
      if (height > rows.length + 1) {
        sheet.getRangeByIndexes(kept.row + rows.length + 1, kept.column, height - rows.length - 1, kept.width).clear();
      }
      table.showTotals = kept.totals;
      await context.sync();
    }
    // Names over all rows of a table were made to follow it.
    const names = context.workbook.names.load("items/name,items/formula");
    await context.sync();
    for (const item of names.items) {
      const kept = found.names.find(({ name }) => name === item.name);
      if (kept && kept.formula !== item.formula) {
        item.formula = kept.formula;
      }
    }
    await context.sync();
  };

  // What formulas show may change by itself.
  const isSame = (some, others) => {
    const typed = ({ name, address, formulas }) => [name, address, formulas];
    return JSON.stringify(some.map(typed)) === JSON.stringify(others.map(typed));
  };

  // Protection without a password guards against hands, not against a refresh; it is put back as it was.
  const unprotected = async (context, sheets, found, work) => {
    const names = new Set(found.map((each) => each.sheet));
    const guarded = sheets.filter((sheet) => names.has(sheet.name) && sheet.protection.protected);
    const options = guarded.map((sheet) => ({ ...sheet.protection.options }));
    for (const sheet of guarded) {
      sheet.protection.unprotect();
      try {
        await context.sync();
      } catch {
        throw new Error(`sheet '${sheet.name}' is protected with a password; take the protection off first`);
      }
    }
    try {
      return await work();
    } finally {
      guarded.forEach((sheet, place) => sheet.protection.protect(options[place]));
      await context.sync();
    }
  };

  const requireDatesFrom1900 = async (context) => {
    const serial = context.workbook.functions.date(2000, 1, 1).load("value");
    await context.sync();
    if (serial.value !== 36526) {
      throw new Error("this workbook counts dates from 1904, which xlwings does not tell the server; refresh its file");
    }
  };

  let before = null;
  let after = null;
  let sure = false;

  const refresh = () =>
    Excel.run(async (context) => {
      await requireDatesFrom1900(context);
      const { sheets, found, exclude } = await look(context);
      const payload = await globalThis.xlwings.getBookData({ exclude, headers: await headers() }, context);
      payload.args = [found.map(({ sheet, address, formulas }) => ({ sheet, address, formulas }))];
      const answer = await ask("post", `/xlwings/custom-scripts-call/${script}`, payload, patience * 1000);
      const now = await look(context);
      if (!isSame(now.found, found)) {
        throw new Error("a table of results was changed while it was planned; nothing was written, so refresh again");
      }
      await unprotected(context, sheets, found, async () => {
        try {
          await globalThis.xlwings.runActions(answer, context);
          await context.sync();
        } catch (error) {
          await putBack(context, found);
          throw new Error(`Excel stopped taking results (${words(error)}); all tables are as they were`);
        }
      });
      before = found;
      after = (await look(context)).found;
    });

  const undo = () =>
    Excel.run(async (context) => {
      const { sheets, found } = await look(context);
      if (!sure && !isSame(found, after)) {
        sure = true;
        throw new Error("the tables were changed since the refresh; press again to undo it all the same");
      }
      await unprotected(context, sheets, before, () => putBack(context, before));
      before = after = null;
    });

  const watch = async () => {
    const state = await ask("get", "/invopt/refresh").catch(() => ({}));
    if (state.running && buttons.refresh.disabled) {
      say(`${state.stage}${state.steps ? `: ${state.done} of ${state.steps}` : ""}`);
    }
  };

  const atWork = async (work, done) => {
    buttons.refresh.disabled = true;
    buttons.undo.disabled = true;
    say("Reading the workbook");
    const timer = setInterval(watch, BETWEEN_LOOKS);
    try {
      await work();
      sure = false;
      say(await done());
    } catch (error) {
      console.warn(error);
      say(words(error), true);
    } finally {
      clearInterval(timer);
      buttons.refresh.disabled = false;
      buttons.cancel.disabled = true;
      buttons.undo.disabled = before === null;
    }
  };

  buttons.refresh.addEventListener("click", () => {
    buttons.cancel.disabled = false;
    atWork(refresh, async () => (await ask("get", "/invopt/refresh")).last);
  });
  buttons.cancel.addEventListener("click", () => {
    buttons.cancel.disabled = true;
    ask("post", "/invopt/refresh/cancel", {}).catch((error) => say(words(error), true));
  });
  buttons.undo.addEventListener("click", () => atWork(undo, async () => "The tables are as they were before the refresh"));
})();
