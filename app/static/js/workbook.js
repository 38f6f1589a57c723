/** The workbook page: brings grid, editor, saving and the page's controls together. */

import { Api } from "./grid/api.js";
import { rangeName } from "./grid/address.js";
import { addressOf, inWords } from "./grid/annotations.js";
import { Clipboard } from "./grid/clipboard.js";
import { decide } from "./grid/conflict.js";
import { Editor } from "./grid/editor.js";
import { Edits } from "./grid/edits.js";
import { listenToKeys } from "./grid/keyboard.js";
import { Masthead } from "./grid/masthead.js";
import { NameBox } from "./grid/namebox.js";
import { NoteCard } from "./grid/notecard.js";
import { Notices } from "./grid/notices.js";
import { listenToPointers } from "./grid/pointer.js";
import { listenForRegions } from "./grid/regions.js";
import { Saver } from "./grid/saver.js";
import { Sheet } from "./grid/sheet.js";
import { Status } from "./grid/status.js";
import { CellStyles } from "./grid/styles.js";
import { Tabs } from "./grid/tabs.js";
import { View } from "./grid/view.js";
import { Watch } from "./grid/watch.js";

class WorkbookPage {
  /** @param {HTMLElement} root its data attributes are the page's facts */
  constructor(root) {
    const { workbookId, revision, head, role, readonly } = root.dataset;
    const find = (name) => root.querySelector(`[data-part=${name}]`);
    this.old = Number(revision) < Number(head);
    this.readOnly = readonly === "true" || role === "viewer" || this.old;
    this.role = role;
    this.api = new Api(workbookId);
    this.styles = new CellStyles();
    this.notices = new Notices(find("announcer"));
    this.masthead = new Masthead(document);
    this.status = new Status(find("status"));
    this.tabs = new Tabs(find("tabs"));
    this.message = find("message");
    this.view = new View(find("grid"));
    this.card = new NoteCard(this.view);
    const area = find("editor");
    this.view.window.append(area);
    this.editor = new Editor({
      area,
      bar: find("formula"),
      input: () => this.#activeCell()?.input ?? "",
      place: () => this.#activePlace(),
    });
    this.editor.setReadOnly(this.readOnly);
    this.nameBox = new NameBox(find("name-box"));
    this.saver = new Saver({
      api: this.api,
      base: Number(revision),
      decide: (conflicts) => decide(find("conflict"), conflicts, (id) => this.#facts(id)?.name ?? ""),
    });
    this.edits = new Edits(this.saver, (id) => this.open.get(id));
    this.clipboard = new Clipboard(this.styles);
    this.watch = new Watch(this.api);
    /** @type {Map<number, Sheet>} */
    this.open = new Map();
    /** @type {import("./grid/tabs.js").Sheet[]} */
    this.sheets = [];
    /** @type {Sheet|null} */
    this.sheet = null;
    this.#listen(area);
  }

  /** Fetches the workbook and shows its first sheet, or what the page's address names. */
  async start() {
    this.status.setLoading("Loading…");
    try {
      const facts = this.old ? await this.api.revision(this.saver.base) : await this.api.workbook();
      this.sheets = facts.sheets;
      this.edits.stale = facts.stale;
      if (!this.old) this.saver.base = Math.max(this.saver.base, facts.head);
      this.masthead.showRevision(this.saver.base);
      const asked = new URLSearchParams(location.hash.slice(1));
      const first =
        this.#facts(Number(asked.get("sheet"))) ?? this.sheets.find(({ state }) => state === "visible");
      if (!first) {
        this.#say("This workbook has no sheet that can be shown.");
        return;
      }
      await this.show(first.id);
      if (asked.get("cell")) this.#goTo(asked.get("cell"));
      this.editor.focus();
      if (!this.old) this.watch.start();
    } catch (error) {
      this.#say(error.message, () => this.start());
    }
  }

  /**
   * Shows a sheet.
   * @param {number} id
   */
  async show(id) {
    const facts = this.#facts(id);
    if (this.sheet) {
      this.editor.commit("none");
      this.sheet.position = this.view.position;
      if (this.sheet.id !== id) this.sheet.store.close();
    }
    if (facts.kind !== "worksheet") {
      this.sheet = null;
      this.tabs.show(this.sheets, id);
      this.#say(`“${facts.name}” is a chart sheet. It is kept and downloaded as it is, but not shown here.`);
      return;
    }
    const sheet = this.open.get(id) ?? this.#newSheet(facts);
    this.sheet = sheet;
    this.tabs.show(this.sheets, id);
    this.status.setLoading("Loading…");
    try {
      await sheet.layOut();
    } catch (error) {
      if (this.sheet === sheet) this.#say(error.message, () => this.show(id));
      return;
    }
    if (this.sheet !== sheet) return;
    this.message.hidden = true;
    this.editor.setEnabled(true);
    this.masthead.showSheet(id);
    this.view.show(sheet, sheet.position);
    this.#selected();
  }

  #newSheet(facts) {
    const sheet = new Sheet({ api: this.api, facts, revision: this.saver.base, styles: this.styles });
    this.open.set(facts.id, sheet);
    sheet.store.addEventListener("tile", ({ detail: { range, heights, last } }) => {
      sheet.reach(last.row, last.column);
      const resize = () => sheet.setHeights(range, heights);
      if (this.view.scene === sheet) this.view.keepPlace(resize);
      else resize();
      if (this.sheet !== sheet) return;
      this.view.repaint();
      this.editor.rest();
      this.status.show(sheet.selection, sheet.store);
    });
    sheet.store.addEventListener("trouble", ({ detail }) => {
      this.notices.show(`Some cells could not be loaded. ${detail.message}`, "error");
    });
    sheet.selection.addEventListener("change", () => {
      if (this.sheet === sheet) this.#selected();
    });
    return sheet;
  }

