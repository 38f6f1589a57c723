/**
 * One of the (at most four) panes of the grid: cells of a band of rows and a band of columns.
 *
 * A row is one element, its non-empty cells are elements within it; both are used again for what scrolls in.
 * Merged ranges lie above the rows, as they may span several.
 */

import { MAX_COLUMNS, covers } from "./address.js";
import { inWords } from "./annotations.js";
import { fitted } from "./fit.js";
import { measure } from "./measure.js";
import { Recycler } from "./recycler.js";

/**
 * @typedef {object} Scene what is to be painted
 * @property {import("./store.js").SheetStore} store
 * @property {import("./styles.js").CellStyles} styles
 * @property {import("./merges.js").Merges} merges
 * @property {import("./geometry.js").Axis} rows
 * @property {import("./geometry.js").Axis} columns
 * @property {import("./selection.js").Selection} selection
 * @property {boolean} gridlines
 */

const PADDING = 6;
const CLASSES = { n: "cell n", b: "cell m", e: "cell m e", s: "cell", "": "cell" };
const STALE = "Not recalculated since an edit";
const UNCALCULATED = "Not calculated yet";
/** Wide letters are about this share of the font's size; below it no text needs to be measured. */
const WIDEST = 1.05;
/** The id of the active cell's element, for `aria-activedescendant`. */
const ACTIVE_ID = "active-cell";
/** The element that has it: elements are used again, and an id must be there once. */
let activeElement = null;

export class Pane {
  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.element = part("pane", parent);
    this.element.setAttribute("role", "rowgroup");
    this.lines = part("lines", this.element);
    this.lines.setAttribute("aria-hidden", "true");
    this.layer = part("layer", this.element);
    this.layer.setAttribute("role", "presentation");
    this.marks = part("marks", this.element);
    this.marks.setAttribute("aria-hidden", "true");
    this.rowElements = new Recycler(this.layer, makeRow);
    this.lineElements = new Recycler(this.lines, () => make("line"));
    this.mergeElements = new Recycler(this.layer, makeMerge);
    this.versions = "";
    this.columnsVersion = -1;
  }

  /**
   * Shows two bands.
   * @param {import("./band.js").Band} rows
   * @param {import("./band.js").Band} columns
   * @param {Scene} scene
   * @param {(row: number) => boolean} dirty whether a row that is shown already must be painted anew
   */
  paint(rows, columns, scene, dirty) {
    this.rows = rows;
    this.columns = columns;
    const shown = rows.extent > 0 && columns.extent > 0;
    this.element.hidden = !shown;
    if (!shown) return;
    place(this.element, columns.from, rows.from, columns.extent, rows.extent);
    this.layer.style.transform = `translate(${columns.shift}px,${rows.shift}px)`;
    this.lines.style.transform = `translate(${columns.shift}px,0)`;
    const versions = `${rows.version} ${columns.version}`;
    const columnsMoved = this.columnsVersion !== columns.version;
    const moved = this.versions !== versions;
    this.versions = versions;
    this.columnsVersion = columns.version;
    const painter = (element, item) => this.#paintRow(element, item, scene);
    if (moved) {
      this.rowElements.sync(rows.items, painter, columnsMoved);
      this.#placeRows();
    }
    if (columnsMoved) this.lineElements.sync(columns.items, paintLine, true);
    this.lines.hidden = !scene.gridlines;
    this.element.classList.toggle("plain", !scene.gridlines);
    if (!moved || !columnsMoved) {
      for (const item of rows.items) {
        if (dirty(item.index)) painter(this.rowElements.used.get(item.index), item);
      }
    }
    this.#paintMerges(scene, moved, dirty);
  }

  /** Sizes and the origin may have changed for rows that stayed. */
  #placeRows() {
    const { items: columns } = this.columns;
    const left = columns[0]?.at ?? 0;
    const width = columns.length ? columns.at(-1).at + columns.at(-1).size - left : 0;
    for (const item of this.rows.items) {
      const element = this.rowElements.used.get(item.index);
      const key = `${left},${item.at},${width},${item.size}`;
      if (element.placed === key) continue;
      element.placed = key;
      place(element, left, item.at, width, item.size);
    }
  }

  #paintRow(element, { index: row }, scene) {
    const { store, selection, styles } = scene;
    const columns = this.columns.items;
    const merges = scene.merges.inRow(row);
    const left = columns[0]?.at ?? 0;
    let used = 0;
    let waiting = false;
    if (element.row !== row) {
      element.row = row;
      element.setAttribute("aria-rowindex", row + 1);
    }
    for (let k = 0; k < columns.length; k += 1) {
      const { index: column, at, size } = columns[k];
      const cell = store.cell(row, column);
      if (cell === undefined) waiting = true;
      const active = selection.row === row && selection.column === column;
      const said = store.annotation(row, column);
      if (!active && !said?.note && (!cell || (cell.text === "" && !styles.visible(cell.style)))) continue;
      if (merges.length && merges.some((merge) => covers(merge, row, column))) continue;
      const target = element.cells[used] ?? addCell(element);
      used += 1;
      const own = size;
      const spread = cell && cell.text !== "" ? this.#spread(cell, row, k, merges, scene) : { width: own, text: "" };
      const box =
        spread.width === own
          ? `left:${at - left}px;width:${own}px`
          : `left:${at - left}px;width:${spread.width}px;--own:${own}px`;
      paintCell(target, cell, spread, { box, column, active, styles, said });
    }
    for (let k = used; k < element.cells.length; k += 1) put(element.cells[k], "hidden", true);
    element.classList.toggle("waiting", waiting);
  }

  /** How wide a cell's text runs (over empty neighbours), and the text, or hashes where a number does not fit. */
  #spread(cell, row, k, merges, scene) {
    const columns = this.columns.items;
    const { size } = columns[k];
    const style = scene.styles.style(cell.style);
    const text = cell.text;
    const points = style.size ? style.size * 1.34 : 13;
    const room = size - PADDING;
    if (style.wrap || text.length * points * WIDEST <= room) return { width: size, text };
    const needed = measure(text, scene.styles.font(cell.style));
    if (needed <= room) return { width: size, text };
    if (cell.type === "n" && !(cell.flags.includes("p") && text.startsWith("="))) {
      return { width: size, text: fitted(cell, room, scene.styles.font(cell.style)) };
    }
    const align = style.align ?? "general";
    if (cell.type !== "s" || (align !== "general" && align !== "left")) return { width: size, text };
    let width = size;
    let styled = false;
    for (let next = k + 1; next < columns.length && width - PADDING < needed; next += 1) {
      const { index } = columns[next];
      const neighbour = scene.store.cell(row, index);
      if (neighbour === undefined || (neighbour && neighbour.text !== "")) break;
      if (merges.length && merges.some((merge) => covers(merge, row, index))) break;
      width += columns[next].size;
      styled ||= Boolean(neighbour && scene.styles.visible(neighbour.style));
    }
    // No further than the text: the grid lines beyond it stay.
    return { width: Math.max(size, Math.min(width, Math.ceil(needed) + PADDING)), text, styled };
  }

  #paintMerges(scene, moved, dirty) {
    const { rows, columns } = this;
    if (!rows.items.length || !columns.items.length) return;
    const range = { top: rows.first, left: columns.first, bottom: rows.last, right: columns.last };
    const merges = scene.merges.within(range);
    if (!merges.length && !this.mergeElements.used.size) return;
    const { selection } = scene;
    const items = merges.map((merge) => ({ index: merge.top * MAX_COLUMNS + merge.left, merge }));
    const anew = moved || merges.some(({ top }) => dirty(top));
    const paint = (element, { merge }) => {
      const { top, left } = merge;
      const cell = scene.store.cell(top, left);
      const x = scene.columns.offset(left) - columns.origin;
      const y = scene.rows.offset(top) - rows.origin;
      const width = scene.columns.offset(merge.right + 1) - columns.origin - x;
      const height = scene.rows.offset(merge.bottom + 1) - rows.origin - y;
      const active = selection.row === top && selection.column === left;
      const box = `left:${x}px;top:${y}px;width:${width}px;height:${height}px`;
      element.setAttribute("aria-rowindex", top + 1);
      const spread = { text: cell?.text ?? "" };
      const said = scene.store.annotation(top, left);
      const how = { box, column: left, active, styles: scene.styles, said, merged: true };
      paintCell(element.cells[0], cell, spread, how);
    };
    this.mergeElements.sync(items, paint, anew);
  }
}

