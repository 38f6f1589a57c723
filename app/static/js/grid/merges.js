/** A sheet's merged ranges, found by the rows they touch. */

import { covers, intersection } from "./address.js";

/** @typedef {import("./address.js").Range} Range */

const BUCKET = 64;
const TALL = 64 * BUCKET;

export class Merges {
  /** @param {Range[]} ranges */
  constructor(ranges) {
    /** @type {Map<number, Range[]>} */
    this.buckets = new Map();
    /** @type {Range[]} too tall to be put into every bucket they touch */
    this.tall = [];
    for (const range of ranges) {
      if (range.bottom - range.top >= TALL) {
        this.tall.push(range);
        continue;
      }
      for (let key = Math.floor(range.top / BUCKET); key <= Math.floor(range.bottom / BUCKET); key += 1) {
        const bucket = this.buckets.get(key);
        if (bucket) bucket.push(range);
        else this.buckets.set(key, [range]);
      }
    }
  }

  /**
   * The merges that touch a range.
   * @param {Range} range
   * @returns {Range[]}
   */
  within(range) {
    const found = new Set(this.tall.filter((merge) => intersection(merge, range)));
    for (let key = Math.floor(range.top / BUCKET); key <= Math.floor(range.bottom / BUCKET); key += 1) {
      for (const merge of this.buckets.get(key) ?? []) if (intersection(merge, range)) found.add(merge);
    }
    return [...found];
  }

  /**
   * The merges that touch a row.
   * @param {number} row
   * @returns {Range[]}
   */
  inRow(row) {
    const bucket = this.buckets.get(Math.floor(row / BUCKET)) ?? [];
    if (!bucket.length && !this.tall.length) return bucket;
    return [...bucket, ...this.tall].filter(({ top, bottom }) => row >= top && row <= bottom);
  }

  /**
   * The merge a cell belongs to.
   * @param {number} row
   * @param {number} column
   * @returns {Range|null}
   */
  at(row, column) {
    return this.inRow(row).find((merge) => covers(merge, row, column)) ?? null;
  }

  /**
   * The smallest range that holds `range` and cuts no merge.
   * @param {Range} range
   * @returns {Range}
   */
  whole(range) {
    if (!this.buckets.size && !this.tall.length) return range;
    // A selection of whole columns cuts none that matter, and asking each bucket would take a while.
    if (range.bottom - range.top > TALL * 4) return range;
    let out = range;
    for (;;) {
      const grown = this.within(out).reduce(
        (all, merge) => ({
          top: Math.min(all.top, merge.top),
          left: Math.min(all.left, merge.left),
          bottom: Math.max(all.bottom, merge.bottom),
          right: Math.max(all.right, merge.right),
        }),
        out,
      );
      if (String(Object.values(grown)) === String(Object.values(out))) return out;
      out = grown;
    }
  }
}
