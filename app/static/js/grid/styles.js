/**
 * Cell styles as CSS classes in a constructed style sheet: no inline style, so the content security policy holds.
 *
 * A style is what the API's styles table says; equal styles are one class, whatever their ids in a revision.
 */

const PT = 96 / 72;
const FALLBACK = "Arimo, Arial, 'Liberation Sans', system-ui, sans-serif";
const RELATIVES = {
  Calibri: "Carlito",
  Cambria: "Caladea",
  "Courier New": "'Liberation Mono', monospace",
  "Times New Roman": "'Liberation Serif', Tinos, serif",
};
const ALIGN = { left: "left", right: "right", center: "center", centerContinuous: "center", justify: "justify" };
const VALIGN = { top: "start", center: "center", bottom: "end", justify: "start", distributed: "center" };
const LINES = {
  hair: "1px dotted",
  dotted: "1px dotted",
  dashed: "1px dashed",
  dashDot: "1px dashed",
  dashDotDot: "1px dashed",
  slantDashDot: "2px dashed",
  mediumDashed: "2px dashed",
  mediumDashDot: "2px dashed",
  mediumDashDotDot: "2px dashed",
  medium: "2px solid",
  thick: "3px solid",
  double: "3px double",
};
const SIDES = ["top", "right", "bottom", "left"];
const COLOR = /^#?([0-9a-f]{6})([0-9a-f]{2})?$/i;

export class CellStyles {
  constructor() {
    this.sheet = new CSSStyleSheet();
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, this.sheet];
    /** @type {Map<string, number>} */
    this.numbers = new Map([["{}", 0]]);
    this.styles = [{}];
  }

  /**
   * The number of a style; 0 is the default.
   * @param {object} style as the API gives it
   * @returns {number}
   */
  number(style) {
    const text = JSON.stringify(style);
    let number = this.numbers.get(text);
    if (number === undefined) {
      number = this.styles.length;
      this.numbers.set(text, number);
      this.styles.push(style);
      for (const rule of rulesOf(number, style)) this.sheet.insertRule(rule, this.sheet.cssRules.length);
    }
    return number;
  }

  /**
   * The class of a style's number, with a space before it.
   * @param {number} number
   */
  className(number) {
    return number ? ` s${number}` : "";
  }

  /** @param {number} number @returns {object} */
  style(number) {
    return this.styles[number];
  }

  /** Whether an empty cell of this style is to be seen. @param {number} number */
  visible(number) {
    const style = this.styles[number];
    return Boolean(style.fill || style.borders);
  }

  /** The colour a cell's number format gives it. @param {import("./cell.js").Cell} cell */
  ink(cell) {
    const ink = color(cell.ink);
    if (!ink) return "inherit";
    return this.styles[cell.style].fill ? ink : `light-dark(${ink},${lightened(ink)})`;
  }

  /** A style as CSS that other programs understand on the clipboard. @param {number} number */
  css(number) {
    const { bold, italic, underline, strike, color: ink, fill, align } = this.styles[number];
    return [
      bold && "font-weight:bold",
      italic && "font-style:italic",
      (underline || strike) && `text-decoration:${[underline && "underline", strike && "line-through"].filter(Boolean).join(" ")}`,
      color(ink) && `color:${color(ink)}`,
      color(fill) && `background:${color(fill)}`,
      ALIGN[align] && `text-align:${ALIGN[align]}`,
    ]
      .filter(Boolean)
      .join(";");
  }

  /** The canvas font of a style, for measuring text. @param {number} number */
  font(number) {
    const { bold, italic, size, font } = this.styles[number];
    const pixels = size ? size * PT : 13;
    return `${italic ? "italic " : ""}${bold ? "bold " : ""}${pixels}px ${font ? family(font) : FALLBACK}`;
  }
}

/** @returns {string[]} CSS rules */
function rulesOf(number, style) {
  const cell = [];
  if (style.bold) cell.push("font-weight:700");
  if (style.italic) cell.push("font-style:italic");
  const lines = [style.underline && "underline", style.strike && "line-through"].filter(Boolean);
  if (lines.length) cell.push(`text-decoration-line:${lines.join(" ")}`);
  if (String(style.underline).startsWith("double")) cell.push("text-decoration-style:double");
  if (style.size) cell.push(`font-size:${Number(style.size) * PT}px`);
  if (style.font) cell.push(`font-family:${family(style.font)}`);
  const fill = color(style.fill);
  const ink = color(style.color);
  // On a fill of the file's own the text is black unless it says otherwise, also where the page is dark.
  if (fill) cell.push(`--fill:${fill}`, `color:${ink ?? "#000"}`);
  else if (ink) cell.push(`color:light-dark(${ink},${lightened(ink)})`);
  if (ALIGN[style.align]) cell.push(`text-align:${ALIGN[style.align]}`);
  if (VALIGN[style.valign]) cell.push(`align-content:${VALIGN[style.valign]}`);
  if (style.wrap) cell.push("white-space:pre-wrap", "overflow-wrap:anywhere");
  if (style.indent) cell.push(`padding-inline:${3 + 9 * Number(style.indent)}px`);
  const rules = [`.cell.s${number}{${cell.join(";")}}`];
  const borders = SIDES.map((side) => border(side, style.borders?.[side])).filter(Boolean);
  // Borders lie on the grid lines, a pixel outside the cell at its top and left.
  if (borders.length) rules.push(`.cell.s${number}{overflow-clip-margin:1px}`, `.cell.s${number}::before{content:"";${borders.join(";")}}`);
  return rules;
}

function border(side, line) {
  if (!line) return "";
  const { style, color: ink } = typeof line === "string" ? { style: line, color: null } : line;
  if (style === "none") return "";
  return `border-${side}:${LINES[style] ?? "1px solid"} ${color(ink) ?? "var(--text)"}`;
}

function family(name) {
  const clean = name.replace(/["\\\n;{}]/g, "");
  return [`"${clean}"`, RELATIVES[clean], FALLBACK].filter(Boolean).join(",");
}

/** Only what is surely a colour goes into a rule. */
function color(text) {
  const match = COLOR.exec(text ?? "");
  return match ? `#${match[1].toLowerCase()}` : null;
}

function channels(hex) {
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255);
}

function luminance(hex) {
  const [red, green, blue] = channels(hex).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** A colour chosen for white paper, as light as it was dark: the same hue on a dark page. */
function lightened(ink) {
  if (luminance(ink) > 0.35) return ink;
  return `hsl(from ${ink} h s ${Math.round(100 - lightness(ink) * 70)}%)`;
}

function lightness(hex) {
  const parts = channels(hex);
  return (Math.max(...parts) + Math.min(...parts)) / 2;
}
