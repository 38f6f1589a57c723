/**
 * The form that uploads a new version of a workbook, in its dialog or on its page: it shows how far the file is,
 * and says what stands in the way. Without this script the form is sent as forms are.
 */

import { keepMessage } from "./toasts.js";
import { tooLarge, transfer } from "./transfer.js";

document.addEventListener(
  "submit",
  (event) => {
    const form = event.target.closest?.("form[data-new-version]");
    if (!form || event.submitter?.formNoValidate) return;
    event.preventDefault();
    if (!("sending" in form.dataset)) send(form);
  },
  true, // before a dialog sends the form in its own way
);

/** @param {HTMLFormElement} form */
function send(form) {
  const { file, base, key, message } = form.elements;
  const bar = form.querySelector("[data-progress]");
  if (file.files[0].size > Number(form.dataset.limit)) {
    refuse(form, { detail: tooLarge(file.files[0], Number(form.dataset.limit)) });
    return;
  }
  form.querySelector("[data-problem]").hidden = true;
  form.dataset.sending = "";
  bar.hidden = false;
  const fields = { base: base.value, key: key.value, message: message.value, file: file.files[0] };
  const request = transfer(form.dataset.api, fields, {
    progress(value, text) {
      bar.querySelector("progress").value = value;
      bar.querySelector("[role=status]").textContent = text;
    },
    done(workbook) {
      if (workbook.made) keepMessage(`The file is revision ${workbook.number} now.`);
      else keepMessage("The workbook already holds what the file says.", "info");
      location.assign(workbook.url);
    },
    refused: (problem) => refuse(form, problem),
    ended() {
      delete form.dataset.sending;
      bar.hidden = true;
    },
  });
  form.closest("dialog")?.addEventListener("close", () => request.abort());
}

/**
 * @param {HTMLFormElement} form
 * @param {{type?: string, detail: string, head?: number}} problem
 */
function refuse(form, problem) {
  // To replace what others did is a choice, made by uploading again.
  if (problem.type === "head-moved") form.elements.base.value = problem.head;
  const place = form.querySelector("[data-problem]");
  place.hidden = false;
  place.querySelector("p").textContent = problem.detail;
}
