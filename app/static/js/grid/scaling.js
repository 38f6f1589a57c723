/**
 * Scaled scrolling of one axis: the browser's scroll position ↔ the sheet's.
 *
 * Browsers stop painting, or lose precision, far below the 20 million pixels of a million rows, so the scrolled
 * box is never longer than `LONGEST`. Where the sheet is longer, the middle of the box is scaled and both ends
 * are not, so that they can always be reached in single steps. Small steps (wheel, touch, keys) move the sheet
 * 1:1 anywhere; the box is brought back into step with the sheet when scrolling pauses.
 */

export const LONGEST = 4_000_000;
const EDGE = 200_000;

export class ScaledScroll {
  constructor() {
    this.position = 0;
    this.native = 0;
    this.length = 0;
    this.window = 0;
  }

  /** Pixels the scrolled box must have. */
  get boxLength() {
    return Math.min(this.length, LONGEST);
  }

  /** The furthest position. */
  get end() {
    return Math.max(0, this.length - this.window);
  }

  /** Whether box and sheet differ. */
  get scaled() {
    return this.length > LONGEST;
  }

  /**
   * @param {number} length pixels of what is scrolled
   * @param {number} window pixels of it that are seen
   */
  resize(length, window) {
    this.length = length;
    this.window = window;
    this.position = Math.min(this.position, this.end);
  }

  /**
   * The browser scrolled: moves the position.
   * @param {number} native the box's new scroll position
   * @param {boolean} step whether this is a step (1:1) rather than a drag of the scrollbar
   */
  follow(native, step) {
    const by = native - this.native;
    this.native = native;
    if (Math.abs(by) < 0.01) return;
    if (!this.scaled) this.position = native;
    else this.position = step ? this.position + by : this.#toPosition(native);
    this.position = Math.max(0, Math.min(this.end, this.position));
  }

  /**
   * Goes to a position of the sheet.
   * @param {number} position
   * @returns {number} the scroll position that the box must get
   */
  go(position) {
    this.position = Math.max(0, Math.min(this.end, position));
    this.native = this.inStep;
    return this.native;
  }

  /** The box's scroll position that belongs to the sheet's. */
  get inStep() {
    if (!this.scaled) return this.position;
    const box = LONGEST - this.window;
    const edge = Math.min(EDGE, box / 4);
    if (this.position <= edge) return this.position;
    if (this.position >= this.end - edge) return box - (this.end - this.position);
    return edge + ((this.position - edge) * (box - 2 * edge)) / (this.end - 2 * edge);
  }

  #toPosition(native) {
    const box = LONGEST - this.window;
    const edge = Math.min(EDGE, box / 4);
    if (native <= edge) return native;
    if (native >= box - edge) return this.end - (box - native);
    return edge + ((native - edge) * (this.end - 2 * edge)) / (box - 2 * edge);
  }
}
