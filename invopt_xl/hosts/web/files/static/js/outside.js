// The task pane in a plain browser: Office is not there and never comes, so nothing is loaded again in search of it.
// Office names itself in the address of a pane, or shows the pane in a frame; what it said once it keeps for a reload.
(() => {
  const kept = (name) => {
    try {
      return sessionStorage.getItem(name);
    } catch {
      return null;
    }
  };
  const inOffice = location.search.includes("_host_Info") || window !== window.top || kept("hostInfoValue") !== null;
  if (inOffice) {
    return;
  }
  const show = (outside) => {
    document.getElementById("outside").hidden = !outside;
    if (outside) {
      // Where xlwings says that the add-in did not load, once it has tried often enough.
      document.getElementById("xlwings-office-ready-error")?.remove();
    }
  };
  try {
    sessionStorage.setItem("xlwingsTaskpaneReloadCount", "99");
  } catch {
    // Without a store xlwings does not load the pane again anyway.
  }
  document.addEventListener("DOMContentLoaded", () => show(true));
  globalThis.Office?.onReady().then(({ host } = {}) => host && show(false));
})();
