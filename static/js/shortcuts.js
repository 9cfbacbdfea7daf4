// Keys for who handles many alerts. Each presses what the page itself shows: the same link, button or form.

const KEPT = "shortcuts"; // in this browser; "off" switches the keys of one character off (WCAG 2.1.4)
const ROWS = ".alert-row, [data-row]";
const TYPING = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";

const dialog = document.getElementById("shortcuts");
const opener = document.querySelector("[data-shortcuts]");
const choice = dialog?.querySelector("[data-shortcuts-on]");
const list = document.getElementById("results");

let place = 0; // of the row last stood on, among those there are
let reached = null; // the row that j or k led to: Enter opens no other, where an action left the focus
let leading = false; // g was pressed: the next key says where to go

function areOn() {
  try {
    return localStorage.getItem(KEPT) !== "off";
  } catch {
    return true; // a browser that keeps nothing
  }
}

function keep(on) {
  try {
    localStorage.setItem(KEPT, on ? "on" : "off");
  } catch {
    choice.checked = true;
  }
}

const nameOf = (row) => row.id || row; // a row of the list may be replaced in place
const rows = () => [...document.querySelectorAll(ROWS)];
const here = () => document.activeElement?.closest(ROWS);

// Where the row one stood on is gone, handled or left behind by a refresh, from where it was.
function step(by) {
  const all = rows();
  const current = all.indexOf(here());
  place = Math.max(0, Math.min(current < 0 ? place : current + by, all.length - 1));
  const row = all[place];
  reached = row && nameOf(row);
  row?.focus();
  row?.scrollIntoView({ block: "nearest" });
}

// The button of the row that one stands on, or of the one alert that the page is about.
function act(kind) {
  const whole = rows().length ? here() : document.getElementById("main");
  if (!list?.hasAttribute("aria-busy")) whole?.querySelector(`button[id^="${kind}-"]`)?.click();
}

const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  x: () => here()?.querySelector("[name=alert]")?.click(),
  a: () => act("ack"),
  r: () => act("resolve"),
  g: () => (leading = true),
  "/": () => document.querySelector("[data-search]")?.select(),
  "?": show,
};

function show() {
  choice.checked = areOn();
  dialog.showModal();
}

function pressed(event) {
  const { key, target } = event;
  if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  if (dialog.open || target.closest(TYPING)) return;
  const goal = leading && dialog.querySelector(`[data-go="${CSS.escape(key)}"]`);
  leading = false;
  if (key === "Enter" && target.matches(ROWS) && nameOf(target) === reached) {
    target.querySelector("h2 a, a")?.click();
  } else if (!areOn()) {
    return;
  } else if (goal) {
    goal.click();
  } else if (Object.hasOwn(KEYS, key) && (!event.repeat || "jk".includes(key))) {
    KEYS[key]();
  } else {
    return;
  }
  event.preventDefault();
}

if (dialog) {
  opener.hidden = false;
  opener.addEventListener("click", show);
  choice.addEventListener("change", () => keep(choice.checked));
  document.addEventListener("keydown", pressed);
  document.addEventListener("focusin", () => {
    if (here()) place = rows().indexOf(here());
  });
}
