/**
 * Pages that open as dialogs.
 *
 * A link with `data-dialog` leads to a page whose element with `data-dialog-page` is shown in a dialog
 * instead. Its forms are sent from there: an answer that holds such an element again (a mistake to
 * mend, a list that changed) replaces what is shown, any other answer is gone to. Without this script
 * the same links and forms work as pages.
 */

import { keep, show, toast } from "./toasts.js";
import { localise } from "./time.js";

const UNREACHABLE = "Cellar cannot be reached. Check your connection and try again.";

/** @param {Response} response */
async function read(response) {
  return new DOMParser().parseFromString(await response.text(), "text/html");
}

function build() {
  const dialog = document.createElement("dialog");
  dialog.addEventListener("close", () => dialog.remove());
  // A click on the backdrop hits the dialog element itself, outside its padding box.
  dialog.addEventListener("pointerdown", (event) => {
    const box = dialog.getBoundingClientRect();
    const outside =
      event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
    if (event.target === dialog && outside) dialog.close();
  });
  return dialog;
}

function fill(dialog, page) {
  const content = document.importNode(page.querySelector("[data-dialog-page]"), true);
  dialog.replaceChildren(content);
  dialog.classList.toggle("wide", content.matches(".wide"));
  const heading = content.querySelector("h1, h2");
  if (heading) {
    heading.id ||= "dialog-title";
    dialog.setAttribute("aria-labelledby", heading.id);
  }
  localise(dialog);
  for (const element of page.querySelectorAll(".toasts .toast")) show(document.importNode(element, true), dialog);
}

/**
 * Show the page at `url` as a dialog.
 * @param {string} url
 */
export async function openDialog(url) {
  let page;
  try {
    const response = await fetch(url, { credentials: "same-origin" });
    page = await read(response);
    if (!page.querySelector("[data-dialog-page]")) throw new Error("no dialog");
  } catch {
    location.assign(url); // the page itself says what is wrong
    return;
  }
  const dialog = build();
  document.body.append(dialog);
  fill(dialog, page);
  dialog.showModal();
  const first = dialog.querySelector("[autofocus], input:not([type=hidden]), select, textarea");
  first?.focus();
  if (first?.matches("input[type=text], input:not([type])")) first.select();
}

async function send(dialog, form, submitter) {
  const body = new FormData(form, submitter);
  // Marked, not disabled: a disabled button would lose the focus.
  if ("sending" in form.dataset) return;
  form.dataset.sending = "";
  try {
    const response = await fetch(submitter?.getAttribute("formaction") ?? form.action, {
      method: "POST",
      body: new URLSearchParams(body),
      credentials: "same-origin",
    });
    const page = await read(response);
    if (page.querySelector("[data-dialog-page]")) {
      const before = document.activeElement?.getAttribute("aria-label");
      fill(dialog, page);
      const same = before && dialog.querySelector(`[aria-label="${CSS.escape(before)}"]`);
      (dialog.querySelector('[aria-invalid="true"]') ?? (same || dialog.querySelector("[autofocus]")))?.focus();
    } else if (response.redirected) {
      keep(page);
      location.assign(response.url);
    } else {
      showAnswer(page);
    }
  } catch {
    toast(UNREACHABLE, "error");
  } finally {
    delete form.dataset.sending;
  }
}

/** A page that answers a form in place, such as an error or the conflicts of a revert. */
function showAnswer(page) {
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.remove();
  document.title = page.title;
  document.querySelector("main").replaceWith(document.importNode(page.querySelector("main"), true));
  localise();
  document.querySelector("main").focus();
}

document.addEventListener("click", (event) => {
  if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
  const link = event.target.closest?.("a[data-dialog]");
  if (link) {
    event.preventDefault();
    openDialog(link.href);
  } else if (event.target.closest?.("dialog [data-close]")) {
    event.preventDefault();
    event.target.closest("dialog").close();
  }
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  const dialog = form.closest("dialog");
  if (dialog && form.method === "post" && !event.defaultPrevented) {
    event.preventDefault();
    send(dialog, form, event.submitter);
  }
});

// A choice that is sent as soon as it is made; without this script a button sends it.
document.addEventListener("change", (event) => {
  if (event.target.matches?.("[data-send-on-change]")) event.target.form.requestSubmit();
});
