/** References inside a formula, as far as pasting needs them: those without $ move along with the formula. */

import { MAX_COLUMNS, MAX_ROWS, columnIndex, columnName } from "./address.js";

const LEFT_ALONE = String.raw`"(?:[^"]|"")*"|'(?:[^']|'')*'|\[[^\]]*\]|[\p{L}_\\][\p{L}\p{N}_.\\]*(?=\()`;
const BEFORE = String.raw`(?<![\p{L}\p{N}_.$])`;
const AFTER = String.raw`(?![\p{L}\p{N}_.(!\[])`;
const COLUMN = String.raw`\$?[A-Za-z]{1,3}`;
const ROW = String.raw`\$?[1-9]\d{0,6}`;
/** Texts in quotes, names and brackets are matched first: what looks like a reference in them is none. */
const TOKEN = new RegExp(
  `${LEFT_ALONE}|${BEFORE}(?:(?<cell>${COLUMN}${ROW})|(?<columns>${COLUMN}:${COLUMN})|(?<rows>${ROW}:${ROW}))${AFTER}`,
  "gu",
);
const ENDS = /(\$?)([A-Za-z]+)|(\$?)(\d+)/g;

/**
 * The formula as it reads after it was copied so many rows down and columns across.
 * @param {string} formula
 * @param {number} down
 * @param {number} across
 * @returns {string}
 */
export function shifted(formula, down, across) {
  if (!down && !across) return formula;
  return formula.replace(TOKEN, (token, ...rest) => {
    const { cell, columns, rows } = rest.at(-1);
    return cell || columns || rows ? movedBy(token, down, across) : token;
  });
}

function movedBy(reference, down, across) {
  let lost = false;
  let name = false;
  const moved = reference.replace(ENDS, (end, fixedColumn, letters, fixedRow, number) => {
    const by = letters ? (fixedColumn ? 0 : across) : fixedRow ? 0 : down;
    const index = (letters ? columnIndex(letters) : Number(number) - 1) + by;
    const limit = letters ? MAX_COLUMNS : MAX_ROWS;
    if (index - by >= limit) name = true;
    if (index < 0 || index >= limit) lost = true;
    return letters ? fixedColumn + columnName(index) : fixedRow + (index + 1);
  });
  // A name may look like a reference beyond the sheet's limits.
  if (name) return reference;
  return lost ? "#REF!" : moved;
}
