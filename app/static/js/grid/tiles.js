/** Tiles: the rectangles of cells that are fetched and kept together, each known by one number. */

import { MAX_COLUMNS, MAX_ROWS } from "./address.js";

export const TILE_ROWS = 100;
export const TILE_COLUMNS = 40;

const TILE_STRIDE = 1024;

/**
 * The tile that holds a cell.
 * @param {number} row
 * @param {number} column
 * @returns {number}
 */
export function keyOf(row, column) {
  return Math.floor(row / TILE_ROWS) * TILE_STRIDE + Math.floor(column / TILE_COLUMNS);
}

/**
 * The cells that a tile holds.
 * @param {number} key
 * @returns {import("./address.js").Range}
 */
export function placeOf(key) {
  const top = Math.floor(key / TILE_STRIDE) * TILE_ROWS;
  const left = (key % TILE_STRIDE) * TILE_COLUMNS;
  // The limits of a sheet are no multiples of a tile's sides.
  const bottom = Math.min(top + TILE_ROWS, MAX_ROWS) - 1;
  const right = Math.min(left + TILE_COLUMNS, MAX_COLUMNS) - 1;
  return { top, left, bottom, right };
}

/**
 * The tiles that a range touches.
 * @param {import("./address.js").Range} range
 * @returns {number[]}
 */
export function keysOf({ top, left, bottom, right }) {
  const keys = [];
  for (let row = Math.floor(top / TILE_ROWS); row <= Math.floor(bottom / TILE_ROWS); row += 1) {
    for (let column = Math.floor(left / TILE_COLUMNS); column <= Math.floor(right / TILE_COLUMNS); column += 1) {
      keys.push(row * TILE_STRIDE + column);
    }
  }
  return keys;
}
