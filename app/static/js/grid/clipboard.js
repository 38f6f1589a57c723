/**
 * Copy, cut and paste, within the page and with other programs.
 *
 * Out go tab-separated text and HTML. What was copied here is remembered with its formulas, so that pasting it
 * again on this page moves their references; anything else is parsed as if it were typed.
 */

import { MAX_COLUMNS, MAX_ROWS, cellName, cornersName, intersection } from "./address.js";
import { shifted } from "./references.js";
import { fromHtml, fromTsv, toHtml, toTsv } from "./table.js";

/** @typedef {import("./address.js").Range} Range */
/** @typedef {{range: Range, cells: Record<string, {input: string}|null>, operations: object[]}} Pasted */

export const MOST_CELLS = 200_000;

export class Clipboard {
  /** @param {import("./styles.js").CellStyles} styles */
  constructor(styles) {
    this.styles = styles;
    /** What was copied last: {text, cells, range, sheet, cut}. */
    this.copied = null;
  }

  /** The range that is marked as cut or copied on a sheet. @param {number} sheet @returns {Range|null} */
  lifted(sheet) {
    return this.copied?.sheet === sheet && this.copied.marked ? this.copied.range : null;
  }

  /** Takes the mark off. */
  drop() {
    if (!this.copied) return;
    this.copied.marked = false;
    this.copied.cut = false;
  }

  /**
   * Copies a range.
   * @param {ClipboardEvent} event
   * @param {import("./store.js").SheetStore} store
   * @param {Range} range already cut down to what the sheet holds
   * @param {boolean} cut
   * @returns {Promise<void>} rejects where cells could not be fetched or the browser refused
   */
  async copy(event, store, range, cut) {
    event.preventDefault();
    const size = (range.bottom - range.top + 1) * (range.right - range.left + 1);
    if (size > MOST_CELLS) {
      throw new RangeError(
        `That is ${size.toLocaleString()} cells. Copy at most ${MOST_CELLS.toLocaleString()} at once, or download the sheet.`,
      );
    }
    if (store.covers(range)) {
      const cells = cellsOf(store, range);
      const { text, html } = this.#remember(cells, range, store.sheet, cut);
      event.clipboardData.setData("text/plain", text);
      event.clipboardData.setData("text/html", html);
      return;
    }
    const copied = store.read(range).then((cells) => this.#remember(cells, range, store.sheet, cut));
    if (navigator.clipboard?.write) {
      const blob = async (name, type) => new Blob([(await copied)[name]], { type });
      await navigator.clipboard.write([
        new ClipboardItem({ "text/plain": blob("text", "text/plain"), "text/html": blob("html", "text/html") }),
      ]);
    } else {
      writeByEvent(await copied);
    }
  }

  /**
   * What pasting makes of the clipboard.
   * @param {DataTransfer} data
   * @param {number} sheet
   * @param {Range} into the selected range
   * @returns {Pasted|null} null where there is nothing to paste
   */
  paste(data, sheet, into) {
    const text = data.getData("text/plain");
    const own = this.copied && same(text, this.copied.text) ? this.copied : null;
    const rows = own ? own.cells : (fromHtml(data.getData("text/html")) ?? (text ? fromTsv(text) : null));
    if (!rows?.length) return null;
    const height = rows.length;
    const width = Math.max(...rows.map((row) => row.length));
    const range = filled(into, height, width);
    if ((range.bottom - range.top + 1) * (range.right - range.left + 1) > MOST_CELLS) {
      throw new RangeError(`Paste at most ${MOST_CELLS.toLocaleString()} cells at once.`);
    }
    /** @type {Record<string, {input: string}|null>} */
    const cells = {};
    for (let row = range.top; row <= range.bottom; row += 1) {
      for (let column = range.left; column <= range.right; column += 1) {
        const from = rows[(row - range.top) % height][(column - range.left) % width] ?? "";
        const input = own && !own.cut ? moved(from, own, row, column, range, height, width) : from;
        cells[cellName(row, column)] = input === "" ? null : { input };
      }
    }
    const operations = [];
    if (own?.cut) operations.push({ op: "clear_cells", sheet: own.sheet, range: cornersName(own.range) });
    operations.push({ op: "set_cells", sheet, cells });
    if (own?.cut) this.drop();
    return { range, cells, operations };
  }

  #remember(cells, range, sheet, cut) {
    const text = toTsv(cells.map((row) => row.map((cell) => cell?.text ?? "")));
    const html = toHtml(
      cells.map((row) => row.map((cell) => ({ text: cell?.text ?? "", css: this.styles.css(cell?.style ?? 0) }))),
    );
    const inputs = cells.map((row) => row.map((cell) => cell?.input ?? ""));
    this.copied = { text, cells: inputs, range, sheet, cut, marked: true };
    return { text, html };
  }
}

/** An input as it reads where it is pasted. */
function moved(input, own, row, column, range, height, width) {
  if (!input.startsWith("=")) return input;
  const fromRow = own.range.top + ((row - range.top) % height);
  const fromColumn = own.range.left + ((column - range.left) % width);
  return shifted(input, row - fromRow, column - fromColumn);
}

/** The range that is filled: what was copied, or as often as it goes into the selection without a rest. */
function filled(into, height, width) {
  const rows = into.bottom - into.top + 1;
  const columns = into.right - into.left + 1;
  const down = rows % height === 0 ? rows : height;
  const across = columns % width === 0 ? columns : width;
  const whole = { top: into.top, left: into.left, bottom: into.top + down - 1, right: into.left + across - 1 };
  return intersection(whole, { top: 0, left: 0, bottom: MAX_ROWS - 1, right: MAX_COLUMNS - 1 });
}

function cellsOf(store, range) {
  const rows = [];
  for (let row = range.top; row <= range.bottom; row += 1) {
    const cells = [];
    for (let column = range.left; column <= range.right; column += 1) cells.push(store.cell(row, column));
    rows.push(cells);
  }
  return rows;
}

/** Line ends change on their way through some clipboards. */
function same(one, other) {
  return one.replaceAll("\r\n", "\n") === other;
}

function writeByEvent({ text, html }) {
  const write = (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    event.clipboardData.setData("text/plain", text);
    event.clipboardData.setData("text/html", html);
  };
  document.addEventListener("copy", write, { capture: true, once: true });
  // The only way where the page is served without TLS; it works within seconds of the key press.
  if (!document.execCommand("copy")) throw new Error("The browser did not allow copying. Select fewer cells.");
}
