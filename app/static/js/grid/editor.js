/**
 * Typing into cells: the editor over the active cell and the formula bar, which show the same text.
 *
 * The editor's text area has the focus all the time, unseen until something is typed: so the first key already
 * goes through the input method, and the browser's own copy and paste events come to it.
 */

import { measure } from "./measure.js";

const MODES = { off: "off", enter: "enter", edit: "edit" };
const PADDING = 8;

export class Editor extends EventTarget {
  /**
   * Fires `commit` (detail: text, key, back), `cancel`, `start` and `refused` (typing where nothing may be typed).
   * @param {object} parts
   * @param {HTMLTextAreaElement} parts.area the editor over the cells
   * @param {HTMLTextAreaElement} parts.bar the formula bar
   * @param {() => string} parts.input what the active cell's editor shows
   * @param {() => {box: {left: number, top: number, width: number, height: number, right: number, bottom: number}, font: string}} parts.place
   */
  constructor({ area, bar, input, place }) {
    super();
    this.area = area;
    this.bar = bar;
    this.input = input;
    this.place = place;
    this.mode = MODES.off;
    this.readOnly = false;
    this.moving = false;
    this.#listen();
  }

  /** Whether a cell is being edited. */
  get active() {
    return this.mode !== MODES.off;
  }

  /** Whether arrows move the caret rather than leave the cell. */
  get arrowsMoveCaret() {
    return this.mode === MODES.edit;
  }

  /** @param {boolean} readOnly */
  setReadOnly(readOnly) {
    this.readOnly = readOnly;
    this.area.readOnly = readOnly;
    this.bar.readOnly = readOnly;
  }

  /** Whether there are cells to edit at all. @param {boolean} enabled */
  setEnabled(enabled) {
    this.area.disabled = !enabled;
    this.bar.disabled = !enabled;
    if (!enabled) this.bar.value = "";
  }

  /** Takes the focus, without scrolling anything. */
  focus() {
    this.area.focus({ preventScroll: true });
  }

  /** Shows the active cell's input in the bar, and lies in wait over the cell. */
  rest() {
    if (this.active) return;
    this.bar.value = this.input();
    this.#fitBar();
    this.#lay();
  }

  /** Edits what is in the active cell, the caret at its end. @param {boolean} [inBar] */
  edit(inBar = false) {
    if (this.readOnly) {
      this.dispatchEvent(new Event("refused"));
      return;
    }
    if (this.active) {
      this.mode = MODES.edit;
      return;
    }
    const text = this.input();
    this.area.value = text;
    this.bar.value = text;
    this.#begin(MODES.edit);
    if (inBar) return;
    // Touch keyboards stay away until something is to be typed.
    this.area.inputMode = "text";
    this.moving = true;
    this.area.blur();
    this.focus();
    this.moving = false;
    this.area.setSelectionRange(text.length, text.length);
  }

  /**
   * Ends editing and hands the text on.
   * @param {"enter"|"tab"|"none"|"up"|"down"|"left"|"right"} key what ended it
   * @param {boolean} [back] Shift with it
   * @param {Element|null} [to] where the focus goes, if not to the grid
   */
  commit(key, back = false, to = null) {
    if (!this.active) return;
    const text = this.area.value;
    const changed = text !== this.before;
    this.#end(to);
    this.dispatchEvent(new CustomEvent("commit", { detail: { text, changed, key, back } }));
  }

  /** Ends editing and leaves the cell as it was. */
  cancel() {
    if (!this.active) return;
    this.#end(null);
    this.dispatchEvent(new Event("cancel"));
  }

  /** Follows the cell when the grid has moved. */
  follow() {
    this.#lay();
  }

  /** Gives the bar as many lines as its text has while it is typed into, to a limit. */
  #fitBar() {
    const lines = document.activeElement === this.bar ? this.bar.value.split("\n").length : 1;
    this.bar.rows = Math.min(6, lines);
  }

  #listen() {
    this.area.addEventListener("input", () => {
      if (!this.active) this.#begin(MODES.enter);
      this.bar.value = this.area.value;
      this.#fitBar();
      this.#lay();
    });
    this.area.addEventListener("compositionstart", () => {
      if (!this.active) this.#begin(MODES.enter);
      this.#lay();
    });
    this.bar.addEventListener("focus", () => {
      if (!this.active && !this.readOnly) this.edit(true);
      if (this.active) this.mode = MODES.edit;
      this.#fitBar();
    });
    this.bar.addEventListener("input", () => {
      this.area.value = this.bar.value;
      this.#fitBar();
      this.#lay();
    });
    for (const element of [this.area, this.bar]) {
      element.addEventListener("keydown", (event) => this.#key(event));
      element.addEventListener("focusout", ({ relatedTarget }) => this.#left(relatedTarget));
    }
  }

  /** The focus goes elsewhere: what was typed stands, and where it went nowhere it comes back. */
  #left(to) {
    if (this.moving || !document.hasFocus() || to === this.area || to === this.bar) return;
    if (to?.closest("dialog")) return;
    // A click on nothing in particular gives the focus to the body, or to what the skip link leads to.
    const nowhere = !to || to.matches("main");
    this.commit("none", false, nowhere ? null : to);
    if (nowhere && !this.area.disabled) setTimeout(() => this.focus());
  }

  #key(event) {
    if (event.isComposing || !this.active) return;
    const { key, shiftKey } = event;
    if (key === "Escape") this.cancel();
    else if (key === "Enter" && (event.altKey || event.ctrlKey)) this.#newLine(event.target);
    else if (key === "Enter") this.commit("enter", shiftKey);
    else if (key === "Tab") this.commit("tab", shiftKey);
    else if (key === "F2") this.mode = this.arrowsMoveCaret ? MODES.enter : MODES.edit;
    else if (!this.arrowsMoveCaret && key.startsWith("Arrow")) this.commit(key.slice(5).toLowerCase());
    else {
      event.stopImmediatePropagation();
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  #newLine(element) {
    element.setRangeText("\n", element.selectionStart, element.selectionEnd, "end");
    element.dispatchEvent(new Event("input"));
  }

  #begin(mode) {
    this.before = this.input();
    this.mode = mode;
    this.dispatchEvent(new Event("start"));
    this.#lay();
  }

  #end(to) {
    this.mode = MODES.off;
    this.area.value = "";
    this.area.inputMode = "none";
    this.#lay();
    if (!to) this.focus();
  }

  /** Puts the area over the cell, as large as its text needs and the window allows. */
  #lay() {
    const { box, font } = this.place();
    const { style } = this.area;
    this.area.classList.toggle("editing", this.active);
    const left = Math.max(0, Math.min(box.left, box.right - 40));
    const top = Math.max(0, Math.min(box.top, box.bottom - 24));
    let { width, height } = box;
    if (this.active) {
      const lines = this.area.value.split("\n");
      const longest = Math.max(...lines.map((line) => measure(line, font)));
      const room = Math.max(60, box.right - left - 4);
      const needed = longest + PADDING * 2;
      const wraps = needed > room ? Math.ceil(needed / room) : 1;
      width = Math.min(room, Math.max(width, needed));
      height = Math.min(box.bottom - top, Math.max(height, (lines.length - 1 + wraps) * 20 + 4));
      style.font = font;
    }
    style.left = `${left - 1}px`;
    style.top = `${top - 1}px`;
    style.width = `${width + 1}px`;
    style.height = `${height + 1}px`;
  }
}
