/**
 * Addresses of cells and ranges in A1 notation, and the limits of a sheet.
 *
 * Rows and columns are zero-based everywhere in the code; A1 notation is one-based, as people write it.
 */

export const MAX_ROWS = 1_048_576;
export const MAX_COLUMNS = 16_384;

/** @typedef {{top: number, left: number, bottom: number, right: number}} Range zero-based and inclusive */

const END = /^\$?([A-Za-z]{1,3})?\$?([1-9][0-9]{0,6})?$/;
const REFERENCE = /^(?:(?:'((?:[^']|'')+)'|([^'!]+))!)?([^!]+)$/;

/**
 * The letters of a column: 0 → A, 16383 → XFD.
 * @param {number} column
 * @returns {string}
 */
export function columnName(column) {
  let letters = "";
  for (let left = column + 1; left > 0; left = Math.floor((left - 1) / 26)) {
    letters = String.fromCharCode(65 + ((left - 1) % 26)) + letters;
  }
  return letters;
}

/**
 * The zero-based column of letters, in either case.
 * @param {string} letters
 * @returns {number}
 */
export function columnIndex(letters) {
  let column = 0;
  for (const letter of letters.toUpperCase()) column = column * 26 + letter.charCodeAt(0) - 64;
  return column - 1;
}

/**
 * The A1 name of a cell.
 * @param {number} row
 * @param {number} column
 * @returns {string}
 */
export function cellName(row, column) {
  return columnName(column) + (row + 1);
}

/**
 * The A1 name of a range; whole rows and columns as 2:5 and B:C.
 * @param {Range} range
 * @returns {string}
 */
export function rangeName({ top, left, bottom, right }) {
  if (top === bottom && left === right) return cellName(top, left);
  const allRows = top === 0 && bottom === MAX_ROWS - 1;
  const allColumns = left === 0 && right === MAX_COLUMNS - 1;
  if (allRows && !allColumns) return `${columnName(left)}:${columnName(right)}`;
  if (allColumns && !allRows) return `${top + 1}:${bottom + 1}`;
  return `${cellName(top, left)}:${cellName(bottom, right)}`;
}

/**
 * The A1 name of a range by its two corners, as the API takes it.
 * @param {Range} range
 * @returns {string}
 */
export function cornersName({ top, left, bottom, right }) {
  return `${cellName(top, left)}:${cellName(bottom, right)}`;
}

/**
 * What a person types into the name box: B2, $B$2:C9, B:D, 3:7, Sheet2!B2, 'My sheet'!A1.
 * @param {string} text
 * @returns {{sheet: string|null, range: Range}|null} null where it is no reference or beyond the limits
 */
export function parseReference(text) {
  const match = REFERENCE.exec(text.trim());
  if (!match) return null;
  const ends = match[3].split(":").map(parseEnd);
  if (ends.length > 2 || ends.includes(null)) return null;
  const [first, second = first] = ends;
  if ((first.row === null) !== (second.row === null)) return null;
  if ((first.column === null) !== (second.column === null)) return null;
  if (ends.length === 1 && (first.row === null || first.column === null)) return null;
  const rows = first.row === null ? [0, MAX_ROWS - 1] : [first.row, second.row];
  const columns = first.column === null ? [0, MAX_COLUMNS - 1] : [first.column, second.column];
  const sheet = match[1]?.replaceAll("''", "'") ?? match[2] ?? null;
  return {
    sheet,
    range: {
      top: Math.min(...rows),
      left: Math.min(...columns),
      bottom: Math.max(...rows),
      right: Math.max(...columns),
    },
  };
}

/**
 * @param {Range} range
 * @param {number} row
 * @param {number} column
 * @returns {boolean}
 */
export function covers(range, row, column) {
  return row >= range.top && row <= range.bottom && column >= range.left && column <= range.right;
}

/**
 * What two ranges share, or null.
 * @param {Range} one
 * @param {Range} other
 * @returns {Range|null}
 */
export function intersection(one, other) {
  const top = Math.max(one.top, other.top);
  const left = Math.max(one.left, other.left);
  const bottom = Math.min(one.bottom, other.bottom);
  const right = Math.min(one.right, other.right);
  return top <= bottom && left <= right ? { top, left, bottom, right } : null;
}

/**
 * The parts of a range that remain without one cell: at most four rectangles.
 * @param {Range} range
 * @param {number} row
 * @param {number} column
 * @returns {Range[]}
 */
export function without(range, row, column) {
  if (!covers(range, row, column)) return [range];
  const { top, left, bottom, right } = range;
  return [
    { top, left, bottom: row - 1, right },
    { top: row, left, bottom: row, right: column - 1 },
    { top: row, left: column + 1, bottom: row, right },
    { top: row + 1, left, bottom, right },
  ].filter((part) => part.top <= part.bottom && part.left <= part.right);
}

/** @returns {{row: number|null, column: number|null}|null} */
function parseEnd(text) {
  const match = END.exec(text.trim());
  if (!match || (!match[1] && !match[2])) return null;
  const column = match[1] ? columnIndex(match[1]) : null;
  const row = match[2] ? Number(match[2]) - 1 : null;
  if ((column ?? 0) >= MAX_COLUMNS || (row ?? 0) >= MAX_ROWS) return null;
  return { row, column };
}
