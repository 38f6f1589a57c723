/** The sheets' tabs below the grid. */

/** @typedef {{id: number, name: string, state: string, kind: string, rows: number, columns: number, color?: string}} Sheet */

export class Tabs extends EventTarget {
  /**
   * Fires `choose` (detail: sheet id).
   * @param {HTMLElement} element role tablist
   */
  constructor(element) {
    super();
    this.element = element;
    element.addEventListener("click", ({ target }) => {
      const tab = target.closest("[role=tab]");
      if (tab) this.#choose(tab);
    });
    // A mouse wheel has one direction only.
    element.addEventListener(
      "wheel",
      ({ deltaX, deltaY }) => {
        if (!deltaX) element.scrollLeft += deltaY;
      },
      { passive: true },
    );
    new ResizeObserver(() => this.#fit()).observe(element);
    element.addEventListener("keydown", (event) => this.#key(event));
  }

  /**
   * @param {Sheet[]} sheets
   * @param {number} current id
   */
  show(sheets, current) {
    const key = JSON.stringify([sheets.map(({ id, name, state, kind, color }) => [id, name, state, kind, color]), current]);
    if (this.key === key) return;
    this.key = key;
    const tabs = sheets.filter(({ state, id }) => state === "visible" || id === current).map((sheet) => {
      const tab = document.createElement("button");
      tab.type = "button";
      tab.className = "tab";
      tab.textContent = sheet.name;
      tab.dataset.sheet = sheet.id;
      if (sheet.color) tab.style.setProperty("--tab", sheet.color);
      tab.setAttribute("role", "tab");
      tab.setAttribute("aria-controls", "grid");
      tab.setAttribute("aria-selected", sheet.id === current);
      tab.tabIndex = sheet.id === current ? 0 : -1;
      return tab;
    });
    this.element.replaceChildren(...tabs);
    this.#fit();
    const { current: chosen } = this;
    if (chosen) this.element.scrollLeft = chosen.offsetLeft - this.element.clientWidth / 2;
  }

  /** The chosen tab. @returns {HTMLElement|null} */
  get current() {
    return this.element.querySelector("[aria-selected=true]");
  }

  #fit() {
    this.element.classList.toggle("overflowing", this.element.scrollWidth > this.element.clientWidth + 1);
  }

  #key(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    const tabs = [...this.element.children];
    const next = tabs[tabs.indexOf(document.activeElement) + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
  }

  #choose(tab) {
    this.dispatchEvent(new CustomEvent("choose", { detail: Number(tab.dataset.sheet) }));
  }
}