  #listen(area) {
    const { editor, saver, view } = this;
    listenToPointers(view, {
      selection: () => this.sheet.selection,
      start: () => editor.commit("none"),
      edit: () => editor.edit(),
      focus: () => editor.focus(),
      follow: (row, column) => this.#follow(row, column),
    });
    listenToKeys(area, {
      selection: () => this.sheet.selection,
      store: () => this.sheet.store,
      used: () => this.sheet.used,
      frozen: () => this.sheet.freeze,
      page: () => view.page,
      reveal: (row, column) => view.reveal(row, column),
      edit: () => editor.edit(),
      clear: () => this.#clear(),
      undo: () => this.#change(() => saver.undo()),
      redo: () => this.#change(() => saver.redo()),
      drop: () => this.#drop(),
      refused: () => this.#refuse(),
      readOnly: () => this.readOnly,
      turn: (step) => this.#turn(step),
      follow: () => this.#follow(this.sheet.selection.row, this.sheet.selection.column),
    });
    view.addEventListener("shown", () => {
      editor.follow();
      this.card.show(editor.active);
      this.status.setLoading(this.sheet?.store.loading ? "Loading…" : "");
    });
    editor.addEventListener("start", () => {
      view.reveal(this.sheet.selection.row, this.sheet.selection.column);
      view.invalidate();
    });
    editor.addEventListener("commit", ({ detail }) => this.#commit(detail));
    editor.addEventListener("cancel", () => {
      editor.rest();
      view.invalidate();
    });
    editor.addEventListener("refused", () => this.#refuse());
    this.card.addEventListener("follow", ({ detail }) => this.#open(detail));
    this.nameBox.addEventListener("go", ({ detail }) => this.#goTo(detail));
    this.nameBox.addEventListener("leave", () => editor.focus());
    this.tabs.addEventListener("choose", async ({ detail }) => {
      await this.show(detail);
      editor.focus();
    });
    listenForRegions([
      () => area,
      () => this.tabs.current,
      () => document.querySelector(".masthead-links a"),
      () => this.nameBox.input,
    ]);
    for (const name of ["copy", "cut", "paste"]) {
      area.addEventListener(name, (event) => this.#clip(name, event));
    }
    saver.addEventListener("state", ({ detail }) => this.masthead.showState(detail.state, detail.message));
    saver.addEventListener("saved", ({ detail }) => this.#saved(detail));
    saver.addEventListener("refused", ({ detail }) => this.#refused(detail));
    this.masthead.addEventListener("retry", () => saver.again());
    this.watch.addEventListener("seen", ({ detail }) => this.#seen(detail));
    this.watch.addEventListener("lost", () => this.masthead.showState("offline"));
    this.watch.addEventListener("gone", ({ detail }) => this.masthead.showState("gone", detail.message));
    window.addEventListener("beforeunload", (event) => {
      if (saver.unsaved || editor.active) event.preventDefault();
    });
  }

  /** The selection has changed. */
  #selected() {
    const { selection, store } = this.sheet;
    this.editor.rest();
    this.view.repaint();
    this.nameBox.show(rangeName(selection.single ? this.#activeRange() : selection.range));
    this.status.show(selection, store);
    const cell = this.#activeCell();
    const name = rangeName(selection.range);
    const said = store.annotation(selection.row, selection.column);
    const words = said ? `. ${inWords(said)}` : "";
    this.notices.announce(selection.single ? `${name} ${cell?.text || "empty"}${words}` : `${name} selected`);
  }

  #activeCell() {
    return this.sheet?.store.cell(this.sheet.selection.row, this.sheet.selection.column);
  }

  #activeRange() {
    const { row, column } = this.sheet.selection;
    return { top: row, left: column, bottom: row, right: column };
  }

  #activePlace() {
    if (!this.sheet || !this.view.scene) {
      return { box: { left: 0, top: 0, width: 0, height: 0, right: 0, bottom: 0 }, font: "13px sans-serif" };
    }
    const { row, column } = this.sheet.selection;
    const range = this.sheet.merges.at(row, column) ?? this.#activeRange();
    return { box: this.view.box(range), font: this.styles.font(this.#activeCell()?.style ?? 0) };
  }

  #facts(id) {
    return this.sheets.find((sheet) => sheet.id === id);
  }

  #goTo(text) {
    const { parsed, message } = this.nameBox.parse(text, this.sheets);
    if (message) {
      this.notices.show(message, "error");
      return;
    }
    if (!this.sheet && !parsed.sheet) return;
    const go = () => {
      this.sheet.selection.selectRange(parsed.range);
      this.view.reveal(parsed.range.top, parsed.range.left, true);
      this.editor.focus();
    };
    if (parsed.sheet && parsed.sheet !== this.sheet?.id) this.show(parsed.sheet).then(go);
    else go();
  }

  /** Goes where the link of a cell leads. @returns {boolean} whether it has one */
  #follow(row, column) {
    const { store, merges } = this.sheet;
    const merge = merges.at(row, column);
    const link = store.annotation(merge?.top ?? row, merge?.left ?? column)?.link;
    if (link) this.#open(link);
    return Boolean(link);
  }

  #open(link) {
    const address = addressOf(link);
    if (address) {
      const anchor = document.createElement("a");
      Object.assign(anchor, { href: address, target: "_blank", rel: "noopener noreferrer" });
      anchor.click();
    } else if (link.location) {
      this.#goTo(link.location.replace(/^#/, ""));
    } else {
      this.notices.show(`This link leads to ${link.target}. Links of this kind are not opened from here.`);
    }
  }

  #turn(step) {
    const shown = this.sheets.filter(({ state }) => state === "visible");
    const next = shown[shown.findIndex(({ id }) => id === this.sheet.id) + step];
    if (next) this.show(next.id);
  }

  #change(action) {
    if (this.readOnly) this.#refuse();
    else action();
  }

  #refuse() {
    const why = this.old
      ? "This is an old revision. Open the newest one to edit, or restore this one."
      : "You can view this workbook, but not edit it.";
    this.notices.show(why);
  }

