/**
 * The grid as it is seen: bands, panes, heads and marks of one sheet at the scrolled position.
 *
 * Everything is painted once a frame, from `invalidate` and `repaint`; nothing reads a layout back while painting.
 */

import { MAX_COLUMNS, MAX_ROWS } from "./address.js";
import { Band } from "./band.js";
import { Heads } from "./heads.js";
import { paintMarks } from "./marks.js";
import { Pane } from "./pane.js";
import { Scroller } from "./scroller.js";
import { TILE_COLUMNS, TILE_ROWS } from "./tiles.js";

/** @typedef {import("./sheet.js").Sheet} SheetScene */

const HEAD_HEIGHT = 24;
const DIGIT = 8;
const COLUMN_OVERSCAN = 3;
const MOST_FROZEN = 0.7;
const HASTE = 4;
const HASTE_MS = 70;
/** Rows and columns that are shown beyond the sheet's last, at least. */
const SPARE = { rows: 100, columns: 6, leastRows: 200, leastColumns: 26 };

export class View extends EventTarget {
  /**
   * Fires `shown` after each painting.
   * @param {HTMLElement} root an empty element
   */
  constructor(root) {
    super();
    this.root = root;
    const box = child(root, "scrolled");
    box.tabIndex = -1;
    const spacer = child(box, "spacer");
    this.window = child(spacer, "window");
    this.grid = child(this.window, "cells");
    this.grid.id = "grid-cells";
    this.grid.setAttribute("role", "grid");
    this.scroller = new Scroller(box, spacer);
    this.rowBands = [new Band(0), new Band(0)];
    this.columnBands = [new Band(0), new Band(COLUMN_OVERSCAN)];
    this.panes = [0, 1].flatMap((row) => [0, 1].map((column) => ({ row, column, pane: new Pane(this.grid) })));
    this.columnHeads = [0, 1].map(() => new Heads(this.window, false));
    this.rowHeads = [0, 1].map(() => new Heads(this.window, true));
    this.corner = child(this.window, "corner");
    this.corner.setAttribute("aria-hidden", "true");
    /** @type {SheetScene|null} */
    this.scene = null;
    /** @type {import("./address.js").Range|null} */
    this.lifted = null;
    this.width = 0;
    this.height = 0;
    this.headWidth = 0;
    this.frame = 0;
    this.dirty = new Set();
    this.allDirty = true;
    this.resized = true;
    this.frozen = { rows: 0, columns: 0 };
    this.last = { x: 0, y: 0, down: 1, across: 1 };
    this.haste = 0;
    this.scroller.addEventListener("move", () => this.invalidate());
    this.scroller.addEventListener("end", () => this.extend(this.scene.rows.count + SPARE.rows, 0));
    new ResizeObserver(([{ contentRect }]) => {
      this.width = contentRect.width;
      this.height = contentRect.height;
      this.resized = true;
      this.#paint();
    }).observe(box);
  }

  /**
   * Shows a sheet.
   * @param {SheetScene} scene
   * @param {{x: number, y: number}} position
   */
  show(scene, position) {
    this.scene = scene;
    this.lifted = null;
    const { rows, columns } = scene.used;
    this.extend(Math.max(SPARE.leastRows, rows + SPARE.rows), Math.max(SPARE.leastColumns, columns + SPARE.columns));
    this.grid.setAttribute("aria-rowcount", MAX_ROWS);
    this.grid.setAttribute("aria-colcount", MAX_COLUMNS);
    this.#measure();
    this.scroller.go(position.x, position.y);
    this.repaint();
  }

  /** The scrolled position. */
  get position() {
    return { x: this.scroller.x.position, y: this.scroller.y.position };
  }

  /**
   * Lets the grid reach at least so many rows and columns.
   * @param {number} rows
   * @param {number} columns
   */
  extend(rows, columns) {
    const { rows: down, columns: across } = this.scene;
    const before = [down.count, across.count];
    down.count = Math.min(MAX_ROWS, Math.max(down.count, rows));
    across.count = Math.min(MAX_COLUMNS, Math.max(across.count, columns));
    if (before[0] === down.count && before[1] === across.count) return;
    this.resized = true;
    this.invalidate();
  }

