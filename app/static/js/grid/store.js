/**
 * The cells of one sheet, as far as they are needed: fetched in tiles, kept while they are used.
 *
 * A tile is a rectangle of TILE_ROWS × TILE_COLUMNS cells. The view says what it shows and what it will likely
 * show next (`want`); what is no longer wanted is cancelled, the least recently used tiles are let go. A tile of
 * an older revision stays painted until its successor is here.
 */

import { MAX_COLUMNS, covers, intersection } from "./address.js";
import { Annotations } from "./annotations.js";
import { Unreachable } from "./api.js";
import { cellOf, emptied } from "./cell.js";
import { Overlay } from "./overlay.js";
import { TILE_COLUMNS, TILE_ROWS, keyOf, keysOf, placeOf } from "./tiles.js";

const MOST_TILES = 24;
const AT_ONCE = 4;
const AGAIN_MS = 2000;
/** What the server gives at once. */
const MOST_ROWS = 2000;
const MOST_CELLS = 100_000;

/** @typedef {import("./cell.js").Cell} Cell */
/** @typedef {{rows: (Cell[]|undefined)[], old: boolean, used: number, said: Annotations|null}} Tile rows are sparse both ways */

export class SheetStore extends EventTarget {
  /**
   * Fires `tile` (detail: range, heights, last filled row and column) when cells arrive, `trouble` (detail: error) when they do not.
   * @param {object} what
   * @param {import("./api.js").Api} what.api
   * @param {number} what.sheet its id
   * @param {number} what.revision
   * @param {import("./styles.js").CellStyles} what.styles
   */
  constructor({ api, sheet, revision, styles }) {
    super();
    this.api = api;
    this.sheet = sheet;
    this.revision = revision;
    this.styles = styles;
    this.overlay = new Overlay();
    /** @type {Map<number, number>} the server's style ids → our numbers */
    this.numbers = new Map();
    /** @type {Map<number, Tile>} */
    this.tiles = new Map();
    /** @type {Map<number, AbortController>} */
    this.running = new Map();
    /** @type {number[]} */
    this.wanted = [];
    this.tick = 0;
    this.retry = 0;
    /** Whether the last request failed. */
    this.troubled = false;
  }

  /** Whether cells that are wanted have not come yet. */
  get loading() {
    return this.wanted.some((key) => !this.tiles.has(key));
  }

  /**
   * The cell with pending edits over it.
   * @param {number} row
   * @param {number} column
   * @returns {Cell|null|undefined} null is empty, undefined is not loaded
   */
  cell(row, column) {
    return this.overlay.over(row, column, this.saved(row, column));
  }

  /**
   * The cell as the server gave it.
   * @param {number} row
   * @param {number} column
   * @returns {Cell|null|undefined}
   */
  saved(row, column) {
    const tile = this.tiles.get(keyOf(row, column));
    if (!tile) return undefined;
    return tile.rows[row % TILE_ROWS]?.[column % TILE_COLUMNS] ?? null;
  }

  /**
   * The link and note of a cell.
   * @param {number} row
   * @param {number} column
   * @returns {import("./annotations.js").Annotation|undefined} also where nothing is loaded
   */
  annotation(row, column) {
    return this.tiles.get(keyOf(row, column))?.said?.at(row, column);
  }

  /** Whether all cells of a range are loaded. @param {import("./address.js").Range} range */
  covers(range) {
    return keysOf(range).every((key) => this.tiles.has(key));
  }

  /**
   * Says which cells are needed now and which are likely to be next; the rest is not fetched any more.
   * @param {import("./address.js").Range[]} seen
   * @param {import("./address.js").Range[]} next
   */
  want(seen, next) {
    const keys = new Set();
    for (const range of [...seen, ...next]) for (const key of keysOf(range)) keys.add(key);
    this.wanted = [...keys];
    this.tick += 1;
    for (const key of keys) {
      const tile = this.tiles.get(key);
      if (tile) tile.used = this.tick;
    }
    for (const [key, controller] of this.running) {
      if (!keys.has(key)) {
        controller.abort();
        this.running.delete(key);
      }
    }
    this.#start();
  }

