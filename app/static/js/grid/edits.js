/** Edits on their way from the hands to the server: painted at once, posted, settled when they are answered. */

import { cornersName, parseReference } from "./address.js";

/** @typedef {import("./sheet.js").Sheet} Sheet */
/** @typedef {import("./address.js").Range} Range */

export class Edits {
  /**
   * @param {import("./saver.js").Saver} saver
   * @param {(id: number) => Sheet|undefined} sheetOf
   */
  constructor(saver, sheetOf) {
    this.saver = saver;
    this.sheetOf = sheetOf;
    /** Whether the workbook's formulas are marked as stale. */
    this.stale = false;
  }

  /**
   * Types texts into cells.
   * @param {Sheet} sheet
   * @param {Record<string, string>} texts by A1 name; an empty one clears
   */
  setCells(sheet, texts) {
    const cells = {};
    for (const [name, text] of Object.entries(texts)) cells[name] = text === "" ? null : { input: text };
    const { range } = parseReference(Object.keys(texts)[0]);
    this.apply(sheet, [{ op: "set_cells", sheet: sheet.id, cells }], range);
  }

  /**
   * Clears what is in ranges.
   * @param {Sheet} sheet
   * @param {Range[]} ranges
   */
  clear(sheet, ranges) {
    const parts = ranges.map((range) => sheet.usedPart(range)).filter(Boolean);
    if (!parts.length) return;
    const operations = parts.map((range) => ({ op: "clear_cells", sheet: sheet.id, range: cornersName(range) }));
    this.apply(sheet, operations, parts[0]);
  }

  /**
   * Paints operations and has them saved.
   * @param {Sheet} sheet where they were made
   * @param {import("./saver.js").Operation[]} operations
   * @param {Range} range where undoing them leads back to
   */
  apply(sheet, operations, range) {
    const sequence = this.saver.add(operations, { sheet: sheet.id, range });
    for (const operation of operations) {
      const target = this.sheetOf(operation.sheet);
      if (!target) continue;
      if (operation.op === "clear_cells") target.store.overlay.clear(sequence, rangeOf(operation.range));
      else this.#overlay(target, sequence, operation.cells);
    }
  }

  /**
   * Takes in the server's answer.
   * @param {Iterable<Sheet>} sheets all that are open
   * @param {{number: number, rebased: boolean, cells: {sheet: number, i: number, cells: any[][]}[], stale?: boolean, styles?: Record<string, object>}} answer
   * @param {import("./saver.js").Operation[]} operations what was saved
   * @param {(sequence: number) => boolean} answered
   */
  settle(sheets, answer, operations, answered) {
    // The first edit that makes formulas stale marks cells that it does not change.
    const others = answer.rebased || (Boolean(answer.stale) && !this.stale);
    this.stale = Boolean(answer.stale ?? this.stale);
    for (const sheet of sheets) {
      const { store } = sheet;
      for (const operation of operations) if (operation.sheet === sheet.id) blankOut(store, operation);
      const rows = (answer.cells ?? []).filter(({ sheet: id }) => id === sheet.id);
      store.advance(answer.number, rows, answer.styles?.[sheet.id] ?? {});
      store.overlay.settle(answered);
      if (others) store.refresh(answer.number);
      else sheet.laidOut = answer.number;
    }
  }

  /**
   * Paints refused edits no longer.
   * @param {Iterable<Sheet>} sheets
   * @param {(sequence: number) => boolean} answered
   */
  giveUp(sheets, answered) {
    for (const { store } of sheets) store.overlay.settle(answered);
  }

  #overlay(sheet, sequence, cells) {
    for (const [name, content] of Object.entries(cells)) {
      const { top, left } = rangeOf(name);
      sheet.store.overlay.set(sequence, top, left, content?.input ?? null);
      if (content) sheet.reach(top, left);
    }
  }
}

function rangeOf(name) {
  return parseReference(name).range;
}

/** Empties what an operation emptied: the answer tells only of cells that hold something. */
function blankOut(store, operation) {
  if (operation.op === "clear_cells") {
    store.blank(rangeOf(operation.range));
    return;
  }
  for (const [name, content] of Object.entries(operation.cells)) {
    if (content === null) store.blank(rangeOf(name));
  }
}
