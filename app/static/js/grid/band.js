/**
 * The part of an axis that is shown in one strip of the view: the frozen rows or columns, or the scrolled ones.
 *
 * Positions are pixels from `origin`, which stays near what is shown: browsers place elements exactly only within
 * a few million pixels.
 */

const ORIGIN_REACH = 400_000;

/** @typedef {{index: number, at: number, size: number}} Item a row or column in the band; `at` is from origin */

export class Band {
  /** @param {number} overscan items beyond each edge, so that small moves paint nothing anew */
  constructor(overscan) {
    this.overscan = overscan;
    this.from = 0;
    this.extent = 0;
    this.scroll = 0;
    this.origin = 0;
    /** @type {Item[]} */
    this.items = [];
    this.first = 0;
    this.last = -1;
    /** Counts the changes of `items`, so that a painter knows whether it is up to date. */
    this.version = 0;
  }

  /** The offset that moves the band's layer to where it belongs. */
  get shift() {
    return this.origin - this.scroll;
  }

  /**
   * Shows another stretch of the axis.
   * @param {import("./geometry.js").Axis} axis
   * @param {number} from pixels from the view's edge
   * @param {number} extent pixels in the view
   * @param {number} scroll pixels of the axis before the band
   * @param {[start: number, limit: number]} part the rows or columns that may be in the band
   * @param {boolean} anew whether sizes may have changed
   */
  show(axis, from, extent, scroll, [start, limit], anew) {
    this.from = from;
    this.extent = Math.max(0, extent);
    this.scroll = scroll;
    if (this.extent === 0) {
      if (this.items.length) this.#set([]);
      return;
    }
    const first = axis.indexAt(scroll);
    const last = Math.min(limit - 1, axis.indexAt(scroll + this.extent - 1));
    const far = Math.abs(scroll - this.origin) > ORIGIN_REACH;
    if (!anew && !far && this.items.length && this.first <= first && this.last >= last) {
      if (this.overscan || (this.first === first && this.last === last)) return;
    }
    if (far || !this.items.length) this.origin = scroll;
    const items = [];
    let index = first;
    for (let spare = this.overscan; spare > 0; spare -= 1) {
      const before = axis.shown(index - 1, -1);
      if (before < start) break;
      index = before;
    }
    for (let spare = this.overscan; index >= 0 && index < limit; index = axis.shown(index + 1)) {
      if (index > last) {
        if (spare === 0) break;
        spare -= 1;
      }
      const size = axis.size(index);
      if (size > 0) items.push({ index, at: axis.offset(index) - this.origin, size });
    }
    this.#set(items);
  }

  #set(items) {
    this.items = items;
    this.first = items[0]?.index ?? 0;
    this.last = items.at(-1)?.index ?? -1;
    this.version += 1;
  }
}