  /**
   * Moves to another revision; what is loaded stays painted until it has come anew.
   * @param {number} revision
   */
  refresh(revision) {
    this.revision = revision;
    for (const tile of this.tiles.values()) tile.old = true;
    this.#restart();
  }

  /**
   * Moves to a revision that differs from the present one in these cells only.
   * @param {number} revision
   * @param {{i: number, cells: any[][]}[]} rows cells as the API gives them
   * @param {Record<string, object>} styles
   */
  advance(revision, rows, styles) {
    this.revision = revision;
    const numbers = this.#styleNumbers(styles);
    for (const { i, cells } of rows) {
      for (const raw of cells) {
        const tile = this.tiles.get(keyOf(i, raw[0]));
        if (!tile) continue;
        const row = (tile.rows[i % TILE_ROWS] ??= []);
        const before = row[raw[0] % TILE_COLUMNS];
        row[raw[0] % TILE_COLUMNS] = cellOf(raw, numbers, before?.style ?? 0);
      }
    }
    // What is under way was asked of the revision before: it would bring the old cells back.
    this.#restart();
  }

  /**
   * Empties the loaded cells of a range; their styles stay.
   * @param {import("./address.js").Range} range
   */
  blank(range) {
    this.#eachTile(range, (tile, top, left) => {
      tile.rows.forEach((row, i) => {
        row?.forEach((cell, k) => {
          if (cell && covers(range, top + i, left + k)) row[k] = emptied(cell);
        });
      });
    });
  }

  /**
   * The loaded, non-empty cells of a range, in no particular order.
   * @param {import("./address.js").Range} range
   * @returns {Generator<[row: number, column: number, cell: Cell]>}
   */
  *within(range) {
    const seen = new Set();
    for (const [key, tile] of this.tiles) {
      const place = placeOf(key);
      const part = intersection(range, place);
      if (!part) continue;
      for (let row = part.top; row <= part.bottom; row += 1) {
        const cells = tile.rows[row - place.top];
        if (!cells) continue;
        for (let column = part.left; column <= part.right; column += 1) {
          if (!cells[column - place.left]) continue;
          const cell = this.cell(row, column);
          if (!this.overlay.empty) seen.add(row * MAX_COLUMNS + column);
          if (cell && cell.text !== "") yield [row, column, cell];
        }
      }
    }
    for (const key of this.overlay.cells.keys()) {
      const row = Math.floor(key / MAX_COLUMNS);
      const column = key % MAX_COLUMNS;
      if (seen.has(key) || !covers(range, row, column)) continue;
      const cell = this.cell(row, column);
      if (cell && cell.text !== "") yield [row, column, cell];
    }
  }

  /**
   * All cells of a range, loaded or not, as rows of cells (null is empty). Nothing is kept of what is fetched.
   * @param {import("./address.js").Range} range
   * @returns {Promise<(Cell|null)[][]>}
   */
  async read(range) {
    const loaded = this.covers(range);
    const out = loaded ? [] : await this.#fetchRows(range);
    for (let row = range.top; row <= range.bottom; row += 1) {
      const line = (out[row - range.top] ??= []);
      for (let column = range.left; column <= range.right; column += 1) {
        const at = column - range.left;
        line[at] = loaded ? this.cell(row, column) : (this.overlay.over(row, column, line[at]) ?? null);
      }
    }
    return out;
  }

  /** Stops fetching and lets go of all cells but pending edits. */
  close() {
    this.tiles.clear();
    clearTimeout(this.retry);
    this.retry = 0;
    this.wanted = [];
    for (const controller of this.running.values()) controller.abort();
    this.running.clear();
  }

  /** Fetches what is missing now, rather than when the pause after a failure ends. */
  again() {
    clearTimeout(this.retry);
    this.retry = 0;
    this.#start();
  }

  /** The saved cells of a range, in as many requests as its size takes. @returns {Promise<Cell[][]>} sparse */
  async #fetchRows(range) {
    const { top, left, bottom, right } = range;
    const step = Math.max(1, Math.min(MOST_ROWS, Math.floor(MOST_CELLS / (right - left + 1))));
    const out = [];
    for (let from = top; from <= bottom; from += step) {
      const part = { top: from, left, bottom: Math.min(bottom, from + step - 1), right };
      const answer = await this.api.rows(this.revision, this.sheet, part);
      const numbers = this.#styleNumbers(answer.styles);
      for (const { i, cells = [] } of answer.rows) {
        const line = (out[i - top] = []);
        for (const raw of cells) line[raw[0] - left] = cellOf(raw, numbers, 0);
      }
    }
    return out;
  }

  #restart() {
    for (const controller of this.running.values()) controller.abort();
    this.running.clear();
    this.#start();
  }

  #start() {
    if (this.retry) return;
    for (const key of this.wanted) {
      if (this.running.size >= AT_ONCE) return;
      const tile = this.tiles.get(key);
      if ((!tile || tile.old) && !this.running.has(key)) this.#fetch(key);
    }
  }

  async #fetch(key) {
    const controller = new AbortController();
    this.running.set(key, controller);
    const place = placeOf(key);
    try {
      const answer = await this.api.rows(this.revision, this.sheet, place, controller.signal);
      if (this.running.get(key) !== controller) return;
      this.running.delete(key);
      this.#keep(key, place, answer);
    } catch (error) {
      if (error.name === "AbortError" || this.running.get(key) !== controller) return;
      this.running.delete(key);
      this.#failed(error);
      return;
    }
    this.#start();
  }

  #failed(error) {
    if (!this.troubled) this.dispatchEvent(new CustomEvent("trouble", { detail: error }));
    this.troubled = true;
    // What the server refuses it will refuse again.
    const passing = error instanceof Unreachable || error.status >= 500;
    if (passing && !this.retry) this.retry = setTimeout(() => this.again(), AGAIN_MS);
  }

  #keep(key, place, answer) {
    this.troubled = false;
    const numbers = this.#styleNumbers(answer.styles);
    const { links = [], notes = [] } = answer;
    const said = links.length || notes.length ? new Annotations(links, notes) : null;
    /** @type {Tile} */
    const tile = { rows: new Array(TILE_ROWS), old: false, used: this.tick, said };
    /** @type {Map<number, number|null>} */
    const heights = new Map();
    const last = { row: -1, column: -1 };
    for (const { i, h, hidden, cells = [] } of answer.rows) {
      const row = [];
      if (cells.length) {
        last.row = i;
        last.column = Math.max(last.column, cells.at(-1)[0]);
      }
      for (const raw of cells) row[raw[0] - place.left] = cellOf(raw, numbers, 0);
      tile.rows[i - place.top] = row;
      heights.set(i, hidden ? 0 : (h ?? null));
    }
    this.tiles.set(key, tile);
    if (this.tiles.size > MOST_TILES) this.#letGo();
    this.dispatchEvent(new CustomEvent("tile", { detail: { range: place, heights, last } }));
  }

  #letGo() {
    const spare = [...this.tiles]
      .filter(([, tile]) => tile.used < this.tick)
      .sort(([, one], [, other]) => one.used - other.used)
      .slice(0, this.tiles.size - MOST_TILES);
    for (const [key] of spare) this.tiles.delete(key);
  }

  #styleNumbers(styles) {
    for (const [id, style] of Object.entries(styles ?? {})) this.numbers.set(Number(id), this.styles.number(style));
    return this.numbers;
  }

  #eachTile(range, visit) {
    for (const [key, tile] of this.tiles) {
      const place = placeOf(key);
      if (intersection(range, place)) visit(tile, place.top, place.left);
    }
  }
}
