// Keeps an open page current: the same address is asked again for its moving parts, the regions marked
// data-live and the rows of the list. What can't be kept current is said. docs/adr/0005 has the why.

const PERIOD = 30_000; // milliseconds, as all that follow
const LONGEST = 300_000;
const PATIENCE = 20_000;
const AGES = "time, .due"; // they change by the minute without anything having happened

const live = document.getElementById("live");
const figures = document.getElementById("live-figures");
const list = document.getElementById("results");
const texts = document.getElementById("texts").dataset; // in the reader's language

let tag = null; // of the last answer
let held = null; // its list, while that is not the one on the screen
let request = null;
let timer = 0;
let failures = 0;
let over = false;
let asked = Date.now();
let heard = Date.now();
let skew = Date.parse(live.dataset.at) - Date.now(); // of the server's clock, which is the right one
let place = ""; // the row that last had the focus

const address = () => location.pathname + location.search; // a link to a fragment loads nothing

/* --- Asking -------------------------------------------------------------------------------------- */

function schedule(delay = Math.min(PERIOD * 2 ** failures, LONGEST)) {
  clearTimeout(timer);
  if (!over && !document.hidden) timer = setTimeout(ask, Math.max(0, delay));
}

async function ask() {
  clearTimeout(timer);
  if (over || request || document.hidden) return;
  if (list?.hasAttribute("aria-busy")) return schedule(1000); // an action goes first
  const own = (request = new AbortController());
  const limit = setTimeout(() => own.abort(), PATIENCE);
  asked = Date.now();
  try {
    const headers = { "X-Refresh": "1", "HX-Request": "true", "HX-Current-URL": location.href };
    if (tag) headers["If-None-Match"] = tag;
    const response = await fetch(address(), {
      headers,
      cache: "no-store", // or the browser would make a 304 into the whole answer
      redirect: "error",
      signal: own.signal,
    });
    const text = await response.text();
    if (request === own) hear(response, text);
  } catch {
    if (request === own) failures += 1;
  } finally {
    clearTimeout(limit);
    if (request === own) {
      request = null;
      keepAges();
      tell();
      schedule();
    }
  }
}

// Throws when the answer is none.
function hear({ status, headers }, text) {
  if (status === 401) {
    end(texts.sessionOver, texts.signIn, headers.get("HX-Redirect") ?? address());
  } else if (status === 403) {
    end(texts.noAccess, texts.reload, address());
  } else if (status === 200) {
    show(new DOMParser().parseFromString(text, "text/html"));
    tag = headers.get("ETag");
  } else if (status !== 304 && status !== 400) {
    throw new Error(status); // 400: the filter itself is refused, and the page says so
  }
  failures = 0;
  heard = Date.now();
  skew = (Date.parse(headers.get("Date")) || heard + skew) - heard;
  settle();
}

/* --- Showing ------------------------------------------------------------------------------------- */

function show(answer) {
  const page = answer.getElementById("live")?.dataset.page;
  if (!page) throw new Error("not an answer of this page");
  if (page !== live.dataset.page) {
    return end(texts.changed, texts.reload, address());
  }
  const before = list?.getBoundingClientRect().top;
  for (const region of document.querySelectorAll("[data-live]")) {
    refresh(region, answer.getElementById(region.id));
  }
  if (list) scrollBy(0, list.getBoundingClientRect().top - before); // a banner moves no row away
  held = list && answer.getElementById("results");
  announce();
}

function refresh(shown, fresh) {
  if (signature(shown) === signature(fresh)) {
    const ages = fresh.querySelectorAll(AGES);
    shown.querySelectorAll(AGES).forEach((age, n) => age.replaceWith(ages[n]));
    return;
  }
  const focused = document.activeElement;
  const link = shown.contains(focused) && focused.getAttribute("href");
  shown.replaceChildren(...fresh.childNodes);
  if (link) shown.querySelector(`[href="${CSS.escape(link)}"]`)?.focus({ preventScroll: true });
  window.htmx?.process(shown);
}

function signature(element, part = "innerHTML") {
  const copy = element.cloneNode(true);
  for (const age of copy.querySelectorAll(AGES)) age.replaceWith(age.className);
  return copy[part].trim();
}

const rows = (root) => [...root.querySelectorAll(".alert-row")];
const ids = (root) => rows(root).map((row) => row.id);
const wholeList = (root) => rows(root).map((row) => signature(row)).join();
const below = (root) => [...root.querySelectorAll(":scope > form ~ *")]; // pager, exports

// Whether somebody points at the rows (or at the button, which may lie over one), has the focus in
// them, picked some or marks their text.
function isInUse() {
  const marked = getSelection();
  return (
    list.contains(document.activeElement) ||
    live.matches(":hover") ||
    list.querySelector(".alert-row:is(:hover, :active), [name=alert]:checked") ||
    (!marked.isCollapsed && list.contains(marked.anchorNode))
  );
}

