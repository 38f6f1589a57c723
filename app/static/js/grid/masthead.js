/** The row above the grid: the workbook's name, its revision, the saved mark, and links that follow them. */

const STATES = {
  saved: "Saved",
  saving: "Saving…",
  offline: "Offline, will retry",
  blocked: "Not saved",
  gone: "Not connected",
};

/** Downloads of all sheets. */
const WHOLE = ["xlsx", "original", "all", "file"];

export class Masthead extends EventTarget {
  /**
   * Fires `retry` where the mark is pressed while something cannot be saved.
   * @param {ParentNode} root
   */
  constructor(root) {
    super();
    this.name = root.querySelector("[data-part=name]");
    this.revision = root.querySelector("[data-part=revision]");
    this.mark = root.querySelector("[data-part=mark]");
    this.downloads = [...root.querySelectorAll("a[data-download]")];
    this.number = 0;
    this.sheet = 0;
    this.mark?.addEventListener("click", () => this.dispatchEvent(new Event("retry")));
  }

  /** @param {string} name */
  showName(name) {
    if (this.name.textContent === name) return;
    this.name.textContent = name;
    this.name.title = name;
    document.title = `${name} – Cellar`;
  }

  /** @param {number} number */
  showRevision(number) {
    this.number = number;
    this.revision.textContent = `Revision ${number}`;
    this.#aim();
  }

  /** The sheet that a CSV download gives. @param {number} sheet */
  showSheet(sheet) {
    this.sheet = sheet;
    this.#aim();
  }

  /**
   * @param {import("./saver.js").State|"gone"} state
   * @param {string} [message] more about it
   */
  showState(state, message = "") {
    if (!this.mark) return;
    this.mark.textContent = STATES[state];
    this.mark.dataset.state = state;
    this.mark.title = message;
    this.mark.disabled = state === "saved" || state === "saving";
  }

  #aim() {
    for (const link of this.downloads) {
      const url = new URL(link.href, location.href);
      url.pathname = url.pathname.replace(/\/revisions\/\d+\//, `/revisions/${this.number}/`);
      if (!WHOLE.includes(link.dataset.download) && this.sheet) url.searchParams.set("sheet", this.sheet);
      link.href = url.pathname + url.search;
    }
  }
}
