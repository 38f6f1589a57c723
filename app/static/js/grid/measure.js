/** The width of text, without a layout. */

const canvas = document.createElement("canvas").getContext("2d");

/**
 * @param {string} text
 * @param {string} font as CSS writes it
 * @returns {number} pixels
 */
export function measure(text, font) {
  if (canvas.font !== font && canvas.given !== font) {
    canvas.font = font;
    canvas.given = font;
  }
  // Nothing is shown of what comes after the first few hundred letters.
  return canvas.measureText(text.length > 400 ? text.slice(0, 400) : text).width;
}