  /** Paints in the next frame what has moved, and the rows given. @param {number[]} [rows] */
  invalidate(rows = []) {
    for (const row of rows) this.dirty.add(row);
    if (!this.frame) this.frame = requestAnimationFrame(() => this.#paint());
  }

  /** Paints all anew in the next frame. */
  repaint() {
    this.allDirty = true;
    this.invalidate();
  }

  /**
   * Does something that may change the rows' sizes, keeping what is seen where it is.
   * @param {() => boolean} change says whether it did
   */
  keepPlace(change) {
    const { rows } = this.scene;
    const before = rows.offset(this.frozen.rows) + this.scroller.y.position;
    const top = rows.indexAt(before);
    const within = before - rows.offset(top);
    if (!change()) return;
    this.resized = true;
    this.#measure();
    this.scroller.go(this.scroller.x.position, rows.offset(top) + within - rows.offset(this.frozen.rows));
    this.repaint();
  }

  /**
   * Scrolls as little as it takes to show a cell.
   * @param {number} row
   * @param {number} column
   * @param {boolean} [leap] shows what lies around it too where it was out of sight
   */
  reveal(row, column, leap = false) {
    this.extend(row + 1 + SPARE.rows / 2, column + 1 + SPARE.columns / 2);
    this.#measure();
    const { rows, columns } = this.scene;
    const y = nearest(rows, row, this.frozen.rows, this.scroller.y, leap);
    const x = nearest(columns, column, this.frozen.columns, this.scroller.x, leap);
    this.scroller.go(x, y);
    this.invalidate();
  }

  /** How many whole rows and columns are seen. */
  get page() {
    const [, rows] = this.rowBands;
    return Math.max(1, Math.floor(rows.extent / this.scene.rows.defaultSize) - 1);
  }

  /**
   * What lies at a place on the screen.
   * @param {number} clientX
   * @param {number} clientY
   * @returns {{area: "cell"|"row"|"column"|"corner", row: number, column: number}} the nearest cell where beyond
   */
  hit(clientX, clientY) {
    const { left, top } = this.window.getBoundingClientRect();
    const [x, y] = [clientX - left, clientY - top];
    const row = indexIn(this.scene.rows, this.rowBands, Math.min(y, this.height - 1));
    const column = indexIn(this.scene.columns, this.columnBands, Math.min(x, this.width - 1));
    if (x < this.headWidth && y < HEAD_HEIGHT) return { area: "corner", row, column };
    if (x < this.headWidth) return { area: "row", row, column };
    return { area: y < HEAD_HEIGHT ? "column" : "cell", row, column };
  }

  /**
   * Where a range lies in the window, in pixels, and the room there is.
   * @param {import("./address.js").Range} range
   * @returns {{left: number, top: number, width: number, height: number, right: number, bottom: number}}
   */
  box(range) {
    const { rows, columns } = this.scene;
    const column = this.columnBands[range.left < this.frozen.columns ? 0 : 1];
    const row = this.rowBands[range.top < this.frozen.rows ? 0 : 1];
    const left = columns.offset(range.left) - column.scroll + column.from;
    const top = rows.offset(range.top) - row.scroll + row.from;
    return {
      left,
      top,
      width: columns.offset(range.right + 1) - columns.offset(range.left),
      height: rows.offset(range.bottom + 1) - rows.offset(range.top),
      right: this.width,
      bottom: this.height,
    };
  }

  /** The rows and columns that are scrolled into view. @returns {import("./address.js").Range} */
  get seen() {
    const [rows, columns] = [this.rowBands[1], this.columnBands[1]];
    return { top: rows.first, left: columns.first, bottom: rows.last, right: columns.last };
  }

  /** Sizes of the parts, from the sheet's sizes and the window's. */
  #measure() {
    const { rows, columns, freeze } = this.scene;
    this.headWidth = Math.max(40, 14 + DIGIT * String(rows.count).length);
    // Frozen panes that leave no room to scroll in would lock the sheet: then they scroll with the rest.
    const fits = (size, all) => size <= all * MOST_FROZEN;
    const frozenRows = fits(rows.offset(freeze.rows), this.height - HEAD_HEIGHT) ? freeze.rows : 0;
    const frozenColumns = fits(columns.offset(freeze.columns), this.width - this.headWidth) ? freeze.columns : 0;
    this.frozen = { rows: frozenRows, columns: frozenColumns };
    const down = rows.offset(frozenRows);
    const across = columns.offset(frozenColumns);
    this.scroller.resize(
      {
        length: columns.total - across,
        window: Math.max(0, this.width - this.headWidth - across),
        before: this.headWidth + across,
      },
      {
        length: rows.total - down,
        window: Math.max(0, this.height - HEAD_HEIGHT - down),
        before: HEAD_HEIGHT + down,
      },
    );
  }

