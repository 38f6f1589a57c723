/** What a sheet's file says of single cells beside their content: links and notes. */

import { MAX_COLUMNS, covers, parseReference } from "./address.js";

/**
 * @typedef {object} Link
 * @property {string} range
 * @property {string} [target] an address, of any scheme
 * @property {string} [location] a place in the workbook, where there is no target
 * @property {string} [tip]
 */
/** @typedef {{cell: string, author?: string, text: string}} Note */
/** @typedef {{link?: Link, note?: Note}} Annotation */

const OPENED = new Set(["http:", "https:", "mailto:"]);
const SPREAD = 64;

export class Annotations {
  /**
   * @param {Link[]} links
   * @param {Note[]} notes
   */
  constructor(links, notes) {
    /** @type {Map<number, Annotation>} */
    this.cells = new Map();
    /** @type {{range: import("./address.js").Range, link: Link}[]} links on more cells than are worth listing */
    this.wide = [];
    for (const link of links) {
      const range = parseReference(link.range)?.range;
      if (range) this.#link(range, link);
    }
    for (const note of notes) {
      const range = parseReference(note.cell)?.range;
      if (range) this.#on(range.top, range.left).note = note;
    }
  }

  /**
   * What is said of a cell.
   * @param {number} row
   * @param {number} column
   * @returns {Annotation|undefined}
   */
  at(row, column) {
    const own = this.cells.get(row * MAX_COLUMNS + column);
    if (own?.link || !this.wide.length) return own;
    const wide = this.wide.find(({ range }) => covers(range, row, column));
    return wide ? { ...own, link: wide.link } : own;
  }

  #link(range, link) {
    const { top, left, bottom, right } = range;
    if ((bottom - top + 1) * (right - left + 1) > SPREAD) {
      this.wide.push({ range, link });
      return;
    }
    for (let row = top; row <= bottom; row += 1) {
      for (let column = left; column <= right; column += 1) this.#on(row, column).link ??= link;
    }
  }

  #on(row, column) {
    const key = row * MAX_COLUMNS + column;
    if (!this.cells.has(key)) this.cells.set(key, {});
    return this.cells.get(key);
  }
}

/**
 * The address a link may be opened at: files may name any, and only some are safe and of use in a browser.
 * @param {Link} link
 * @returns {string|null}
 */
export function addressOf({ target }) {
  if (!target || !URL.canParse(target)) return null;
  const { protocol, href } = new URL(target);
  return OPENED.has(protocol) ? href : null;
}

/**
 * An annotation in words, for those who hear the page.
 * @param {Annotation} annotation
 * @returns {string}
 */
export function inWords({ link, note }) {
  const words = [];
  if (note) words.push(`Note${note.author ? ` by ${note.author}` : ""}: ${note.text}`);
  if (link) words.push(`Link to ${link.target ?? link.location}`);
  return words.join(". ");
}
