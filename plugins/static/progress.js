// Shows the progress of a running sync on the first page, and the new figures after it.
(() => {
  "use strict";
  const box = document.getElementById("progress");
  if (!box) return;
  const IDLE = 15000, AT_WORK = 1500, NEWS = "New figures:";
  const part = (name) => box.querySelector(name);
  const main = document.querySelector("main");
  const locale = document.documentElement.dataset.locale || undefined;
  const number = new Intl.NumberFormat(locale);
  const clock = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" });
  let shown, latest, timer, asking = false, failures = 0;

  function report(sync, news = "") {
    const text = sync ? `Sync running: ${sync.doing}` : news;
    // A screen reader reads it out whenever it is set.
    if (part(".doing").textContent !== text) part(".doing").textContent = text;
    part(".going").hidden = !sync;
    part(".new").hidden = text !== NEWS;
    if (!sync) return;
    const bar = part("progress"), known = sync.total > 0;
    bar.max = sync.total || 1;
    if (known) bar.value = sync.done; else bar.removeAttribute("value");
    const done = sync.done === null ? "" : number.format(sync.done);
    part(".counted").textContent = known ? `${done} of ${number.format(sync.total)}` : done && `${done} so far`;
    part("time").dateTime = sync.since;
    part("time").textContent = clock.format(new Date(sync.since));
  }

  function folds(root) { // every <details>, by a key that is the same on the next page
    const nth = {};
    return [...root.querySelectorAll("details")].map((one) => {
      const kind = one.id || one.className;
      nth[kind] = (nth[kind] || 0) + 1;
      return [`${kind} ${nth[kind]}`, one];
    });
  }

  async function renew() {
    const finished = latest, answer = await fetch(location.href, { cache: "no-cache" });
    const page = new DOMParser().parseFromString(answer.ok ? await answer.text() : "", "text/html");
    const next = page.querySelector("main"), place = page.getElementById("progress");
    if (!place) throw new Error("another page is there");
    const before = new Map(folds(main));
    for (const [key, one] of folds(next)) one.open = (before.get(key) || one).open;
    const x = scrollX, y = scrollY, focused = main.querySelector(":focus");
    place.replaceWith(box);
    main.replaceChildren(...next.childNodes);
    scrollTo(x, y);
    shown = finished;
    report(null, "New figures are shown");
    if (focused) { // on what is gone
      main.tabIndex = -1;
      main.focus({ preventScroll: true });
    }
    // For what else draws on this page.
    document.dispatchEvent(new Event("shoemon:renewed"));
  }

  function busy() { // the reader is in the middle of something
    const selected = getSelection();
    return main.querySelector(":focus") || (!selected.isCollapsed && selected.containsNode(main, true));
  }

  async function ask() {
    if (asking || document.hidden) return;
    clearTimeout(timer);
    asking = true;
    let wait = IDLE;
    try {
      const answer = await fetch(box.dataset.src, { cache: "no-store", signal: AbortSignal.timeout(10000) });
      const { sync, finished } = await answer.json();
      latest = finished;
      if (shown === undefined) shown = sync ? null : finished; // null: it may show half of a sync
      const news = !sync && finished !== shown;
      report(sync, news && busy() ? NEWS : "");
      if (news && !busy()) await renew();
      if (sync) wait = AT_WORK;
      else if (finished === null) wait = 0; // no progress is reported here
      failures = 0;
    } catch { // the server is away
      report(null);
      wait = Math.min(IDLE * 2 ** ++failures, 300000);
    }
    asking = false;
    if (wait) timer = setTimeout(ask, wait);
  }

  part(".new a").addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    renew().catch(() => location.reload());
  });
  document.addEventListener("visibilitychange", ask);
  ask();
})();
