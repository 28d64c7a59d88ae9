// The task pane: tabs, the search among functions, and the state that is asked for while somebody looks.
(() => {
  const settings = JSON.parse(document.getElementById("invopt").textContent);
  const BETWEEN_LOOKS = 2000;
  document.title = "invopt";

  const tabs = [...document.querySelectorAll("[role=tab]")];
  const panel = (tab) => document.getElementById(tab.getAttribute("aria-controls"));
  const choose = (chosen) => {
    for (const tab of tabs) {
      tab.setAttribute("aria-selected", String(tab === chosen));
      panel(tab).hidden = tab !== chosen;
    }
  };
  tabs.forEach((tab) => tab.addEventListener("click", () => choose(tab)));

  const search = document.getElementById("search");
  search.addEventListener("input", () => {
    const wanted = search.value.toLowerCase().replace(/_|invopt\./g, " ").split(" ").filter(Boolean);
    let found = 0;
    for (const each of document.querySelectorAll(".function")) {
      each.hidden = !wanted.every((word) => each.dataset.words.includes(word));
      found += !each.hidden;
    }
    for (const category of document.querySelectorAll(".category")) {
      category.hidden = !category.querySelector(".function:not([hidden])");
    }
    document.getElementById("nothing").hidden = found > 0;
  });

  const say = (title) => {
    const dot = document.createElement("span");
    dot.className = "dot off";
    document.getElementById("service").replaceChildren(dot, title);
  };

  const get = async (path) => {
    const auth = await globalThis.getAuth();
    const headers = { Authorization: auth.token, "Auth-Provider": auth.provider };
    return (await globalThis.xwRequest.get(`${settings.path}/invopt/${path}`, { headers, timeout: 10000 })).data;
  };

  // The detail of an error is asked for when it is opened, and kept.
  const details = new Map();
  const tell = async (place) => {
    const { number } = place.dataset;
    if (!details.has(number)) {
      details.set(number, await get(`error/${number}`).catch(() => "The details are no longer known."));
    }
    place.textContent = details.get(number);
  };
  const activity = document.getElementById("activity");
  activity.addEventListener("toggle", ({ target }) => target.open && tell(target.querySelector(".detail")), true);

  let latest = "";
  const show = (text) => {
    if (text === latest) {
      return;
    }
    latest = text;
    const page = new DOMParser().parseFromString(text, "text/html");
    const open = [...activity.querySelectorAll("details[open]")].map((each) => each.id);
    document.getElementById("service").replaceChildren(...page.getElementById("service").childNodes);
    const found = page.getElementById("activity");
    activity.replaceChildren(...found.childNodes);
    for (const id of open) {
      document.getElementById(id)?.setAttribute("open", "");
    }
    const count = document.getElementById("errors-count");
    count.textContent = found.dataset.errors;
    count.hidden = found.dataset.errors === "0";
  };

  const look = async () => {
    try {
      show(await get("state"));
    } catch {
      latest = "";
      say("The server does not answer; invopt web starts it");
    }
  };
  const keepLooking = async () => {
    if (!document.hidden) {
      await look();
    }
    setTimeout(keepLooking, BETWEEN_LOOKS);
  };
  document.addEventListener("visibilitychange", () => document.hidden || look());
  keepLooking();
})();
