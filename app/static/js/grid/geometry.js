/**
 * One axis of a sheet: sizes of rows or columns ↔ positions in pixels.
 *
 * Almost all rows and columns have the default size, so only runs that differ are kept, with the pixels that
 * the runs before them add or take. A lookup is a binary search over the runs: a million rows cost nothing.
 */

/** @typedef {[first: number, last: number, size: number]} Run inclusive; size 0 is hidden */

export class Axis {
  /**
   * @param {number} count rows or columns there are
   * @param {number} size pixels where nothing else is said
   */
  constructor(count, size) {
    this.count = count;
    this.defaultSize = size;
    /** @type {Run[]} */
    this.runs = [];
    this.extras = [0];
  }

  /** Pixels of the whole axis. */
  get total() {
    return this.offset(this.count);
  }

  /** @param {number} size pixels where nothing else is said */
  setDefault(size) {
    if (size === this.defaultSize) return;
    this.defaultSize = size;
    this.#sum(0);
  }

  /**
   * Replaces the sizes from `first` to `last`; what `runs` leaves out has the default size.
   * @param {number} first
   * @param {number} last
   * @param {Run[]} runs ascending, apart, within first…last
   * @returns {boolean} whether anything changed
   */
  assign(first, last, runs) {
    const from = this.#runEndingAfter(first - 1);
    let to = from;
    while (to < this.runs.length && this.runs[to][0] <= last) to += 1;
    const middle = joined(runs.filter(([, , size]) => size !== this.defaultSize));
    const old = this.runs.slice(from, to);
    const within = old.map(([start, end, size]) => [Math.max(start, first), Math.min(end, last), size]);
    if (String(within) === String(middle)) return false;
    if (old.length && old[0][0] < first) middle.unshift([old[0][0], first - 1, old[0][2]]);
    const tail = old.at(-1);
    if (tail && tail[1] > last) middle.push([last + 1, tail[1], tail[2]]);
    this.runs.splice(from, to - from, ...middle);
    this.#sum(from);
    return true;
  }

  /**
   * Pixels before row or column `index`.
   * @param {number} index
   * @returns {number}
   */
  offset(index) {
    const at = this.#runEndingAfter(index - 1);
    let position = index * this.defaultSize + this.extras[at];
    const run = this.runs[at];
    if (run && run[0] < index) position += (index - run[0]) * (run[2] - this.defaultSize);
    return position;
  }

  /**
   * @param {number} index
   * @returns {number} pixels; 0 is hidden
   */
  size(index) {
    const run = this.runs[this.#runEndingAfter(index - 1)];
    return run && run[0] <= index ? run[2] : this.defaultSize;
  }

  /**
   * The row or column that holds the pixel `position`.
   * @param {number} position
   * @returns {number} within the axis, whatever the position
   */
  indexAt(position) {
    let low = 0;
    let high = this.runs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#start(middle) <= position) low = middle + 1;
      else high = middle;
    }
    const run = this.runs[low - 1];
    let index;
    if (!run) {
      index = Math.floor(position / (this.defaultSize || 1));
    } else {
      const within = position - this.#start(low - 1);
      const length = run[1] - run[0] + 1;
      index =
        within < length * run[2]
          ? run[0] + Math.floor(within / run[2])
          : run[1] + 1 + Math.floor((within - length * run[2]) / (this.defaultSize || 1));
    }
    return Math.max(0, Math.min(this.count - 1, index));
  }

  /**
   * The nearest shown row or column at or after `index` (step 1), or at or before it (step −1).
   * @param {number} index
   * @param {1|-1} step
   * @returns {number} −1 where there is none
   */
  shown(index, step = 1) {
    let at = index;
    while (at >= 0 && at < this.count) {
      const run = this.runs[this.#runEndingAfter(at - 1)];
      if (!run || run[0] > at || run[2] > 0) return at;
      at = step > 0 ? run[1] + 1 : run[0] - 1;
    }
    return -1;
  }

  #start(run) {
    return this.runs[run][0] * this.defaultSize + this.extras[run];
  }

  /** The first run whose last index is greater than `index`. */
  #runEndingAfter(index) {
    let low = 0;
    let high = this.runs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.runs[middle][1] > index) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #sum(from) {
    this.extras.length = this.runs.length + 1;
    for (let at = from; at < this.runs.length; at += 1) {
      const [first, last, size] = this.runs[at];
      this.extras[at + 1] = this.extras[at] + (last - first + 1) * (size - this.defaultSize);
    }
  }
}

/** Neighbouring runs of one size become one. @param {Run[]} runs */
function joined(runs) {
  /** @type {Run[]} */
  const out = [];
  for (const [first, last, size] of runs) {
    const before = out.at(-1);
    if (before && before[1] === first - 1 && before[2] === size) before[1] = last;
    else out.push([first, last, size]);
  }
  return out;
}
