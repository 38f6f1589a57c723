/**
 * Calls to the JSON API of one workbook.
 *
 * Every call gives the answer's object, or throws `Problem` (the server refused, with its reason), `Unreachable`
 * (no answer, or one that asks to come again) or the browser's AbortError.
 */

/** The server's refusal: RFC 9457's members, and what else it says in `extras`. */
export class Problem extends Error {
  /** @param {{type?: string, title?: string, status: number, detail?: string}} body */
  constructor({ type = "about:blank", title = "", status, detail, ...extras }) {
    super(detail || title || `The server answered ${status}.`);
    this.name = "Problem";
    this.kind = type.split("/").pop();
    this.status = status;
    this.extras = extras;
  }
}

/** The server could not be asked, or is busy: the same call may be made again. */
export class Unreachable extends Error {
  constructor(message = "The server cannot be reached.") {
    super(message);
    this.name = "Unreachable";
  }
}

const COME_AGAIN = new Set([408, 425, 429, 502, 503, 504]);

export class Api {
  /** @param {string} workbook its id */
  constructor(workbook) {
    this.root = `/api/v1/workbooks/${encodeURIComponent(workbook)}`;
  }

  /** The workbook with its head and sheets. @param {AbortSignal} [signal] */
  workbook(signal) {
    return request("GET", this.root, { signal });
  }

  /** One revision with its sheets. @param {number} number */
  revision(number) {
    return request("GET", `${this.root}/revisions/${number}`);
  }

  /**
   * A sheet's size, column widths, merges and frozen panes.
   * @param {number} revision
   * @param {number} sheet
   */
  layout(revision, sheet) {
    return request("GET", `${this.root}/revisions/${revision}/sheets/${sheet}/layout`);
  }

  /**
   * A window of a sheet's rows.
   * @param {number} revision
   * @param {number} sheet
   * @param {import("./address.js").Range} range
   * @param {AbortSignal} [signal]
   */
  rows(revision, sheet, { top, left, bottom, right }, signal) {
    const query = new URLSearchParams({
      start: top,
      count: bottom - top + 1,
      first_column: left,
      columns: right - left + 1,
    });
    return request("GET", `${this.root}/revisions/${revision}/sheets/${sheet}/rows?${query}`, { signal });
  }

  /** Saves operations as a revision. @param {{base: number, key: string, operations: object[]}} body */
  commit(body) {
    return request("POST", `${this.root}/revisions`, { body });
  }

  /** Undoes what one revision changed. @param {{revision: number, key: string}} body */
  revert(body) {
    return request("POST", `${this.root}/revert`, { body });
  }
}

async function request(method, url, { body, signal } = {}) {
  const headers = { Accept: "application/json" };
  if (body) {
    headers["Content-Type"] = "application/json";
    headers["X-CSRFToken"] = document.querySelector('meta[name="csrf-token"]')?.content ?? "";
  }
  let response;
  try {
    response = await fetch(url, { method, headers, signal, body: body && JSON.stringify(body) });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Unreachable();
  }
  if (COME_AGAIN.has(response.status)) throw new Unreachable("The server is busy.");
  let answer;
  try {
    answer = await response.json();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    // A connection lost in mid-answer looks the same as an answer that is not JSON.
    if (response.ok) throw new Unreachable();
    answer = {};
  }
  if (!response.ok) throw new Problem({ ...answer, status: response.status });
  return answer;
}
