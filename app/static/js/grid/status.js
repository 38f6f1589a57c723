/** The line below the grid: where the selection is, and count, sum and average of its loaded cells. */

import { MAX_COLUMNS, rangeName } from "./address.js";

const NUMBER = new Intl.NumberFormat(undefined, { maximumFractionDigits: 10, maximumSignificantDigits: 15 });
const NOISE = /[\s\u00a0',$€£¥]/g;

export class Status {
  /** @param {HTMLElement} element */
  constructor(element) {
    this.place = element.querySelector("[data-status=place]");
    this.sums = element.querySelector("[data-status=sums]");
    this.loading = element.querySelector("[data-status=loading]");
    this.frame = 0;
  }

  /**
   * Shows where the selection is and what it holds.
   * @param {import("./selection.js").Selection} selection
   * @param {import("./store.js").SheetStore} store
   */
  show(selection, store) {
    this.place.textContent = selection.ranges.map(rangeName).join(", ");
    if (this.frame) return;
    // Summing up a large selection must not hold up the keys that make it.
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.sums.textContent = selection.single ? "" : sumsOf(selection, store);
    });
  }

  /** @param {string} text what is going on, or nothing */
  setLoading(text) {
    if (this.loading.textContent !== text) this.loading.textContent = text;
  }
}

function sumsOf({ ranges }, store) {
  const seen = new Set();
  let [count, sum, numbers] = [0, 0, 0];
  for (const range of ranges) {
    for (const [row, column, cell] of store.within(range)) {
      // Ranges may overlap.
      if (ranges.length > 1) {
        const key = row * MAX_COLUMNS + column;
        if (seen.has(key)) continue;
        seen.add(key);
      }
      count += 1;
      const value = cell.type === "n" ? valueOf(cell) : NaN;
      if (Number.isNaN(value)) continue;
      sum += value;
      numbers += 1;
    }
  }
  const parts = [`Count: ${NUMBER.format(count)}`];
  if (numbers) parts.push(`Sum: ${NUMBER.format(sum)}`, `Average: ${NUMBER.format(sum / numbers)}`);
  return parts.join("   ");
}

/** The number behind a cell: its input where that is a number, else what its text says. */
function valueOf({ input, text }) {
  for (const source of [input, text]) {
    const plain = source.replace(NOISE, "");
    const percent = plain.endsWith("%");
    const negative = /^\(.*\)$/.test(plain);
    const number = plain === "" ? NaN : Number(plain.replace(/[%()]/g, ""));
    if (!Number.isNaN(number)) return (negative ? -number : number) / (percent ? 100 : 1);
  }
  return NaN;
}
