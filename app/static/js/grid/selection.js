/**
 * What is selected on a sheet: one or more ranges, and the active cell in the last of them.
 */

import { MAX_COLUMNS, MAX_ROWS, covers } from "./address.js";

/** @typedef {import("./address.js").Range} Range */

const MOST_HIDDEN = 100_000;

export class Selection extends EventTarget {
  /**
   * Fires `change`.
   * @param {object} sheet
   * @param {import("./geometry.js").Axis} sheet.rows
   * @param {import("./geometry.js").Axis} sheet.columns
   * @param {import("./merges.js").Merges} sheet.merges
   */
  constructor({ rows, columns, merges }) {
    super();
    this.rows = rows;
    this.columns = columns;
    this.merges = merges;
    this.row = 0;
    this.column = 0;
    /** The corner of the last range that moves when it is extended. */
    this.end = { row: 0, column: 0 };
    /** @type {Range[]} */
    this.ranges = [this.#between(0, 0, 0, 0)];
    /** Where a run of Tabs began: Enter goes back below it. */
    this.tabbedFrom = null;
    this.version = 0;
  }

  /** The range that the next action is about. */
  get range() {
    return this.ranges.at(-1);
  }

  /** Whether there is one range of one cell (or one merge). */
  get single() {
    const whole = this.#between(this.row, this.column, this.row, this.column);
    return this.ranges.length === 1 && same(this.range, whole);
  }

  /**
   * The sheet's merges are others now: what is selected cuts none of them.
   * @param {import("./merges.js").Merges} merges
   */
  fit(merges) {
    this.merges = merges;
    this.ranges = this.ranges.map((range) => merges.whole(range));
    const merge = merges.at(this.row, this.column);
    if (merge) [this.row, this.column] = [merge.top, merge.left];
    this.version += 1;
  }

  /**
   * Selects one cell.
   * @param {number} row
   * @param {number} column
   * @param {boolean} [add] keeps the ranges there are
   */
  select(row, column, add = false) {
    const merge = this.merges.at(row, column);
    this.row = merge?.top ?? row;
    this.column = merge?.left ?? column;
    this.end = { row: this.row, column: this.column };
    this.tabbedFrom = null;
    this.#put(this.#between(this.row, this.column, this.row, this.column), add);
  }

  /**
   * Extends the last range from the active cell to a cell.
   * @param {number} row
   * @param {number} column
   */
  extend(row, column) {
    this.end = { row: limit(row, MAX_ROWS), column: limit(column, MAX_COLUMNS) };
    const whole = this.#between(this.row, this.column, this.end.row, this.end.column);
    this.ranges = [...this.ranges.slice(0, -1), whole];
    this.#changed();
  }

  /**
   * Selects a range, its first cell being active.
   * @param {Range} range
   * @param {boolean} [add]
   */
  selectRange(range, add = false) {
    if (range.top === range.bottom && range.left === range.right) {
      this.select(range.top, range.left, add);
      return;
    }
    this.row = this.rows.shown(range.top) < 0 ? range.top : this.rows.shown(range.top);
    this.column = this.columns.shown(range.left) < 0 ? range.left : this.columns.shown(range.left);
    this.end = { row: range.bottom, column: range.right };
    this.tabbedFrom = null;
    this.#put(this.merges.whole(range), add);
  }

  /**
   * Selects whole rows.
   * @param {number} row
   * @param {{extend?: boolean, add?: boolean}} [how]
   */
  selectRows(row, { extend = false, add = false } = {}) {
    const from = extend ? this.row : row;
    if (!extend) [this.row, this.column] = [row, 0];
    this.end = { row, column: MAX_COLUMNS - 1 };
    const range = { top: Math.min(from, row), left: 0, bottom: Math.max(from, row), right: MAX_COLUMNS - 1 };
    this.#put(range, add && !extend, extend);
  }

  /**
   * Selects whole columns.
   * @param {number} column
   * @param {{extend?: boolean, add?: boolean}} [how]
   */
  selectColumns(column, { extend = false, add = false } = {}) {
    const from = extend ? this.column : column;
    if (!extend) [this.row, this.column] = [0, column];
    this.end = { row: MAX_ROWS - 1, column };
    const range = { top: 0, left: Math.min(from, column), bottom: MAX_ROWS - 1, right: Math.max(from, column) };
    this.#put(range, add && !extend, extend);
  }

  /** Selects the whole sheet; the active cell stays. */
  selectAll() {
    this.end = { row: MAX_ROWS - 1, column: MAX_COLUMNS - 1 };
    this.#put({ top: 0, left: 0, bottom: MAX_ROWS - 1, right: MAX_COLUMNS - 1 }, false);
  }

  /**
   * The cell that lies so many shown rows and columns from another, past a merge where one is left.
   * @param {{row: number, column: number}} from
   * @param {number} down
   * @param {number} across
   * @returns {{row: number, column: number}}
   */
  beside(from, down, across) {
    const merge = this.merges.at(from.row, from.column);
    const row = (down > 0 ? merge?.bottom : merge?.top) ?? from.row;
    const column = (across > 0 ? merge?.right : merge?.left) ?? from.column;
    return {
      row: down ? along(this.rows, row, down, MAX_ROWS) : from.row,
      column: across ? along(this.columns, column, across, MAX_COLUMNS) : from.column,
    };
  }

  /**
   * Moves the active cell as Tab and Enter do: within the selected ranges where there is more than one cell.
   * @param {"tab"|"enter"} key
   * @param {1|-1} step
   */
  step(key, step) {
    if (!this.single) {
      this.#cycle(key, step);
      return;
    }
    const { row, column, tabbedFrom } = this;
    if (key === "tab") {
      const next = this.beside({ row, column }, 0, step);
      this.select(next.row, next.column);
      this.tabbedFrom = tabbedFrom ?? column;
    } else {
      const next = this.beside({ row, column }, step, 0);
      this.select(next.row, step > 0 ? (tabbedFrom ?? next.column) : next.column);
    }
  }

  /**
   * How the selection touches a row, as its header shows it.
   * @param {number} row
   * @returns {"whole"|"in"|""}
   */
  touchesRow(row) {
    const touching = this.ranges.filter(({ top, bottom }) => row >= top && row <= bottom);
    if (!touching.length) return "";
    return touching.some(({ left, right }) => left === 0 && right === MAX_COLUMNS - 1) ? "whole" : "in";
  }

  /**
   * How the selection touches a column, as its header shows it.
   * @param {number} column
   * @returns {"whole"|"in"|""}
   */
  touchesColumn(column) {
    const touching = this.ranges.filter(({ left, right }) => column >= left && column <= right);
    if (!touching.length) return "";
    return touching.some(({ top, bottom }) => top === 0 && bottom === MAX_ROWS - 1) ? "whole" : "in";
  }

  #cycle(key, step) {
    // Hidden cells are passed over; a selection of nothing but hidden cells stays where it is.
    for (let tries = 0; tries < MOST_HIDDEN; tries += 1) {
      this.#cycleOnce(key, step);
      if (this.rows.size(this.row) > 0 && this.columns.size(this.column) > 0) break;
    }
    this.#changed();
  }

