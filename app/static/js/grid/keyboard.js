/** Keys on the grid while no cell is being edited. */

import { MAX_COLUMNS, MAX_ROWS } from "./address.js";

const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
const MAC = /Mac|iPhone|iPad/.test(navigator.userAgent);

/**
 * What a page lets the keyboard do.
 * @typedef {object} Hands
 * @property {() => import("./selection.js").Selection} selection
 * @property {() => import("./store.js").SheetStore} store
 * @property {() => {rows: number, columns: number}} used the sheet's size
 * @property {() => {rows: number, columns: number}} frozen
 * @property {() => number} page rows that are seen
 * @property {(row: number, column: number) => void} reveal
 * @property {() => void} edit
 * @property {() => void} clear
 * @property {() => void} undo
 * @property {() => void} redo
 * @property {() => void} drop
 * @property {() => void} refused
 * @property {() => boolean} readOnly
 * @property {(step: 1|-1) => void} turn goes to the sheet beside
 * @property {() => boolean} follow goes where the active cell's link leads, if it has one
 */

/**
 * Listens on the element that has the focus while nothing is edited.
 * @param {HTMLElement} element
 * @param {Hands} hands
 */
export function listenToKeys(element, hands) {
  element.addEventListener("keydown", (event) => {
    if (event.isComposing || event.defaultPrevented) return;
    if (press(event, hands)) event.preventDefault();
  });
}

/** @returns {boolean} whether the key was taken */
function press(event, hands) {
  const control = MAC ? event.metaKey : event.ctrlKey;
  const { key, shiftKey: shift } = event;
  if (ARROWS[key] && !event.altKey) return arrow(ARROWS[key], control, shift, hands);
  if (control || event.ctrlKey) return command(key, shift, hands);
  if (event.altKey && key === "Enter") return hands.follow();
  if (event.altKey || event.metaKey) return false;
  const selection = hands.selection();
  switch (key) {
    case "Home":
      return go(hands, selection.end.row, hands.frozen().columns, shift);
    case "End":
      return go(hands, selection.end.row, Math.max(0, hands.used().columns - 1), shift);
    case "PageUp":
    case "PageDown":
      return moveBy(hands, [key === "PageUp" ? -hands.page() : hands.page(), 0], shift);
    case "Tab":
    case "Enter":
      selection.step(key.toLowerCase(), shift ? -1 : 1);
      hands.reveal(selection.row, selection.column);
      return true;
    case "F2":
      hands.edit();
      return true;
    case "Escape":
      hands.drop();
      return true;
    case "Delete":
    case "Backspace":
      hands.clear();
      return true;
    case " ":
      if (!shift) break;
      selection.selectRows(selection.row);
      return true;
    default:
  }
  if (key.length === 1 && hands.readOnly()) {
    hands.refused();
    return true;
  }
  return false;
}

function command(key, shift, hands) {
  const selection = hands.selection();
  const { frozen, used } = hands;
  switch (key.toLowerCase()) {
    case "a":
      selection.selectAll();
      return true;
    case "z":
      if (shift) hands.redo();
      else hands.undo();
      return true;
    case "y":
      hands.redo();
      return true;
    case "home":
      return go(hands, frozen().rows, frozen().columns, shift);
    case "end":
      return go(hands, Math.max(0, used().rows - 1), Math.max(0, used().columns - 1), shift);
    case " ":
      selection.selectColumns(selection.column);
      return true;
    case "pageup":
    case "pagedown":
      hands.turn(key.toLowerCase() === "pageup" ? -1 : 1);
      return true;
    default:
      return false;
  }
}

function arrow(direction, control, shift, hands) {
  if (!control) return moveBy(hands, direction, shift);
  const selection = hands.selection();
  const from = shift ? selection.end : { row: selection.row, column: selection.column };
  const { row, column } = edge(hands, from, direction);
  return go(hands, row, column, shift);
}

function moveBy(hands, [down, across], shift) {
  const selection = hands.selection();
  const from = shift ? selection.end : { row: selection.row, column: selection.column };
  const { row, column } = selection.beside(from, down, across);
  return go(hands, row, column, shift);
}

function go(hands, row, column, shift) {
  const selection = hands.selection();
  if (shift) selection.extend(row, column);
  else selection.select(row, column);
  hands.reveal(selection.end.row, selection.end.column);
  return true;
}

/**
 * Where Ctrl+arrow leads: to the last filled cell of a run, or to the next filled one. Where the loaded cells end
 * before that is known, to the sheet's own edge.
 */
function edge(hands, from, [down, across]) {
  const store = hands.store();
  const { rows, columns } = hands.used();
  const last = { row: down > 0 ? MAX_ROWS - 1 : 0, column: across > 0 ? MAX_COLUMNS - 1 : 0 };
  const used = { row: down > 0 ? rows - 1 : 0, column: across > 0 ? columns - 1 : 0 };
  const at = (step) => ({ row: from.row + down * step, column: from.column + across * step });
  const filled = ({ row, column }) => {
    const cell = store.cell(row, column);
    return cell === undefined ? undefined : Boolean(cell && cell.text !== "");
  };
  const inside = ({ row, column }) => row >= 0 && column >= 0 && row < MAX_ROWS && column < MAX_COLUMNS;
  const end = (sheetEdge) => ({ row: down ? sheetEdge.row : from.row, column: across ? sheetEdge.column : from.column });
  const beyond = down > 0 ? from.row >= used.row : across > 0 && from.column >= used.column;
  if (beyond) return end(last);
  const inRun = filled(from) && filled(at(1));
  for (let step = 1; inside(at(step)); step += 1) {
    const here = filled(at(step));
    if (here === undefined) return end(used);
    if (inRun && !here) return at(step - 1);
    if (!inRun && here) return at(step);
  }
  return end(last);
}
