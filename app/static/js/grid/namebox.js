/** The name box: shows where the selection is and goes to a reference that is typed. */

import { parseReference } from "./address.js";

export class NameBox extends EventTarget {
  /**
   * Fires `go` (detail: text) and `leave`.
   * @param {HTMLInputElement} input
   */
  constructor(input) {
    super();
    this.input = input;
    this.name = "";
    input.addEventListener("focus", () => input.select());
    input.addEventListener("blur", () => {
      input.value = this.name;
    });
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter") {
        event.preventDefault();
        this.dispatchEvent(new CustomEvent("go", { detail: input.value }));
      } else if (event.key === "Escape") {
        this.dispatchEvent(new Event("leave"));
      }
    });
  }

  /** @param {string} name of what is selected */
  show(name) {
    this.name = name;
    this.input.value = name;
  }

  /**
   * Understands what was typed.
   * @param {string} text
   * @param {import("./tabs.js").Sheet[]} sheets
   * @returns {{parsed: {sheet: number|null, range: import("./address.js").Range}|null, message: string}}
   */
  parse(text, sheets) {
    const reference = parseReference(text);
    if (!reference) return { parsed: null, message: `“${text}” is no cell or range. Type one like B2 or A1:C10.` };
    if (reference.sheet === null) return { parsed: { ...reference, sheet: null }, message: "" };
    const sheet = sheets.find(({ name }) => name.toLowerCase() === reference.sheet.toLowerCase());
    if (!sheet) return { parsed: null, message: `There is no sheet “${reference.sheet}”.` };
    return { parsed: { sheet: sheet.id, range: reference.range }, message: "" };
  }
}
