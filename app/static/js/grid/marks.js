/** What lies over the cells of a pane: the selection, the active cell's frame, the range that was cut or copied. */

/** @typedef {import("./address.js").Range} Range */

const BEYOND = 8;

/**
 * Paints the marks of one pane.
 * @param {import("./pane.js").Pane} pane
 * @param {import("./pane.js").Scene} scene
 * @param {Range|null} lifted the range that was cut or copied
 */
export function paintMarks(pane, scene, lifted) {
  if (pane.element.hidden) return;
  const { selection, merges } = scene;
  const active = merges.at(selection.row, selection.column) ?? {
    top: selection.row,
    bottom: selection.row,
    left: selection.column,
    right: selection.column,
  };
  const wanted = selection.ranges.map((range) => ["range", range]);
  if (lifted) wanted.push(["lifted", lifted]);
  wanted.push(["active", active]);
  while (pane.marks.children.length < wanted.length) pane.marks.append(document.createElement("div"));
  [...pane.marks.children].forEach((element, i) => {
    const [name, range] = wanted[i] ?? [];
    const box = range && boxIn(pane, scene, range);
    element.hidden = !box;
    if (!box) return;
    const single = name === "range" && range.top === active.top && range.bottom === active.bottom;
    const alone = single && range.left === active.left && range.right === active.right;
    element.className = `mark ${name}${alone ? " alone" : ""}`;
    element.style.cssText = `left:${box.left}px;top:${box.top}px;width:${box.width}px;height:${box.height}px`;
  });
}

/** Where a range lies in a pane, cut off a little beyond the pane's edges; null where it does not. */
function boxIn({ rows, columns }, scene, { top, left, bottom, right }) {
  const across = spanIn(scene.columns, columns, left, right);
  const down = spanIn(scene.rows, rows, top, bottom);
  if (!across || !down) return null;
  // A frame lies on the grid lines on both sides of its cells.
  return {
    left: across[0] - 1,
    top: down[0] - 1,
    width: across[1] - across[0] + 1,
    height: down[1] - down[0] + 1,
  };
}

function spanIn(axis, band, first, last) {
  const start = axis.offset(first) - band.scroll;
  const end = axis.offset(last + 1) - band.scroll;
  if (end <= 0 || start >= band.extent || start === end) return null;
  return [Math.max(start, -BEYOND), Math.min(end, band.extent + BEYOND)];
}
