// The browser's part in waiting for long work. It comes after xlwings' own scripts and puts two things around them:
// calls of cells travel together, and answers that take longer are fetched together, so that none holds a connection (a
// browser has six); and streaming functions get a key of their own each, true errors, and keep their result when the
// connection ends. Nothing waits for a timer: browsers slow timers down where the task pane is not seen.
(() => {
  const settings = JSON.parse(document.getElementById("invopt").textContent);

  const session = Array.from(crypto.getRandomValues(new Uint32Array(2)), (each) => each.toString(36)).join("");
  let tickets = 0;
  const ticket = () => `${session}-${(tickets += 1)}`;

  const request = globalThis.xwRequest;
  const post = request.post;
  const soon = new MessageChannel();
  soon.port1.onmessage = () => Object.values(lanes).forEach(send);

  // Calls of one recalculation travel together; long and quick ones apart, and a few long ones at a time, so that quick
  // ones find the server free.
  const lanes = {
    heavy: { waiting: [], largest: 10, atOnce: 1, sent: 0, hold: 0.02 },
    quick: { waiting: [], largest: 50, atOnce: 4, sent: 0, hold: 0.5 },
  };
  const send = async (lane) => {
    if (!lane.waiting.length || lane.sent === lane.atOnce) {
      return;
    }
    lane.sent += 1;
    const batch = lane.waiting.splice(0, lane.largest);
    send(lane);
    await settle(batch, `calls?hold=${lane.hold}`, batch.map(({ ticket, data }) => ({ ticket, data })));
    lane.sent -= 1;
    send(lane);
  };

  // Answers that were not there at once are fetched in one request for all of them.
  const open = new Map();
  let fetching = false;
  const fetchAnswers = async () => {
    if (fetching) {
      return;
    }
    fetching = true;
    while (open.size) {
      const calls = [...open.values()];
      await settle(calls, "news", [...open.keys()]);
    }
    fetching = false;
  };

  const settle = async (calls, path, body) => {
    let answers;
    try {
      answers = (await post(`${settings.path}/invopt/${path}`, body, calls[0].options)).data;
    } catch (error) {
      for (const call of calls) {
        open.delete(call.ticket);
        call.reject(error);
      }
      return;
    }
    calls.forEach((call, place) => {
      const answer = answers[place];
      if (answer.status === 202) {
        open.set(call.ticket, call);
        fetchAnswers();
        return;
      }
      open.delete(call.ticket);
      if (answer.status === 200) {
        call.resolve(answer);
      } else {
        call.reject(Object.assign(new Error(answer.data), { response: answer }));
      }
    });
  };

  request.post = (url, data, options = {}) => {
    if (!url.endsWith("/xlwings/custom-functions-call")) {
      return post(url, data, options);
    }
    const lane = settings.heavy.includes(data.func_name) ? lanes.heavy : lanes.quick;
    return new Promise((resolve, reject) => {
      lane.waiting.push({ ticket: ticket(), data, options, resolve, reject });
      soon.port2.postMessage(null);
    });
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

  // An error value does not say why it is there; where it is, that is known.
  const located = (matrix, cell) =>
    cell && matrix?.length === 1 && matrix[0].length === 1 && matrix[0][0]?.type === "Error"
      ? [[{ ...matrix[0][0], cell }]]
      : matrix;

  const base = globalThis.base;
  globalThis.base = (options, ...args) => {
    const invocation = args.pop();
    if (settings.repeating.includes(options.funcName) && args.at(-1) == null) {
      args[args.length - 1] = [];
    }
    if (settings.byCell.includes(options.funcName)) {
      args[0] = located(args[0], invocation.parameterAddresses?.[0]);
    }
    return options.isStreaming ? base(options, ...keyed(args), shown(invocation)) : base(options, ...args, invocation);
  };
})();
