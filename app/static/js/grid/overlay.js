/**
 * Edits that are painted but not yet acknowledged, over what the server gave.
 *
 * Each edit has the sequence number of its operation; a later one hides an earlier one, and `settle` lets go of
 * those that the server has answered, for better or worse.
 */

import { MAX_COLUMNS, covers } from "./address.js";

/** @typedef {import("./cell.js").Cell} Cell */

const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?%?$/;

export class Overlay {
  constructor() {
    /** @type {Map<number, {sequence: number, input: string|null}>} */
    this.cells = new Map();
    /** @type {{sequence: number, range: import("./address.js").Range}[]} */
    this.cleared = [];
  }

  get empty() {
    return this.cells.size === 0 && this.cleared.length === 0;
  }

  /**
   * @param {number} sequence
   * @param {number} row
   * @param {number} column
   * @param {string|null} input what was typed; null clears
   */
  set(sequence, row, column, input) {
    this.cells.set(row * MAX_COLUMNS + column, { sequence, input });
  }

  /**
   * @param {number} sequence
   * @param {import("./address.js").Range} range
   */
  clear(sequence, range) {
    this.cleared.push({ sequence, range });
  }

  /**
   * Lets go of answered edits.
   * @param {(sequence: number) => boolean} answered
   */
  settle(answered) {
    for (const [key, { sequence }] of this.cells) if (answered(sequence)) this.cells.delete(key);
    this.cleared = this.cleared.filter(({ sequence }) => !answered(sequence));
  }

  /**
   * The cell as it will be.
   * @param {number} row
   * @param {number} column
   * @param {Cell|null|undefined} below what the server gave
   * @returns {Cell|null|undefined}
   */
  over(row, column, below) {
    if (this.empty) return below;
    const edit = this.cells.get(row * MAX_COLUMNS + column);
    const after = edit?.sequence ?? -1;
    for (const { sequence, range } of this.cleared) {
      if (sequence > after && covers(range, row, column)) return guess(null, below);
    }
    return edit ? guess(edit.input, below) : below;
  }
}

/** How an input will look until the server has formatted it. @returns {Cell} */
function guess(input, below) {
  const text = input ?? "";
  let type = "s";
  if (text === "") type = "";
  else if (NUMBER.test(text)) type = "n";
  else if (/^(true|false)$/i.test(text)) type = "b";
  const formula = text.startsWith("=");
  const shown = text.startsWith("'") ? text.slice(1) : text;
  return { text: shown, style: below?.style ?? 0, type, input: text, flags: formula ? "fp" : "p" };
}
