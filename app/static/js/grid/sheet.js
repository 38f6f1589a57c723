/** One sheet that is or was open on the page: its cells, sizes, selection, and where it is scrolled to. */

import { intersection, parseReference } from "./address.js";
import { Axis } from "./geometry.js";
import { Merges } from "./merges.js";
import { Selection } from "./selection.js";
import { SheetStore } from "./store.js";

const FIRST_SEEN = { top: 0, left: 0, bottom: 50, right: 25 };
const DEFAULT = { width: 84, height: 22 };

export class Sheet {
  /**
   * @param {object} what
   * @param {import("./api.js").Api} what.api
   * @param {import("./tabs.js").Sheet} what.facts
   * @param {number} what.revision
   * @param {import("./styles.js").CellStyles} what.styles
   */
  constructor({ api, facts, revision, styles }) {
    this.api = api;
    this.id = facts.id;
    this.styles = styles;
    this.used = { rows: facts.rows ?? 0, columns: facts.columns ?? 0 };
    this.store = new SheetStore({ api, sheet: facts.id, revision, styles });
    this.rows = new Axis(this.used.rows, DEFAULT.height);
    this.columns = new Axis(this.used.columns, DEFAULT.width);
    this.merges = new Merges([]);
    this.freeze = { rows: 0, columns: 0 };
    this.gridlines = true;
    this.selection = new Selection(this);
    this.position = { x: 0, y: 0 };
    /** The revision whose layout is known. */
    this.laidOut = 0;
  }

  /**
   * Fetches the layout of the store's revision, unless it is known.
   * @returns {Promise<boolean>} whether something changed
   */
  async layOut() {
    const { revision } = this.store;
    if (this.laidOut === revision) return false;
    // The first cells need not wait for the layout.
    if (!this.laidOut) this.store.want([FIRST_SEEN], []);
    const layout = await this.api.layout(revision, this.id);
    if (this.store.revision !== revision) return this.layOut();
    const text = JSON.stringify({ ...layout, rows: 0, columns: 0 });
    this.laidOut = revision;
    this.reach(layout.rows - 1, layout.columns - 1);
    if (this.layout === text) return false;
    this.layout = text;
    this.#apply(layout);
    return true;
  }

  /** The sheet holds cells as far as this one. @param {number} row @param {number} column */
  reach(row, column) {
    this.used.rows = Math.max(this.used.rows, row + 1);
    this.used.columns = Math.max(this.used.columns, column + 1);
    this.rows.count = Math.max(this.rows.count, this.used.rows);
    this.columns.count = Math.max(this.columns.count, this.used.columns);
  }

  /**
   * A range cut down to what the sheet holds.
   * @param {import("./address.js").Range} range
   * @returns {import("./address.js").Range|null}
   */
  usedPart(range) {
    const { rows, columns } = this.used;
    return intersection(range, { top: 0, left: 0, bottom: rows - 1, right: columns - 1 });
  }

  /**
   * Takes in row heights that came with a window.
   * @param {import("./address.js").Range} range
   * @param {Map<number, number|null>} heights of the rows that are told about; null is the default
   * @returns {boolean} whether something changed
   */
  setHeights({ top, bottom }, heights) {
    const runs = [];
    for (let row = top; row <= bottom; row += 1) {
      const told = heights.get(row);
      runs.push([row, row, told === undefined ? this.rows.size(row) : (told ?? this.rows.defaultSize)]);
    }
    return this.rows.assign(top, bottom, runs);
  }

  #apply({ default_width, default_height, widths = [], heights = [], merges = [], freeze, gridlines }) {
    if (default_width) this.columns.setDefault(default_width);
    if (default_height) this.rows.setDefault(default_height);
    const sizes = (runs) => runs.map(([first, last, size, hidden]) => [first, last, hidden ? 0 : size]);
    const end = Number.MAX_SAFE_INTEGER;
    this.columns.assign(0, end, sizes(widths));
    if (heights.length) this.rows.assign(0, end, sizes(heights));
    this.merges = new Merges(merges.map((name) => parseReference(name).range));
    this.selection.fit(this.merges);
    this.freeze = { rows: freeze?.rows ?? 0, columns: freeze?.columns ?? 0 };
    this.gridlines = gridlines ?? true;
  }
}
