/** The dialog that asks what to do where somebody else has changed the same cells. */

/** @typedef {{sheet: number, cell: string, base: unknown, theirs: unknown, yours: unknown}} Conflict */

/**
 * Asks about each conflict.
 * @param {HTMLDialogElement} dialog
 * @param {Conflict[]} conflicts
 * @param {(sheet: number) => string} sheetName
 * @returns {Promise<("mine"|"theirs")[]>}
 */
export function decide(dialog, conflicts, sheetName) {
  const body = dialog.querySelector("tbody");
  const rows = conflicts.map((conflict, i) => rowOf(conflict, i, sheetName));
  body.replaceChildren(...rows);
  dialog.querySelector("[data-choice=each]").hidden = conflicts.length < 2;
  dialog.classList.toggle("one", conflicts.length < 2);
  return new Promise((resolve) => {
    const finish = (choice) => {
      const each = rows.map((row) => row.querySelector("input:checked").value);
      dialog.close();
      resolve(choice === "each" ? each : conflicts.map(() => choice));
    };
    dialog.onclick = ({ target }) => {
      const choice = target.closest("[data-choice]")?.dataset.choice;
      if (choice) finish(choice);
    };
    // Leaving the question open would leave the edit unsaved: Escape takes what is already saved.
    dialog.oncancel = (event) => {
      event.preventDefault();
      finish("theirs");
    };
    dialog.showModal();
  });
}

function rowOf({ sheet, cell, base, theirs, yours }, i, sheetName) {
  const row = document.createElement("tr");
  const head = document.createElement("th");
  head.scope = "row";
  head.textContent = `${sheetName(sheet)} ${cell}`;
  row.append(head, cellWith(document.createTextNode(shown(base))));
  for (const [value, content] of [
    ["mine", yours],
    ["theirs", theirs],
  ]) {
    const label = document.createElement("label");
    const radio = document.createElement("input");
    radio.type = "radio";
    radio.name = `conflict-${i}`;
    radio.value = value;
    radio.checked = value === "mine";
    const text = document.createElement("span");
    text.textContent = shown(content);
    label.append(radio, text);
    row.append(cellWith(label));
  }
  return row;
}

function cellWith(node) {
  const cell = document.createElement("td");
  cell.append(node);
  return cell;
}

/** A value as the API gives it: a plain one, or an object with its input or text. */
function shown(value) {
  if (value === null || value === undefined || value === "") return "(empty)";
  if (typeof value !== "object") return String(value);
  if (value.formula) return `=${value.formula}`;
  return shown(value.input ?? value.text ?? value.value);
}