  #commit({ text, changed, key, back }) {
    const { selection } = this.sheet;
    if (changed) this.edits.setCells(this.sheet, { [rangeName(this.#activeRange())]: text });
    const arrows = { up: [-1, 0], down: [1, 0], left: [0, -1], right: [0, 1] };
    if (arrows[key]) {
      const { row, column } = selection.beside(selection, ...arrows[key]);
      selection.select(row, column);
    } else if (key !== "none") {
      selection.step(key, back ? -1 : 1);
    } else {
      this.#selected();
    }
    if (key !== "none") this.view.reveal(selection.row, selection.column);
  }

  #clear() {
    this.#change(() => {
      this.edits.clear(this.sheet, this.sheet.selection.ranges);
      this.#selected();
    });
  }

  #drop() {
    this.clipboard.drop();
    this.view.lifted = null;
    this.view.repaint();
  }

  async #clip(kind, event) {
    if (this.editor.active || !this.sheet) return;
    const { selection, store } = this.sheet;
    event.preventDefault();
    try {
      if (kind === "paste") {
        if (this.readOnly) return this.#refuse();
        const pasted = this.clipboard.paste(event.clipboardData, this.sheet.id, selection.range);
        if (!pasted) return;
        this.edits.apply(this.sheet, pasted.operations, pasted.range);
        selection.selectRange(pasted.range);
      } else {
        if (kind === "cut" && this.readOnly) return this.#refuse();
        const range = selection.single ? this.#activeRange() : this.sheet.usedPart(selection.range);
        if (range) await this.clipboard.copy(event, store, range, kind === "cut");
      }
    } catch (error) {
      this.notices.show(error.message, "error");
    }
    this.view.lifted = this.clipboard.lifted(this.sheet.id);
    this.view.repaint();
  }

  #saved({ answer, operations, answered, place }) {
    this.edits.settle(this.open.values(), answer, operations, answered);
    this.masthead.showRevision(answer.number);
    if (answer.rebased) this.#layOutAgain();
    this.view.repaint();
    this.editor.rest();
    if (place) this.#goBack(place);
  }

  #refused({ error, answered }) {
    this.edits.giveUp(this.open.values(), answered);
    this.notices.show(error.message, "error");
    this.view.repaint();
    this.editor.rest();
  }

  /** Shows where an undone edit was made. */
  async #goBack({ sheet, range }) {
    if (this.editor.active) return;
    if (sheet !== this.sheet?.id) await this.show(sheet);
    this.sheet.selection.selectRange(range);
    this.view.reveal(range.top, range.left, true);
  }

  /** The workbook as the server has it now: others may have changed it. */
  #seen(workbook) {
    this.sheets = workbook.sheets;
    this.edits.stale = workbook.stale;
    if (this.sheet) this.tabs.show(this.sheets, this.sheet.id);
    this.masthead.showName(workbook.name);
    if (this.saver.unsaved) return;
    this.masthead.showState("saved");
    this.sheet?.store.again();
    if (workbook.head <= this.saver.base) return;
    this.saver.base = workbook.head;
    this.masthead.showRevision(workbook.head);
    for (const sheet of this.open.values()) sheet.store.refresh(workbook.head);
    this.#layOutAgain();
  }

  async #layOutAgain() {
    const { sheet } = this;
    if (!sheet) return;
    if (!this.#facts(sheet.id)) {
      const next = this.sheets.find(({ state }) => state === "visible");
      if (next) await this.show(next.id);
      return;
    }
    try {
      if ((await sheet.layOut()) && this.sheet === sheet) this.view.show(sheet, this.view.position);
    } catch (error) {
      this.notices.show(error.message, "error");
    }
  }

  /** Says in the grid's place why there is nothing to see. */
  #say(text, again = null) {
    this.editor.setEnabled(false);
    this.status.setLoading("");
    this.message.querySelector("p").textContent = text;
    const button = this.message.querySelector("button");
    button.hidden = !again;
    button.onclick = again && (() => {
      this.message.hidden = true;
      again();
    });
    this.message.hidden = false;
  }
}

new WorkbookPage(document.getElementById("workbook")).start();
