/** References inside a formula, as far as pasting needs them: those without $ move along with the formula. */

import { MAX_COLUMNS, MAX_ROWS, columnIndex, columnName } from "./address.js";

/** Texts in quotes and names are matched first, so that what looks like a reference within them is left alone. */
const TOKEN =
  /"(?:[^"]|"")*"|'(?:[^']|'')*'|[\p{L}_\\][\p{L}\p{N}_.\\]*(?=\()|(?<![\p{L}\p{N}_.$])(\$?)([A-Za-z]{1,3})(\$?)([1-9]\d{0,6})(?![\p{L}\p{N}_.(!])/gu;

/**
 * The formula as it reads after it was copied so many rows down and columns across.
 * @param {string} formula
 * @param {number} down
 * @param {number} across
 * @returns {string}
 */
export function shifted(formula, down, across) {
  if (!down && !across) return formula;
  return formula.replace(TOKEN, (token, fixedColumn, letters, fixedRow, number) => {
    if (!letters) return token;
    const column = columnIndex(letters) + (fixedColumn ? 0 : across);
    const row = Number(number) - 1 + (fixedRow ? 0 : down);
    if (columnIndex(letters) >= MAX_COLUMNS) return token;
    if (column < 0 || row < 0 || column >= MAX_COLUMNS || row >= MAX_ROWS) return "#REF!";
    return `${fixedColumn}${columnName(column)}${fixedRow}${row + 1}`;
  });
}
