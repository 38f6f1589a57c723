/** The headers of a band: letters over columns, numbers beside rows. For the eye and the mouse only. */

import { columnName } from "./address.js";
import { Recycler } from "./recycler.js";

export class Heads {
  /**
   * @param {HTMLElement} parent
   * @param {boolean} vertical whether these are the rows' heads
   */
  constructor(parent, vertical) {
    this.vertical = vertical;
    this.element = document.createElement("div");
    this.element.className = vertical ? "heads of-rows" : "heads of-columns";
    this.element.setAttribute("aria-hidden", "true");
    this.layer = document.createElement("div");
    this.layer.className = "layer";
    this.element.append(this.layer);
    parent.append(this.element);
    this.recycler = new Recycler(this.layer, makeHead);
    this.version = "";
  }

  /**
   * @param {import("./band.js").Band} band
   * @param {number} thickness pixels across
   * @param {import("./selection.js").Selection} selection
   */
  paint(band, thickness, selection) {
    this.element.hidden = band.extent === 0;
    if (this.element.hidden) return;
    const { style } = this.element;
    style.cssText = this.vertical
      ? `left:0px;top:${band.from}px;width:${thickness}px;height:${band.extent}px`
      : `left:${band.from}px;top:0px;width:${band.extent}px;height:${thickness}px`;
    this.layer.style.transform = this.vertical ? `translateY(${band.shift}px)` : `translateX(${band.shift}px)`;
    const version = `${band.version} ${selection.version}`;
    if (this.version === version) return;
    this.version = version;
    this.recycler.sync(band.items, (element, item) => this.#paintHead(element, item, selection), true);
  }

  #paintHead(element, { index, at, size }, selection) {
    const name = this.vertical ? String(index + 1) : columnName(index);
    const state = this.vertical ? selection.touchesRow(index) : selection.touchesColumn(index);
    const key = `${name} ${at} ${size} ${state}`;
    if (element.key === key) return;
    element.key = key;
    element.textContent = name;
    element.className = `head ${state}`;
    element.style.cssText = this.vertical ? `top:${at}px;height:${size}px` : `left:${at}px;width:${size}px`;
  }
}

function makeHead() {
  return document.createElement("div");
}