// Take in what moves no row, when nobody is at it; the rest waits for the button.
function settle() {
  if (held && !isInUse() && ids(held).join() === ids(list).join()) {
    if (ids(list).length) {
      const fresh = rows(held);
      rows(list).forEach((row, n) => refresh(row, fresh[n]));
      for (const part of below(list)) part.remove();
      list.append(...below(held));
    } else {
      refresh(list, held);
    }
    held = null;
  }
  tell();
}

function newRows() {
  const shown = new Set(ids(list));
  const read = Date.parse(list.querySelector("[data-read-at]")?.dataset.readAt) || 0;
  return rows(held).filter((row) => !shown.has(row.id) && Date.parse(row.dataset.since) > read);
}

// The button: every row as the server has it, what was picked still picked.
function takeIn() {
  const first = newRows()[0]?.id;
  const picked = rows(list).filter((row) => row.querySelector("[name=alert]:checked"));
  const chosen = [...list.querySelectorAll("select")].map((field) => [field.id, field.value]);
  list.replaceChildren(...held.childNodes);
  held = null;
  for (const [id, value] of chosen) {
    const field = document.getElementById(id);
    if (field) field.value = value;
  }
  for (const { id } of picked) {
    const box = document.getElementById(id)?.querySelector("[name=alert]");
    if (box) box.checked = true;
  }
  window.htmx?.process(list);
  list.dispatchEvent(new Event("change")); // app.js counts what is picked
  keepAges();
  document.getElementById(first ?? place)?.focus();
  tell();
}

/* --- Saying -------------------------------------------------------------------------------------- */

function end(...sentence) {
  over = true;
  say(...sentence);
}

function tell() {
  if (over) return;
  if (failures) {
    const zone = { timeZone: live.dataset.zone, hour: "2-digit", minute: "2-digit" };
    const since = new Date(heard + skew).toLocaleTimeString("fr", zone); // 24 hours in every language
    say(texts.interrupted.replace("{time}", since), texts.retry, ask);
  } else if (held && wholeList(held) !== wholeList(list)) {
    const count = newRows().length;
    const news = count > 1 ? texts.newMany : texts.newOne;
    say("", count ? news.replace("{count}", count) : texts.listChanged, takeIn);
  } else {
    say("");
  }
}

// Once, so that nothing is read aloud again that did not change.
function say(words, label = "", action = null) {
  if (live.textContent === words + label) return;
  const parts = [];
  if (words) parts.push(Object.assign(document.createElement("p"), { textContent: words }));
  if (label) {
    const isLink = typeof action === "string";
    const control = document.createElement(isLink ? "a" : "button");
    Object.assign(control, { className: words ? "button" : "button primary", textContent: label });
    Object.assign(control, isLink ? { href: action } : { type: "button", onclick: () => action() });
    parts.push(control);
  }
  const hadFocus = live.contains(document.activeElement);
  live.replaceChildren(...parts);
  const next = live.querySelector("a, button") ?? document.getElementById("main");
  if (hadFocus) next.focus({ preventScroll: true });
}

const words = (element) => signature(element, "textContent").split(/\s+/).filter(Boolean).join(" ");
const whatCounts = () =>
  [...document.querySelectorAll("[data-live] :is(.counter, .of-all, .failing-checks, .stale)")]
    .map(words)
    .join(", ");
let announced = whatCounts();

function announce() {
  const now = whatCounts();
  if (now !== announced) figures.textContent = announced = now;
  document.title = document.querySelector("[data-title]")?.dataset.title ?? document.title;
}

// As the filter `since` of governance.py words it.
function keepAges() {
  for (const time of document.querySelectorAll("[data-live] time, #results time")) {
    const age = ageOf((Date.now() + skew - Date.parse(time.dateTime)) / 1000);
    if (time.textContent !== age) time.textContent = age;
  }
}

function ageOf(seconds) {
  if (!(seconds >= 60)) return texts.ageNone;
  if (seconds < 3600) return texts.ageMinutes.replace("{count}", Math.floor(seconds / 60));
  if (seconds < 86400) return texts.ageHours.replace("{count}", Math.floor(seconds / 3600));
  const days = Math.floor(seconds / 86400);
  return (days === 1 ? texts.ageDay : texts.ageDays).replace("{count}", days);
}

/* --- When ---------------------------------------------------------------------------------------- */

const afterPeriod = () => schedule(asked + PERIOD - Date.now());

document.addEventListener("visibilitychange", afterPeriod);
window.addEventListener("pageshow", afterPeriod);
window.addEventListener("online", ask);

if (list) {
  list.addEventListener("focusin", ({ target }) => (place = target.closest(".alert-row")?.id ?? ""));
  for (const part of [list, live]) {
    // A finger leaves before its tap becomes a click, which must find the row as it was.
    part.addEventListener("pointerleave", ({ pointerType }) => pointerType === "mouse" && settle());
  }

  // An action or a filter brings the whole list: what was on its way is older.
  document.addEventListener("htmx:beforeRequest", () => {
    request?.abort();
    request = null;
  });
  document.addEventListener("htmx:afterRequest", () => schedule());
  document.addEventListener("htmx:afterSettle", () => {
    tag = held = null;
    announce();
    tell();
  });
}