  #paint() {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    const { scene } = this;
    if (!scene || !this.width || !this.height) return;
    if (this.resized) {
      this.window.style.cssText = `width:${this.width}px;height:${this.height}px`;
      this.#measure();
    }
    const { rows, columns } = scene;
    const anew = this.resized || this.allDirty;
    this.#showBands(this.rowBands, rows, this.frozen.rows, HEAD_HEIGHT, this.height, this.scroller.y, anew);
    this.#showBands(this.columnBands, columns, this.frozen.columns, this.headWidth, this.width, this.scroller.x, anew);
    const dirty = (row) => this.allDirty || this.dirty.has(row);
    for (const { row, column, pane } of this.panes) {
      pane.paint(this.rowBands[row], this.columnBands[column], scene, dirty);
      paintMarks(pane, scene, this.lifted);
    }
    this.columnBands.forEach((band, i) => this.columnHeads[i].paint(band, HEAD_HEIGHT, scene.selection));
    this.rowBands.forEach((band, i) => this.rowHeads[i].paint(band, this.headWidth, scene.selection));
    this.corner.style.cssText = `width:${this.headWidth}px;height:${HEAD_HEIGHT}px`;
    this.grid.classList.toggle("frozen-rows", this.frozen.rows > 0);
    this.grid.classList.toggle("frozen-columns", this.frozen.columns > 0);
    this.dirty.clear();
    this.allDirty = false;
    this.resized = false;
    this.#want();
    this.dispatchEvent(new Event("shown"));
  }

  #showBands([frozen, scrolled], axis, count, head, extent, scroll, anew) {
    const size = axis.offset(count);
    frozen.show(axis, head, Math.min(size, extent - head), 0, [0, count], anew);
    const rest = [count, axis.count];
    scrolled.show(axis, head + size, extent - head - size, size + scroll.position, rest, anew);
  }

  /** Tells the store what is seen, and what comes into view if scrolling goes on. */
  #want() {
    const { x, y } = this.position;
    const { last } = this;
    const leap = Math.abs(y - last.y) > HASTE * this.height && this.scroller.dragging;
    if (y !== last.y) last.down = Math.sign(y - last.y);
    if (x !== last.x) last.across = Math.sign(x - last.x);
    [last.x, last.y] = [x, y];
    clearTimeout(this.haste);
    // While the scrollbar is dragged fast, nothing of what passes by is worth fetching.
    if (leap) this.haste = setTimeout(() => this.#ask(), HASTE_MS);
    else this.#ask();
  }

  #ask() {
    const { store, merges, rows, columns, selection } = this.scene;
    const seen = [];
    for (const band of this.rowBands) {
      for (const other of this.columnBands) {
        if (!band.items.length || !other.items.length) continue;
        seen.push({ top: band.first, left: other.first, bottom: band.last, right: other.last });
      }
    }
    const anchors = seen.flatMap((range) =>
      merges.within(range).map(({ top, left }) => ({ top, left, bottom: top, right: left })),
    );
    const { top, left, bottom, right } = this.seen;
    const { down, across } = this.last;
    const next = [];
    if (bottom >= top && right >= left) {
      const below = { top: top + down * TILE_ROWS, left, bottom: bottom + down * TILE_ROWS, right };
      const beside = { top, left: left + across * TILE_COLUMNS, bottom, right: right + across * TILE_COLUMNS };
      for (const range of [below, beside]) {
        const clipped = {
          top: Math.max(0, range.top),
          left: Math.max(0, range.left),
          bottom: Math.min(rows.count - 1, range.bottom),
          right: Math.min(columns.count - 1, range.right),
        };
        if (clipped.top <= clipped.bottom && clipped.left <= clipped.right) next.push(clipped);
      }
    }
    const active = { top: selection.row, left: selection.column, bottom: selection.row, right: selection.column };
    store.want([...seen, ...anchors, active], next);
  }
}

function nearest(axis, index, frozen, scroll, leap) {
  if (index < frozen) return scroll.position;
  const before = axis.offset(frozen);
  const start = axis.offset(index) - before;
  const end = axis.offset(index + 1) - before;
  const above = start < scroll.position;
  const below = end > scroll.position + scroll.window;
  if (leap && (above || below)) return Math.max(0, start - scroll.window / 3);
  if (above) return start;
  return below ? Math.min(start, end - scroll.window) : scroll.position;
}

function indexIn(axis, [frozen, scrolled], position) {
  if (frozen.extent && position < scrolled.from) return axis.indexAt(Math.max(0, position - frozen.from));
  return axis.indexAt(Math.max(0, scrolled.scroll + position - scrolled.from));
}

function child(parent, name) {
  const element = document.createElement("div");
  element.className = `grid-${name}`;
  parent.append(element);
  return element;
}
