// The browser's part in waiting for long work. It comes after xlwings' own scripts and puts two things around them:
// calls of cells travel together, and ask again while the server answers 202, so that none holds a connection (a browser
// has six); and streaming functions get a key of their own each, true errors, and keep their result when the connection
// ends.
(() => {
  const settings = JSON.parse(document.getElementById("invopt").textContent);
  const FIRST_PAUSE = 100;
  const LONGEST_PAUSE = 2000;
  const GATHERING = 2;
  const rest = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

  const session = Array.from(crypto.getRandomValues(new Uint32Array(2)), (each) => each.toString(36)).join("");
  let tickets = 0;
  const ticket = () => `${session}-${(tickets += 1)}`;

  const request = globalThis.xwRequest;
  const post = request.post;
  const path = settings.path + "/invopt/calls";

  // Calls of one recalculation travel together; long and quick ones apart, and a few long ones at a time, so that quick
  // ones find the server free.
  const lanes = {
    heavy: { waiting: [], largest: 10, atOnce: 1, sent: 0 },
    quick: { waiting: [], largest: 50, atOnce: 4, sent: 0 },
  };
  const send = async (lane) => {
    if (!lane.waiting.length || lane.sent === lane.atOnce) {
      return;
    }
    lane.sent += 1;
    const batch = lane.waiting.splice(0, lane.largest);
    send(lane);
    try {
      const body = batch.map(({ ticket, data }) => ({ ticket, data }));
      const { data: answers } = await post(path, body, batch[0].options);
      batch.forEach((call, place) => call.resolve(answers[place]));
    } catch (error) {
      batch.forEach((call) => call.reject(error));
    }
    lane.sent -= 1;
    send(lane);
  };
  const asked = (lane, call) =>
    new Promise((resolve, reject) => {
      lane.waiting.push({ ...call, resolve, reject });
      setTimeout(send, GATHERING, lane);
    });

  request.post = async (url, data, options = {}) => {
    if (!url.endsWith("/xlwings/custom-functions-call")) {
      return post(url, data, options);
    }
    const lane = settings.heavy.includes(data.func_name) ? lanes.heavy : lanes.quick;
    const call = { ticket: ticket(), data, options };
    for (let pause = FIRST_PAUSE; ; pause = Math.min(LONGEST_PAUSE, pause * 1.5)) {
      const response = await asked(lane, call);
      if (response.status === 200) {
        return response;
      }
      if (response.status !== 202) {
        throw Object.assign(new Error(response.data), { response });
      }
      await rest(pause * (0.75 + Math.random() / 2)); // so that those that began together do not all ask together
    }
  };

  // xlwings keys a stream by its arguments as text, and calls with the same key share one: but a row and a column are
  // the same text, and so are any two ranges with formatted numbers.
  const keyed = (args) => {
    const first = args.findIndex(Array.isArray);
    if (first < 0) {
      return args;
    }
    const matrix = [...args[first]];
    const key = `${ticket()} `;
    Object.defineProperty(matrix, "toString", { value: () => key, enumerable: false });
    return args.with ? args.with(first, matrix) : args.map((each, place) => (place === first ? matrix : each));
  };

  const shown = (invocation) => {
    let over = false;
    return Object.create(invocation, {
      setResult: {
        value: (rows) => {
          const alone = Array.isArray(rows) && rows.length === 1 && rows[0].length === 1 ? rows[0][0] : null;
          const text = typeof alone === "string" ? alone : "";
          if (text.startsWith(settings.working) || text.startsWith("Waiting for stream") || text === "Stream disconnected") {
            if (!over) {
              invocation.setResult(rows);
            }
            return;
          }
          over = true;
          invocation.setResult(
            text.startsWith(settings.mark)
              ? new CustomFunctions.Error(CustomFunctions.ErrorCode.invalidValue, text.slice(settings.mark.length))
              : rows,
          );
        },
      },
      onCanceled: {
        set: (stop) => {
          invocation.onCanceled = stop;
        },
      },
    });
  };

  const base = globalThis.base;
  globalThis.base = (options, ...args) => {
    const invocation = args.pop();
    if (settings.repeating.includes(options.funcName) && args.at(-1) == null) {
      args[args.length - 1] = [];
    }
    return options.isStreaming ? base(options, ...keyed(args), shown(invocation)) : base(options, ...args, invocation);
  };
})();
