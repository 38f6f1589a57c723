/** Watches the workbook for what others do to it. */

import { Unreachable } from "./api.js";

const EVERY_MS = 3000;

export class Watch extends EventTarget {
  /**
   * Fires `seen` (detail: the workbook), `lost` where the server cannot be reached and `gone` (detail: error)
   * where it refuses. Rests while the page is hidden.
   * @param {import("./api.js").Api} api
   */
  constructor(api) {
    super();
    this.api = api;
    this.timer = 0;
    this.asking = false;
    document.addEventListener("visibilitychange", () => this.#look());
    window.addEventListener("online", () => this.#look());
  }

  /** Starts looking. */
  start() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#look(), EVERY_MS);
  }

  async #look() {
    clearTimeout(this.timer);
    if (document.hidden || this.asking) return;
    this.asking = true;
    try {
      this.dispatchEvent(new CustomEvent("seen", { detail: await this.api.workbook() }));
    } catch (error) {
      if (error instanceof Unreachable) this.dispatchEvent(new Event("lost"));
      else this.dispatchEvent(new CustomEvent("gone", { detail: error }));
    } finally {
      this.asking = false;
      this.start();
    }
  }
}
