/** F6 goes round the parts of the page, as Tab stays within the grid. */

/**
 * @param {(() => HTMLElement|null)[]} parts what takes the focus in each part
 */
export function listenForRegions(parts) {
  document.addEventListener("keydown", (event) => {
    if (event.key !== "F6" || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    const elements = parts.map((part) => part()).filter((element) => element && !element.disabled);
    const step = event.shiftKey ? -1 : 1;
    const at = elements.indexOf(document.activeElement);
    elements[(at + step + elements.length) % elements.length]?.focus({ preventScroll: true });
  });
}
