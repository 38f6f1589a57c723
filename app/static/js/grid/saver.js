/**
 * Autosave: operations go to the server in order, one request at a time.
 *
 * What comes in while a request is under way goes with the next one. A request that got no answer is sent again
 * with the same key until it has one, so nothing is saved twice or lost.
 */

import { cornersName, parseReference, without } from "./address.js";
import { Problem, Unreachable } from "./api.js";

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;
/** Problems that somebody can mend while the page stays open: signing in again, being given access back. */
const WAITS = new Set([401, 403]);

/** @typedef {{op: string, sheet: number, cells?: Record<string, object|null>, range?: string}} Operation */
/** @typedef {"saved"|"saving"|"offline"|"blocked"} State */

export class Saver extends EventTarget {
  /**
   * Fires `state` (detail: state, message), `saved` (detail: answer, sequences, base, undo) and `refused` (detail:
   * error, sequences, undo).
   * @param {object} what
   * @param {import("./api.js").Api} what.api
   * @param {number} what.base the revision that the page shows
   * @param {(conflicts: object[]) => Promise<("mine"|"theirs")[]>} what.decide asks about conflicts
   */
  constructor({ api, base, decide }) {
    super();
    this.api = api;
    this.base = base;
    this.decide = decide;
    this.queue = [];
    this.sequence = 0;
    this.busy = false;
    this.pauseMs = 0;
    this.wake = () => {};
    /** Own revisions that can be undone, and the reverts that can be undone in turn. */
    this.undoable = [];
    this.redoable = [];
    window.addEventListener("online", () => this.wake());
  }

  /** Whether something is not saved yet. */
  get unsaved() {
    return this.busy || this.queue.length > 0;
  }

  /**
   * Takes operations to be saved.
   * @param {Operation[]} operations
   * @param {object} place where they were made, for going back to it on undo
   * @returns {number} the sequence number they are known by
   */
  add(operations, place) {
    this.sequence += 1;
    this.queue.push({ kind: "edit", operations, place, sequence: this.sequence });
    this.#drain();
    return this.sequence;
  }

  /** Undoes the newest own revision, once all before it is saved. */
  undo() {
    this.queue.push({ kind: "undo" });
    this.#drain();
  }

  /** Undoes the newest undo. */
  redo() {
    this.queue.push({ kind: "redo" });
    this.#drain();
  }

  /** Tries again now rather than when the pause ends. */
  again() {
    this.wake();
  }

  async #drain() {
    if (this.busy) return;
    this.busy = true;
    while (this.queue.length) {
      this.#tell("saving");
      if (this.queue[0].kind === "edit") await this.#saveEdits();
      else await this.#saveRevert(this.queue.shift().kind);
    }
    this.busy = false;
    this.#tell("saved");
  }

  async #saveEdits() {
    const batch = [];
    while (this.queue[0]?.kind === "edit") batch.push(this.queue.shift());
    const sequences = new Set(batch.map(({ sequence }) => sequence));
    let operations = joined(batch.flatMap((entry) => entry.operations));
    const answered = () => ({ answered: (sequence) => sequences.has(sequence) });
    while (operations.length) {
      try {
        const base = this.base;
        const answer = await this.#insist((key) => this.api.commit({ base, key, operations }));
        this.base = answer.number;
        // Edits that change nothing make no revision: there is none of ours to undo.
        if (answer.made ?? answer.number > base) {
          this.undoable.push({ number: answer.number, place: batch.at(-1).place });
          this.redoable.length = 0;
        }
        this.#fire("saved", { answer, operations, ...answered() });
        return;
      } catch (error) {
        const conflicts = error.extras?.conflicts;
        if (error.kind !== "conflict" || !conflicts?.length) {
          this.#fire("refused", { error, ...answered() });
          return;
        }
        const choices = await this.decide(conflicts);
        operations = conflicts.reduce(
          (kept, conflict, i) => (choices[i] === "theirs" ? leaveOut(kept, conflict) : kept),
          operations,
        );
        this.base = error.extras.head ?? (await this.#insist(() => this.api.workbook())).head;
      }
    }
    // Everything was given up for what the others entered.
    this.#fire("saved", { answer: { number: this.base, rebased: true, cells: [] }, operations, ...answered() });
  }

  async #saveRevert(kind) {
    const [from, to] = kind === "undo" ? [this.undoable, this.redoable] : [this.redoable, this.undoable];
    const entry = from.pop();
    if (!entry) return;
    try {
      const answer = await this.#insist((key) => this.api.revert({ revision: entry.number, key }));
      this.base = answer.number;
      to.push({ number: answer.number, place: entry.place });
      this.#fire("saved", { answer, operations: [], answered: () => false, place: entry.place });
    } catch (error) {
      this.#fire("refused", { error, answered: () => false });
    }
  }

  /** Makes a call until the server has answered it. @param {(key: string) => Promise<any>} call */
  async #insist(call) {
    const key = newKey();
    this.pauseMs = FIRST_PAUSE_MS;
    for (;;) {
      try {
        return await call(key);
      } catch (error) {
        const waits = error instanceof Problem && (WAITS.has(error.status) || error.status >= 500);
        if (!waits && !(error instanceof Unreachable)) throw error;
        this.#tell(waits ? "blocked" : "offline", error.message);
        await this.#pause();
        this.#tell("saving");
      }
    }
  }

  #pause() {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.pauseMs);
      this.pauseMs = Math.min(LONGEST_PAUSE_MS, this.pauseMs * 2);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #tell(state, message = "") {
    this.#fire("state", { state, message });
  }

  #fire(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

/** Neighbouring set_cells of one sheet become one; a later value of a cell takes the place of an earlier one. */
function joined(operations) {
  const out = [];
  for (const operation of operations) {
    const before = out.at(-1);
    if (operation.op === "set_cells" && before?.op === "set_cells" && before.sheet === operation.sheet) {
      before.cells = { ...before.cells, ...operation.cells };
    } else {
      out.push({ ...operation });
    }
  }
  return out;
}

/** The operations without what they do to one cell. */
function leaveOut(operations, { sheet, cell }) {
  const { row, column } = at(cell);
  return operations.flatMap((operation) => {
    if (operation.sheet !== sheet) return [operation];
    if (operation.op === "clear_cells") {
      const parts = without(parseReference(operation.range).range, row, column);
      return parts.map((part) => ({ ...operation, range: cornersName(part) }));
    }
    const cells = Object.fromEntries(Object.entries(operation.cells).filter(([name]) => name !== cell));
    return Object.keys(cells).length ? [{ ...operation, cells }] : [];
  });
}

function at(cell) {
  const { top, left } = parseReference(cell).range;
  return { row: top, column: left };
}

/** A random UUID, also where the page is served without TLS and `crypto.randomUUID` is missing. */
function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