  #cycleOnce(key, step) {
    const at = this.ranges.findLastIndex((range) => covers(range, this.row, this.column));
    let index = at < 0 ? this.ranges.length - 1 : at;
    let { top, left, bottom, right } = this.ranges[index];
    const [main, cross] = key === "tab" ? ["column", "row"] : ["row", "column"];
    const place = { row: this.row, column: this.column };
    place[main] += step;
    const out = (range, axis) =>
      axis === "row" ? place.row < range.top || place.row > range.bottom : place.column < range.left || place.column > range.right;
    if (out(this.ranges[index], main)) {
      place[cross] += step;
      if (out(this.ranges[index], cross)) {
        index = (index + step + this.ranges.length) % this.ranges.length;
        ({ top, left, bottom, right } = this.ranges[index]);
        place[cross] = step > 0 ? { row: top, column: left }[cross] : { row: bottom, column: right }[cross];
      }
      place[main] = step > 0 ? { row: top, column: left }[main] : { row: bottom, column: right }[main];
    }
    this.row = place.row;
    this.column = place.column;
  }

  #between(row, column, otherRow, otherColumn) {
    return this.merges.whole({
      top: Math.min(row, otherRow),
      left: Math.min(column, otherColumn),
      bottom: Math.max(row, otherRow),
      right: Math.max(column, otherColumn),
    });
  }

  #put(range, add, replace = false) {
    if (add) this.ranges = [...this.ranges, range];
    else if (replace) this.ranges = [...this.ranges.slice(0, -1), range];
    else this.ranges = [range];
    this.#changed();
  }

  #changed() {
    this.version += 1;
    this.dispatchEvent(new Event("change"));
  }
}

function along(axis, from, by, most) {
  const step = Math.sign(by);
  let at = from;
  for (let left = Math.abs(by); left > 0; left -= 1) {
    const next = at + step;
    if (next < 0 || next >= most) break;
    // Beyond the rows or columns that the grid reaches so far all are shown.
    const shown = next >= axis.count ? next : axis.shown(next, step);
    if (shown < 0) break;
    at = shown;
  }
  return at;
}

function limit(index, most) {
  return Math.max(0, Math.min(most - 1, index));
}

function same(one, other) {
  return (
    one.top === other.top && one.left === other.left && one.bottom === other.bottom && one.right === other.right
  );
}
