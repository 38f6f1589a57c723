/**
 * A file on its way to the server: the first half of the progress is the sending, the second the reading in,
 * which the server reports line by line (application/x-ndjson).
 */

const UNREACHABLE = "Cellar could not be reached, and nothing was stored. Check your connection and try again.";
const UNEXPECTED = "Cellar gave an answer this page does not understand. Reload the page and look whether the file is there.";

/**
 * @typedef {object} Listener
 * @property {(value: number, text: string) => void} progress from 0 to 1, and in words
 * @property {(workbook: object) => void} done what the file became
 * @property {(problem: {type?: string, detail: string}) => void} refused why it became nothing
 * @property {() => void} [ended] after either, and when it was cancelled
 */

/**
 * Send a file with further fields.
 * @param {string} url
 * @param {{file: File} & Record<string, string | File>} fields
 * @param {Listener} listener
 * @returns {XMLHttpRequest} to cancel it
 */
export function transfer(url, fields, listener) {
  const request = new XMLHttpRequest();
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.append(name, value);
  const total = fields.file.size;

  request.upload.addEventListener("progress", (event) => {
    const sent = size(Math.min(event.loaded, total));
    listener.progress((event.loaded / event.total) * 0.5, `Sending ${sent} of ${size(total)}`);
  });
  request.upload.addEventListener("load", () => listener.progress(0.5, "Reading in…"));
  request.addEventListener("progress", () => {
    const { progress } = lastLine(request.responseText) ?? {};
    if (progress === undefined) return;
    listener.progress(0.5 + progress * 0.5, `Reading in… ${Math.floor(progress * 100)} %`);
  });
  request.addEventListener("load", () => {
    const answer = lastLine(request.responseText);
    if (answer?.workbook) {
      listener.done(answer.workbook);
    } else {
      const problem = answer?.problem ?? answer;
      listener.refused(problem?.detail ? problem : { detail: UNEXPECTED });
    }
  });
  request.addEventListener("error", () => listener.refused({ detail: UNREACHABLE }));
  request.addEventListener("loadend", () => listener.ended?.());

  request.open("POST", url);
  request.setRequestHeader("Accept", "application/x-ndjson");
  request.setRequestHeader("X-CSRFToken", document.querySelector('meta[name="csrf-token"]').content);
  request.send(body);
  return request;
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

/** A number of bytes in words. @param {number} bytes */
export function size(bytes) {
  const units = ["B", "kB", "MB", "GB"];
  let unit = 0;
  while (bytes >= 1000 && unit < units.length - 1) {
    bytes /= 1000;
    unit += 1;
  }
  return `${bytes.toLocaleString(undefined, { maximumFractionDigits: bytes < 10 && unit ? 1 : 0 })} ${units[unit]}`;
}

/** Why a file is not sent. @param {File} file @param {number} limit in bytes */
export const tooLarge = (file, limit) =>
  `This file has ${size(file.size)}; at most ${size(limit)} can be uploaded.`;
