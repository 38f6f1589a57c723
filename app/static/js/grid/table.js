/** Tables of text as they lie on the clipboard: tab-separated, as Excel writes them, and HTML. */

/**
 * @param {string[][]} rows
 * @returns {string} tab-separated; texts with tabs, quotes at the start or line ends in quotes
 */
export function toTsv(rows) {
  return rows.map((row) => row.map(quoted).join("\t")).join("\n");
}

/**
 * Reads tab-separated text, with Excel's quotes around what holds line ends.
 * @param {string} text
 * @returns {string[][]}
 */
export function fromTsv(text) {
  const rows = [[]];
  let at = 0;
  const end = text.replace(/\r?\n$/, "").length;
  while (at <= end) {
    let field = "";
    if (text[at] === '"' && closes(text, at)) {
      const close = closes(text, at);
      field = text.slice(at + 1, close).replaceAll('""', '"');
      at = close + 1;
    } else {
      const from = at;
      while (at < end && text[at] !== "\t" && text[at] !== "\n" && text[at] !== "\r") at += 1;
      field = text.slice(from, at);
    }
    rows.at(-1).push(field);
    if (at >= end) break;
    if (text[at] === "\r" && text[at + 1] === "\n") at += 1;
    if (text[at] !== "\t") rows.push([]);
    at += 1;
  }
  return rows;
}

/**
 * Reads the first table of an HTML text.
 * @param {string} html
 * @returns {string[][]|null} null where there is none
 */
export function fromHtml(html) {
  if (!/<t[dh][\s>]/i.test(html)) return null;
  // A parsed document is inert: nothing in it is run or loaded.
  const table = new DOMParser().parseFromString(html, "text/html").querySelector("table");
  if (!table) return null;
  const rows = [];
  [...table.rows].forEach((row, i) => {
    rows[i] ??= [];
    let column = 0;
    for (const cell of row.cells) {
      while (rows[i][column] !== undefined) column += 1;
      for (let down = 0; down < cell.rowSpan; down += 1) {
        for (let across = 0; across < cell.colSpan; across += 1) {
          (rows[i + down] ??= [])[column + across] = down || across ? "" : textOf(cell);
        }
      }
    }
  });
  return rows.map((row) => Array.from(row, (text) => text ?? ""));
}

/**
 * @param {{text: string, css: string}[][]} rows
 * @returns {string}
 */
export function toHtml(rows) {
  const lines = rows.map((row) => {
    const cells = row.map(({ text, css }) => `<td${css ? ` style="${escaped(css)}"` : ""}>${broken(text)}</td>`);
    return `<tr>${cells.join("")}</tr>`;
  });
  return `<meta charset="utf-8"><table>${lines.join("")}</table>`;
}

function quoted(text) {
  return /[\t\n\r]|^"/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Where the quoted field that opens at `from` closes; 0 where no field ends there. */
function closes(text, from) {
  for (let at = from + 1; at < text.length; at += 1) {
    if (text[at] !== '"') continue;
    if (text[at + 1] === '"') at += 1;
    else return at + 1 === text.length || "\t\r\n".includes(text[at + 1]) ? at : 0;
  }
  return 0;
}

function textOf(cell) {
  for (const line of cell.querySelectorAll("br")) line.replaceWith("\n");
  return cell.textContent.replaceAll("\u00a0", " ").trim();
}

function broken(text) {
  return escaped(text).replaceAll("\n", "<br>");
}

function escaped(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
