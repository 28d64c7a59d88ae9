// In place of Office.js: what Excel does around custom functions, so that xlwings' own scripts run in a real browser.
(() => {
  const functions = {};
  const sets = { ExcelApi: "1.17", CustomFunctionsRuntime: "1.4", SharedRuntime: "1.2" };
  class CustomFunctionsError extends Error {
    constructor(code, message) {
      super(message || code);
      this.code = code;
    }
  }
  globalThis.CustomFunctions = {
    associate: (id, made) => (typeof id === "string" ? (functions[id] = made) : Object.assign(functions, id)),
    Error: CustomFunctionsError,
    ErrorCode: { invalidValue: "#VALUE!", notAvailable: "#N/A", divisionByZero: "#DIV/0!", invalidNumber: "#NUM!" },
  };
  const supported = (name, version) => sets[name] !== undefined && parseFloat(version) <= parseFloat(sets[name]);
  globalThis.Office = {
    onReady: (then) => {
      const found = { host: "Excel", platform: "PC" };
      then?.(found);
      return Promise.resolve(found);
    },
    context: {
      host: "Excel",
      platform: "PC",
      requirements: { isSetSupported: supported },
      document: { settings: { get: () => null, set() {}, saveAsync: (then) => then?.() } },
      displayLanguage: "en-US",
      ui: {},
    },
    actions: { associate() {} },
    addin: { setStartupBehavior: async () => {}, onVisibilityModeChanged: () => {}, showAsTaskpane: async () => {} },
    StartupBehavior: { load: "load" },
    EventType: {},
    HostType: { Excel: "Excel" },
    PlatformType: { PC: "PC" },
    AsyncResultStatus: { Succeeded: "succeeded" },
  };
  class RequestContext {
    constructor() {
      const sheets = { onCalculated: { add() {} }, load() {}, items: [], onAdded: { add() {} }, onChanged: { add() {} } };
      this.workbook = { load() {}, name: "plan.xlsx", worksheets: sheets };
      const datetimeFormat = { load() {}, shortDatePattern: "m/d/yyyy" };
      this.application = { load() {}, cultureInfo: { load() {}, name: "en-US", datetimeFormat } };
    }
    async sync() {}
  }
  globalThis.Excel = { RequestContext, run: async (work) => work(new RequestContext()) };

  const failed = (error) => ({ error: error.code || "JS", message: error.message });
  globalThis.excel = {
    functions,
    // A calculation: each argument is a matrix, or null where omitted; the last one is the invocation.
    calculate: async (id, args, address = "Plan!B2", parameterAddresses = undefined) => {
      try {
        return { value: await functions[id](...args, { address, functionName: id, parameterAddresses }) };
      } catch (error) {
        return failed(error);
      }
    },
    // A streaming function: every value the cell shows, until it is neither progress nor waiting.
    stream: (id, args, address = "Plan!B2") =>
      new Promise((resolve) => {
        const shown = [];
        const invocation = {
          address,
          onCanceled: null,
          setResult: (value) => {
            const text = Array.isArray(value) ? value[0][0] : "";
            shown.push(value instanceof CustomFunctionsError ? failed(value) : value);
            if (!String(text).startsWith("Working: ") && !String(text).startsWith("Waiting")) {
              resolve(shown);
            }
          },
        };
        excel.streams.push({ invocation, shown });
        functions[id](...args, invocation);
      }),
    streams: [],
  };
})();
