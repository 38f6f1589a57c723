/**
 * Uploading spreadsheets: by button, and by dropping files anywhere on the page.
 *
 * Files are sent one after the other.
 */

import { localise } from "./time.js";
import { size, tooLarge, transfer } from "./transfer.js";

const area = document.getElementById("uploads");
const list = area.querySelector("ul");
const template = area.querySelector("template");
const chooser = document.getElementById("upload-files");
const target = document.getElementById("drop-target");
const limit = Number(area.dataset.limit);

/** @type {{file: File, entry: HTMLElement}[]} */
const waiting = [];
/** @type {XMLHttpRequest | null} */
let running = null;

/** The parts of an entry of the list of uploads. @param {HTMLElement} entry */
const parts = (entry) => ({
  name: entry.querySelector(".upload-name"),
  state: entry.querySelector(".upload-state"),
  bar: entry.querySelector("progress"),
  problem: entry.querySelector(".upload-problem"),
  open: entry.querySelector(".upload-open"),
  close: entry.querySelector(".upload-close"),
});

/** Queue files for upload. @param {Iterable<File>} files */
function add(files) {
  for (const file of files) {
    const entry = template.content.firstElementChild.cloneNode(true);
    const { name, state, close } = parts(entry);
    name.textContent = file.name;
    state.textContent = `${size(file.size)} · waiting`;
    close.addEventListener("click", () => cancel(entry));
    list.append(entry);
    waiting.push({ file, entry });
  }
  area.hidden = list.childElementCount === 0;
  next();
}

function next() {
  if (running || waiting.length === 0) return;
  const { file, entry } = waiting.shift();
  if (file.size > limit) {
    refuse(entry, tooLarge(file, limit));
    next();
  } else {
    send(file, entry);
  }
}

function send(file, entry) {
  const { state, bar, close } = parts(entry);
  running = transfer(area.dataset.url, { file }, {
    progress(value, text) {
      bar.value = value;
      state.textContent = text;
    },
    done: (workbook) => finish(entry, workbook),
    refused: (problem) => refuse(entry, problem.detail),
    ended() {
      running = null;
      next();
    },
  });
  entry.request = running;
  close.setAttribute("aria-label", `Cancel the upload of ${file.name}`);
}

function finish(entry, workbook) {
  const { name, state, bar, open, close } = parts(entry);
  name.textContent = workbook.name;
  const sheets = workbook.sheets.length;
  state.textContent = `Stored · ${sheets} sheet${sheets === 1 ? "" : "s"}`;
  bar.hidden = true;
  open.href = workbook.url;
  open.setAttribute("aria-label", `Open ${workbook.name}`);
  open.hidden = false;
  close.setAttribute("aria-label", `Dismiss ${workbook.name}`);
  refresh();
}

function refuse(entry, message) {
  const { state, bar, problem, close, name } = parts(entry);
  entry.classList.add("failed");
  state.textContent = "Not uploaded";
  bar.hidden = true;
  problem.textContent = message;
  problem.hidden = false;
  close.setAttribute("aria-label", `Dismiss ${name.textContent}`);
}

function cancel(entry) {
  const at = waiting.findIndex((item) => item.entry === entry);
  if (at >= 0) waiting.splice(at, 1);
  entry.request?.abort();
  entry.remove();
  area.hidden = list.childElementCount === 0;
}

/** Show the list of workbooks as it is now. */
async function refresh() {
  const response = await fetch(location.href, { credentials: "same-origin" });
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const fresh = page.getElementById("workbooks");
  if (!fresh) return;
  const listing = document.getElementById("workbooks");
  listing.replaceChildren(...document.importNode(fresh, true).childNodes);
  localise(listing);
}

// -- Choosing ---------------------------------------------------------------------------------

document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-upload]")) {
    event.preventDefault();
    chooser.click();
  }
});

chooser.addEventListener("change", () => {
  add(chooser.files);
  chooser.value = "";
});

// -- Dropping -----------------------------------------------------------------------------------

/** Entering a child fires before leaving its parent, so depth tells when the pointer has left the window. */
let depth = 0;

const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");

addEventListener("dragenter", (event) => {
  if (!carriesFiles(event)) return;
  depth += 1;
  target.hidden = false;
});

addEventListener("dragleave", (event) => {
  if (!carriesFiles(event)) return;
  depth -= 1;
  target.hidden = depth <= 0;
});

addEventListener("dragover", (event) => {
  if (carriesFiles(event)) event.preventDefault();
});

addEventListener("drop", (event) => {
  if (!carriesFiles(event)) return;
  event.preventDefault();
  depth = 0;
  target.hidden = true;
  add(event.dataTransfer.files);
});

addEventListener("beforeunload", (event) => {
  if (running) event.preventDefault();
});
