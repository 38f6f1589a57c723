/** What the page says aside from the cells: passing notices, and announcements for screen readers. */

import { toast } from "../toasts.js";

const SETTLE_MS = 150;

export class Notices {
  /** @param {HTMLElement} announcer a live region that is not seen */
  constructor(announcer) {
    this.announcer = announcer;
    this.timer = 0;
    this.last = null;
  }

  /**
   * Shows a notice in the place of the one before.
   * @param {string} message
   * @param {"info"|"error"} [kind]
   */
  show(message, kind = "info") {
    this.last?.remove();
    this.last = toast(message, kind);
  }

  /** Has a text read out once things have settled. @param {string} text */
  announce(text) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.announcer.textContent = text;
    }, SETTLE_MS);
  }
}