function paintCell(target, cell, { text, styled }, { box, column, active, styles, said, merged = false }) {
  const stale = cell?.flags.includes("x");
  let name = CLASSES[cell?.type ?? ""] + styles.className(cell?.style ?? 0);
  if (cell && styles.style(cell.style).fill) name += " filled";
  else if (box.includes("--own") && !styled) name += " over";
  if (styled) name += " above";
  if (stale) name += " stale";
  if (cell?.flags.includes("u")) name += " uncalculated";
  if (cell?.flags.includes("p")) name += " pending";
  if (said?.link) name += " linked";
  if (said?.note) name += " noted";
  if (merged) name += " merged";
  const wraps = cell && styles.style(cell.style).wrap;
  put(target, "hidden", false);
  put(target, "className", name);
  put(target, "textContent", wraps ? text : text.replaceAll("\n", " "));
  const css = cell?.ink ? `${box};color:${styles.ink(cell)}` : box;
  if (target.box !== css) {
    target.box = css;
    target.style.cssText = css;
  }
  if (target.column !== column) {
    target.column = column;
    target.setAttribute("aria-colindex", column + 1);
  }
  if (active) markActive(target);
  else if (target === activeElement) markActive(null);
  const title = cell?.flags.includes("u") ? UNCALCULATED : stale ? STALE : cell?.type === "n" && text !== cell.text ? cell.text : "";
  if ((target.known.title ?? "") !== title) put(target, "title", title);
  const words = said ? inWords(said) : null;
  if ((target.known.ariaDescription ?? null) !== words) put(target, "ariaDescription", words);
}

function markActive(element) {
  if (activeElement === element) return;
  activeElement?.removeAttribute("id");
  activeElement = element;
  if (element) element.id = ACTIVE_ID;
}

function paintLine(element, { at, size }) {
  element.style.transform = `translateX(${at + size - 1}px)`;
}

/** Sets a property only where it changes: reading it back from the document would cost more. */
function put(element, property, value) {
  if (element.known[property] === value) return;
  element.known[property] = value;
  element[property] = value;
}

function makeRow() {
  const element = make("row");
  element.setAttribute("role", "row");
  element.cells = [];
  return element;
}

function makeMerge() {
  const element = make("merge");
  element.setAttribute("role", "row");
  element.cells = [];
  addCell(element);
  return element;
}

function addCell(row) {
  const cell = make("cell");
  cell.known = {};
  cell.setAttribute("role", "gridcell");
  row.append(cell);
  row.cells.push(cell);
  return cell;
}

function make(name) {
  const element = document.createElement("div");
  element.className = name;
  return element;
}

function part(name, parent) {
  const element = make(name);
  parent.append(element);
  return element;
}

function place(element, left, top, width, height) {
  element.style.cssText = `left:${left}px;top:${top}px;width:${width}px;height:${height}px`;
}
