/** One cell of a sheet, as the grid keeps it. */

/**
 * @typedef {object} Cell
 * @property {string} text as displayed
 * @property {number} style number of the style (`CellStyles`), 0 is the default
 * @property {"n"|"s"|"b"|"e"|""} type number, text, boolean, error, blank
 * @property {string} input what the editor shows
 * @property {string} flags f formula, x stale, u never calculated, r rich text, p pending
 * @property {string} [ink] the colour that its number format gives it
 */

/**
 * A cell as the API gives it: [column, text, style, type, input, flags, colour], cut after the last that says
 * anything.
 * @param {any[]} raw
 * @param {Map<number, number>} numbers the server's style ids → our numbers
 * @param {number} style where the answer does not tell the style
 * @returns {Cell}
 */
export function cellOf(raw, numbers, style) {
  const text = raw[1] ?? "";
  const cell = {
    text,
    style: raw[2] === null || raw[2] === undefined ? style : (numbers.get(raw[2]) ?? style),
    type: raw[3] ?? "",
    input: raw[4] ?? text,
    flags: raw[5] ?? "",
  };
  if (raw[6]) cell.ink = raw[6];
  // A formula that nobody has calculated yet: an empty cell would look as if it had been lost.
  if (cell.type === "" && cell.flags.includes("f")) {
    cell.text = cell.input;
    cell.flags += "u";
  }
  return cell;
}

/**
 * What remains of a cell whose content is cleared.
 * @param {Cell} cell
 * @returns {Cell}
 */
export function emptied({ style }) {
  return { text: "", style, type: "", input: "", flags: "" };
}
