// Everything here is comfort: each page and each action also works without it.

const list = document.getElementById("results");
const texts = document.getElementById("texts")?.dataset; // in the reader's language

/* --- Alert list: actions and filters answered in place by htmx ---------------------------------- */

if (list) {
  let pressed = null; // where the keyboard was when an action started

  function showFailure(text, retry) {
    const notice = document.createElement("p");
    notice.className = "notice error";
    notice.setAttribute("role", "alert");
    notice.textContent = `${text} `;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "link";
    button.textContent = texts.retry;
    button.addEventListener("click", retry);
    notice.append(button);
    document.getElementById("messages").replaceChildren(notice);
  }

  function failed(event, reason) {
    const { elt, requestConfig } = event.detail;
    pressed = null;
    if (requestConfig.verb === "get") {
      showFailure(texts.listFailed.replace("{reason}", reason), () => elt.requestSubmit());
    } else {
      showFailure(texts.actionFailed.replace("{reason}", reason), () => elt.click());
    }
  }

  document.addEventListener("htmx:beforeRequest", ({ detail: { elt } }) => {
    list.setAttribute("aria-busy", "true");
    const row = elt.closest(".alert-row");
    pressed = row && { button: elt.id, row: row.id, index: [...row.parentNode.children].indexOf(row) };
  });

  document.addEventListener("htmx:afterRequest", () => list.removeAttribute("aria-busy"));

  // A page without the list (the session ended, the role changed) must not empty the screen.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.shouldSwap && !event.detail.serverResponse.includes('id="results"')) {
      event.detail.shouldSwap = false;
      location.reload();
    }
  });

  // The pressed button is usually gone: focus its row, or the row that took its place, never
  // another button, so that a second Enter does nothing.
  document.addEventListener("htmx:afterSettle", () => {
    if (!pressed) return;
    const rows = list.querySelectorAll(".alert-row");
    const place =
      document.getElementById(pressed.button) ??
      document.getElementById(pressed.row) ??
      rows[Math.min(pressed.index, rows.length - 1)] ??
      document.getElementById("main");
    place.focus({ preventScroll: true });
    pressed = null;
  });

  document.addEventListener("htmx:responseError", (event) => failed(event, event.detail.xhr.status));
  document.addEventListener("htmx:sendError", (event) => failed(event, texts.unreachable));
  document.addEventListener("htmx:timeout", (event) => failed(event, texts.tooSlow));
}

/* --- Selection: how many rows, and all of them at once ------------------------------------------- */

if (list) {
  const rows = (state = "") => [...list.querySelectorAll(`[name=alert]${state}`)];

  function showSelection() {
    const all = list.querySelector("[data-pick-all]");
    if (!all) return;
    const picked = rows(":checked").length;
    all.parentElement.hidden = false;
    all.checked = picked > 0 && picked === rows().length;
    all.indeterminate = picked > 0 && !all.checked;
    const words = picked > 1 ? texts.pickedMany : texts.pickedOne;
    list.querySelector(".picked").textContent = picked ? words.replace("{count}", picked) : "";
  }

  list.addEventListener("change", ({ target }) => {
    if (target.matches("[data-pick-all]")) {
      for (const row of rows()) row.checked = target.checked;
    }
    showSelection();
  });
  document.addEventListener("htmx:afterSettle", showSelection);
  window.addEventListener("pageshow", showSelection);
}

/* --- Plain forms: a double click sends once ----------------------------------------------------- */

document.addEventListener("submit", (event) => {
  if (!event.defaultPrevented && event.target.method === "post") event.target.inert = true;
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[inert]")) form.inert = false;
});

/* --- Copy buttons ------------------------------------------------------------------------------- */

for (const button of document.querySelectorAll("[data-copy]")) {
  const source = document.getElementById(button.dataset.copy);
  const status = button.parentElement.querySelector("[role=status]");
  button.hidden = false;
  button.addEventListener("click", async () => {
    let text = source.textContent;
    if (button.dataset.copyUrl) {
      const whole = await fetch(button.dataset.copyUrl).catch(() => null);
      if (!whole?.ok || whole.redirected) {
        status.textContent = texts.notCopied;
        return;
      }
      text = await whole.text();
    }
    try {
      await navigator.clipboard.writeText(text);
      status.textContent = texts.copied;
    } catch {
      // No clipboard outside HTTPS, or refused: leave the text selected for Ctrl+C.
      getSelection().selectAllChildren(source);
      status.textContent = texts.marked;
    }
    setTimeout(() => (status.textContent = ""), 3000);
  });
}
