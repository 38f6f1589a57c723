/**
 * Elements for the items in view: what leaves lends its element to what enters, so that scrolling makes none.
 *
 * @template {{index: number}} Item
 */
export class Recycler {
  /**
   * @param {HTMLElement} parent
   * @param {() => HTMLElement} make
   */
  constructor(parent, make) {
    this.parent = parent;
    this.make = make;
    /** @type {Map<number, HTMLElement>} */
    this.used = new Map();
    /** @type {HTMLElement[]} */
    this.free = [];
  }

  /**
   * Shows exactly these items.
   * @param {Item[]} items
   * @param {(element: HTMLElement, item: Item) => void} paint
   * @param {boolean} all whether to paint the items anew that are there already
   */
  sync(items, paint, all) {
    const present = new Set();
    for (const { index } of items) present.add(index);
    for (const [index, element] of this.used) {
      if (present.has(index)) continue;
      this.used.delete(index);
      this.free.push(element);
    }
    for (const item of items) {
      const old = this.used.get(item.index);
      if (old && !all) continue;
      const element = old ?? this.#take();
      this.used.set(item.index, element);
      paint(element, item);
    }
    for (const element of this.free) element.hidden = true;
  }

  #take() {
    const element = this.free.pop();
    if (element) {
      element.hidden = false;
      return element;
    }
    const made = this.make();
    this.parent.append(made);
    return made;
  }
}
