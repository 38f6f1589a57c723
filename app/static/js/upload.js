/**
 * Uploading spreadsheets: by button, and by dropping files anywhere on the page.
 *
 * Files are sent one after the other. The first half of a bar is the sending, the second the reading
 * in, which the server reports line by line (application/x-ndjson).
 */

import { localise } from "./time.js";

const UNREACHABLE = "Cellar could not be reached, and nothing was stored. Check your connection and try again.";
const UNEXPECTED = "Cellar gave an answer this page does not understand. Reload the page and look whether the file is there.";

const area = document.getElementById("uploads");
const list = area.querySelector("ul");
const template = area.querySelector("template");
const chooser = document.getElementById("upload-files");
const target = document.getElementById("drop-target");
const limit = Number(area.dataset.limit);
const token = document.querySelector('meta[name="csrf-token"]').content;

/** @type {{file: File, entry: HTMLElement}[]} */
const waiting = [];
/** @type {XMLHttpRequest | null} */
let running = null;

/** @param {number} bytes */
function size(bytes) {
  const units = ["B", "kB", "MB", "GB"];
  let unit = 0;
  while (bytes >= 1000 && unit < units.length - 1) {
    bytes /= 1000;
    unit += 1;
  }
  return `${bytes.toLocaleString(undefined, { maximumFractionDigits: bytes < 10 && unit ? 1 : 0 })} ${units[unit]}`;
}

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
    refuse(entry, `This file has ${size(file.size)}; at most ${size(limit)} can be uploaded.`);
    next();
  } else {
    send(file, entry);
  }
}

function send(file, entry) {
  const { state, bar, close } = parts(entry);
  const request = new XMLHttpRequest();
  const body = new FormData();
  body.append("file", file);
  running = request;
  entry.request = request;

  request.upload.addEventListener("progress", (event) => {
    bar.value = (event.loaded / event.total) * 0.5;
    state.textContent = `Sending ${size(Math.min(event.loaded, file.size))} of ${size(file.size)}`;
  });
  request.upload.addEventListener("load", () => {
    bar.value = 0.5;
    state.textContent = "Reading in…";
  });
  request.addEventListener("progress", () => {
    const { progress } = lastLine(request.responseText) ?? {};
    if (progress === undefined) return;
    bar.value = 0.5 + progress * 0.5;
    state.textContent = `Reading in… ${Math.floor(progress * 100)} %`;
  });
  request.addEventListener("load", () => {
    const answer = lastLine(request.responseText);
    if (answer?.workbook) finish(entry, answer.workbook);
    else refuse(entry, (answer?.problem ?? answer)?.detail ?? UNEXPECTED);
  });
  request.addEventListener("error", () => refuse(entry, UNREACHABLE));
  request.addEventListener("loadend", () => {
    running = null;
    next();
  });

  close.setAttribute("aria-label", `Cancel the upload of ${file.name}`);
  request.open("POST", area.dataset.url);
  request.setRequestHeader("Accept", "application/x-ndjson");
  request.setRequestHeader("X-CSRFToken", token);
  request.send(body);
}

/** The last whole line of what has come in, read as JSON; null where there is none. @param {string} text */
function lastLine(text) {
  for (const line of text.trimEnd().split("\n").reverse()) {
    try {
      return JSON.parse(line);
    } catch {
      // A line still under way; the one before it is whole.
    }
  }
  return null;
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
