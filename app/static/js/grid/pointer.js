/** Mouse, pen and touch on the grid: select, extend, edit; touch scrolls, a tap selects. */

const DOUBLE_MS = 400;
const SCROLL_EVERY_MS = 40;
const EDGE = 24;

/**
 * @typedef {object} Touch
 * @property {() => import("./selection.js").Selection} selection
 * @property {() => void} start before the selection changes: ends editing
 * @property {() => void} edit
 * @property {() => void} focus
 * @property {(row: number, column: number) => boolean} follow goes where a cell's link leads, if it has one
 */

/**
 * Listens on the view.
 * @param {import("./view.js").View} view
 * @param {Touch} hands
 */
export function listenToPointers(view, hands) {
  const { window: element } = view;
  let drag = null;
  let timer = 0;
  let tap = { at: 0, row: -1, column: -1 };

  element.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "touch" || event.target.closest("textarea")) return;
    hands.start();
    hands.focus();
    const place = view.hit(event.clientX, event.clientY);
    if (event.button !== 0) {
      if (!selected(hands.selection(), place)) apply(hands.selection(), place, {});
      return;
    }
    const control = event.ctrlKey || event.metaKey;
    if (control && place.area === "cell" && hands.follow(place.row, place.column)) return;
    element.setPointerCapture(event.pointerId);
    apply(hands.selection(), place, { extend: event.shiftKey, add: control });
    drag = { area: place.area, x: event.clientX, y: event.clientY, moved: false };
    clearInterval(timer);
    timer = setInterval(() => pull(view, hands.selection(), drag), SCROLL_EVERY_MS);
  });

  element.addEventListener("mousedown", (event) => {
    // The editor keeps the focus: pressing on the grid takes it away otherwise.
    if (!event.target.closest("textarea")) event.preventDefault();
  });

  element.addEventListener("pointermove", (event) => {
    if (!drag) return;
    if (Math.abs(event.clientX - drag.x) + Math.abs(event.clientY - drag.y) < 2) return;
    Object.assign(drag, { x: event.clientX, y: event.clientY, moved: true });
    extendTo(view, hands.selection(), drag);
  });

  const release = () => {
    drag = null;
    clearInterval(timer);
  };
  element.addEventListener("pointerup", release);
  element.addEventListener("pointercancel", release);

  element.addEventListener("dblclick", (event) => {
    const place = view.hit(event.clientX, event.clientY);
    if (place.area === "cell" && !event.target.closest("textarea")) hands.edit();
  });

  element.addEventListener("click", (event) => {
    if (event.pointerType !== "touch" || event.target.closest("textarea")) return;
    const place = view.hit(event.clientX, event.clientY);
    const again = tap.row === place.row && tap.column === place.column && event.timeStamp - tap.at < DOUBLE_MS;
    tap = { at: event.timeStamp, row: place.row, column: place.column };
    if (again) return;
    hands.start();
    hands.focus();
    apply(hands.selection(), place, {});
  });
}

function apply(selection, { area, row, column }, { extend = false, add = false }) {
  if (area === "corner") selection.selectAll();
  else if (area === "row") selection.selectRows(row, { extend, add });
  else if (area === "column") selection.selectColumns(column, { extend, add });
  else if (extend) selection.extend(row, column);
  else selection.select(row, column, add);
}

function extendTo(view, selection, { area, x, y }) {
  const { row, column } = view.hit(x, y);
  if (area === "row") selection.selectRows(row, { extend: true });
  else if (area === "column") selection.selectColumns(column, { extend: true });
  else if (area === "cell" && (row !== selection.end.row || column !== selection.end.column)) {
    selection.extend(row, column);
  }
}

/** Scrolls on while a drag is held at or beyond an edge. */
function pull(view, selection, drag) {
  if (!drag?.moved) return;
  const { left, top, right, bottom } = view.window.getBoundingClientRect();
  const across = drag.area === "row" ? 0 : beyond(drag.x, left + view.headWidth, right);
  const down = drag.area === "column" ? 0 : beyond(drag.y, top, bottom);
  if (!across && !down) return;
  const { x, y } = view.position;
  view.scroller.go(Math.max(0, x + across), Math.max(0, y + down));
  extendTo(view, selection, drag);
}

function beyond(at, from, to) {
  if (at > to - EDGE / 2) return Math.min(200, at - to + EDGE);
  if (at < from + EDGE / 2) return Math.max(-200, at - from - EDGE);
  return 0;
}

function selected({ ranges }, { row, column }) {
  return ranges.some(
    ({ top, left, bottom, right }) => row >= top && row <= bottom && column >= left && column <= right,
  );
}
