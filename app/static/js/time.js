/**
 * Times in the reader's own zone and words.
 *
 * Every <time datetime> on the page shows "5 minutes ago" with the exact moment as its title, or, with
 * `data-exact`, the exact moment with the relative one as its title; `data-day` shows the day alone.
 */

const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: "full" });

const STEPS = /** @type {const} */ ([
  ["second", 60],
  ["minute", 60],
  ["hour", 24],
  ["day", 7],
  ["week", 4.35],
  ["month", 12],
  ["year", Infinity],
]);

/**
 * How long ago `when` was, in words.
 * @param {Date} when
 * @param {Date} now
 * @returns {string}
 */
export function ago(when, now = new Date()) {
  let amount = (when.getTime() - now.getTime()) / 1000;
  if (Math.abs(amount) < 45) return "just now";
  for (const [unit, size] of STEPS) {
    if (Math.abs(amount) < size) return relative.format(Math.round(amount), unit);
    amount /= size;
  }
  return exact.format(when);
}

/** Show every time under `root` as its reader would say it. @param {ParentNode} root */
export function localise(root = document) {
  for (const element of root.querySelectorAll("time[datetime]")) {
    const when = new Date(element.dateTime);
    if (Number.isNaN(when.getTime())) continue;
    if ("day" in element.dataset) {
      element.textContent = day.format(when);
    } else if ("exact" in element.dataset) {
      element.textContent = exact.format(when);
      element.title = ago(when);
    } else {
      element.textContent = ago(when);
      element.title = full.format(when);
    }
  }
}

localise();
setInterval(() => localise(), 30_000);
