/**
 * The scrolled box of the grid: the browser's own scrolling (wheel, touch, scrollbars) in both directions.
 *
 * Only an empty spacer scrolls; the view that lies in it is sticky and painted at the position, so that headers
 * and cells move in the same frame.
 */

import { ScaledScroll } from "./scaling.js";

const WHEEL_MS = 400;
const PAUSE_MS = 160;

export class Scroller extends EventTarget {
  /**
   * Fires `move` when the position has changed, `end` when a step wants to go on past the end.
   * @param {HTMLElement} element the scrolled box
   * @param {HTMLElement} spacer what gives it its length
   */
  constructor(element, spacer) {
    super();
    this.element = element;
    this.spacer = spacer;
    this.x = new ScaledScroll();
    this.y = new ScaledScroll();
    this.dragging = false;
    this.wheeled = -Infinity;
    this.pause = 0;
    element.addEventListener("scroll", () => this.#follow(), { passive: true });
    element.addEventListener("wheel", (event) => this.#wheel(event), { passive: true });
    // The view covers all of the box but its scrollbars.
    element.addEventListener("pointerdown", (event) => {
      this.dragging = event.target === element;
    });
    window.addEventListener("pointerup", () => {
      this.dragging = false;
    });
  }

  /**
   * @param {{length: number, window: number, before: number}} x pixels of the sheet, seen of it, and not scrolled
   * @param {{length: number, window: number, before: number}} y
   */
  resize(x, y) {
    this.x.resize(x.length, x.window);
    this.y.resize(y.length, y.window);
    const { style } = this.spacer;
    style.width = `${x.before + this.x.boxLength}px`;
    style.height = `${y.before + this.y.boxLength}px`;
    this.#step();
  }

  /**
   * Goes to a position of the sheet.
   * @param {number} x
   * @param {number} y
   */
  go(x, y) {
    if (this.x.position === x && this.y.position === y) return;
    this.x.go(x);
    this.y.go(y);
    this.#step();
    this.dispatchEvent(new Event("move"));
  }

  /** Brings the box to where the sheet is. */
  #step() {
    this.element.scrollLeft = this.x.go(this.x.position);
    this.element.scrollTop = this.y.go(this.y.position);
    // Browsers round to device pixels and cut off at the box's end.
    this.x.native = this.element.scrollLeft;
    this.y.native = this.element.scrollTop;
  }

  #follow() {
    const { scrollLeft, scrollTop } = this.element;
    const wheeled = performance.now() - this.wheeled < WHEEL_MS;
    const step = (axis, native) => !this.dragging && (wheeled || Math.abs(native - axis.native) <= axis.window);
    const before = [this.x.position, this.y.position];
    this.x.follow(scrollLeft, step(this.x, scrollLeft));
    this.y.follow(scrollTop, step(this.y, scrollTop));
    clearTimeout(this.pause);
    if (this.x.scaled || this.y.scaled) this.pause = setTimeout(() => this.#paused(), PAUSE_MS);
    if (before[0] !== this.x.position || before[1] !== this.y.position) this.dispatchEvent(new Event("move"));
  }

  #paused() {
    if (!this.dragging) this.#step();
  }

  #wheel(event) {
    this.wheeled = performance.now();
    if (event.deltaY > 0 && this.y.position >= this.y.end - 1) this.dispatchEvent(new Event("end"));
  }
}
