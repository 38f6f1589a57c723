/** The card beside a cell that shows its note and where its link leads: of the cell pointed at, else the active one. */

import { addressOf } from "./annotations.js";

const GAP = 6;
const MAC = /Mac|iPhone|iPad/.test(navigator.userAgent);

export class NoteCard extends EventTarget {
  /**
   * Fires `follow` (detail: link) where a link into the workbook is chosen on the card.
   * @param {import("./view.js").View} view
   */
  constructor(view) {
    super();
    this.view = view;
    this.element = document.createElement("div");
    this.element.className = "note-card";
    this.element.hidden = true;
    // Cells have the same as their description.
    this.element.setAttribute("aria-hidden", "true");
    view.window.append(this.element);
    /** @type {{row: number, column: number}|null} */
    this.pointed = null;
    this.key = "";
    this.#listen();
  }

  /** Shows the card where it is due. @param {boolean} quiet while something is edited */
  show(quiet) {
    const { scene } = this.view;
    const place = scene && !quiet ? (this.#annotated(this.pointed) ?? this.#annotated(scene.selection)) : null;
    const box = place && this.view.box(place.range);
    // Scrolled out of sight, or behind the frozen panes.
    const seen = box && this.#inSight(box, place.range);
    this.element.hidden = !seen;
    if (!seen) return;
    const key = JSON.stringify(place.annotation);
    if (this.key !== key) {
      this.key = key;
      this.element.replaceChildren(...this.#content(place.annotation));
    }
    this.#place(box);
  }

  #listen() {
    const { window: area } = this.view;
    area.addEventListener("pointermove", (event) => {
      if (event.pointerType !== "mouse" || this.element.contains(event.target)) return;
      const hit = event.buttons || !this.view.scene ? null : this.view.hit(event.clientX, event.clientY);
      this.#point(hit?.area === "cell" ? hit : null);
    });
    area.addEventListener("pointerleave", () => this.#point(null));
    // What is done on the card is not done on the cells below it.
    for (const type of ["pointerdown", "dblclick", "click"]) {
      this.element.addEventListener(type, (event) => event.stopPropagation());
    }
  }

  #point(place) {
    if (place?.row === this.pointed?.row && place?.column === this.pointed?.column) return;
    const before = this.#annotated(this.pointed);
    this.pointed = place && { row: place.row, column: place.column };
    if (before || this.#annotated(this.pointed)) this.view.invalidate();
  }

  #annotated(place) {
    if (!place) return null;
    const { store, merges } = this.view.scene;
    const { row, column } = place;
    const range = merges.at(row, column) ?? { top: row, left: column, bottom: row, right: column };
    const annotation = store.annotation(range.top, range.left);
    return annotation ? { annotation, range } : null;
  }

  #inSight({ left, top, width, height }, range) {
    const { frozen, rowBands, columnBands } = this.view;
    const column = columnBands[range.left < frozen.columns ? 0 : 1];
    const row = rowBands[range.top < frozen.rows ? 0 : 1];
    const across = left + width > column.from && left < column.from + column.extent;
    return across && top + height > row.from && top < row.from + row.extent;
  }

  #content({ link, note }) {
    const parts = [];
    if (note) {
      if (note.author && !note.text.startsWith(note.author)) parts.push(line("note-author", note.author));
      parts.push(line("note-text", note.text));
    }
    if (link) parts.push(this.#linkLine(link), line("note-hint", hint(link)));
    return parts;
  }

  #linkLine(link) {
    const address = addressOf(link);
    if (!address && !link.location) return line("note-text", link.target);
    const anchor = document.createElement("a");
    anchor.className = "note-link";
    anchor.tabIndex = -1;
    anchor.textContent = link.tip || link.target || link.location;
    anchor.href = address ?? "#";
    anchor.title = link.target ?? link.location;
    if (address) Object.assign(anchor, { target: "_blank", rel: "noopener noreferrer" });
    else {
      anchor.addEventListener("click", (event) => {
        event.preventDefault();
        this.dispatchEvent(new CustomEvent("follow", { detail: link }));
      });
    }
    return anchor;
  }

  #place({ left, top, width, right, bottom }) {
    const { element } = this;
    const across = element.offsetWidth;
    const beside = left + width + GAP;
    const x = beside + across <= right ? beside : Math.max(GAP, left - GAP - across);
    const y = Math.max(GAP, Math.min(top, bottom - element.offsetHeight - GAP));
    element.style.cssText = `left:${x}px;top:${y}px`;
  }
}

function hint(link) {
  if (!link.location && !addressOf(link)) return "Links of this kind are not opened from here.";
  return MAC ? "⌘-click or ⌥↩ opens it" : "Ctrl+click or Alt+Enter opens it";
}

function line(name, text) {
  const element = document.createElement("p");
  element.className = name;
  element.textContent = text;
  return element;
}
