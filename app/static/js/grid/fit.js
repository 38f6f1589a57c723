/** Numbers in columns that are too narrow for them: fewer digits where that is honest, else hashes. */

import { measure } from "./measure.js";

/** As the General format writes numbers: no grouping, no unit, a point only before decimals. */
const PLAIN = /^-?\d+(\.\d+)?(E[+-]\d+)?$/;
/** General shows up to eleven characters; a shorter text that is not the number itself has another format. */
const GENERAL_LENGTH = 9;

/**
 * A number's text as it fits into its column.
 * @param {import("./cell.js").Cell} cell
 * @param {number} room pixels there are
 * @param {string} font
 * @returns {string}
 */
export function fitted(cell, room, font) {
  const value = generalValue(cell);
  if (value !== null) {
    for (const text of shorter(value)) if (measure(text, font) <= room) return text;
  }
  return "#".repeat(Math.max(1, Math.floor(room / measure("#", font))));
}

/** The number of a cell that is shown in the General format; null where it seems to have another. */
function generalValue({ text, input }) {
  if (!PLAIN.test(text)) return null;
  if (input === text) return Number(text);
  if (text.length < GENERAL_LENGTH) return null;
  const value = Number(input);
  if (Number.isNaN(value)) return input.startsWith("=") ? Number(text) : null;
  return Math.abs(value - Number(text)) <= Math.abs(value) * 1e-5 ? value : null;
}

/** A number with fewer and fewer digits. @param {number} value */
function* shorter(value) {
  if (Math.abs(value) >= 1e-4 && Math.abs(value) < 1e21) {
    for (let decimals = 9; decimals >= 0; decimals -= 1) yield trimmed(value.toFixed(decimals));
  }
  for (let decimals = 5; decimals >= 0; decimals -= 1) {
    const [digits, power] = value.toExponential(decimals).split("e");
    yield `${trimmed(digits)}E${power[0]}${power.slice(1).padStart(2, "0")}`;
  }
}

function trimmed(text) {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}
