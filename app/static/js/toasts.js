/**
 * Toasts: short messages about what just happened.
 *
 * Those the server rendered are adopted; `toast()` adds one. All but errors go after a while, unless
 * the pointer or the focus rests on them. `keep()` carries toasts over to the next page.
 */

const LIFETIME = 7000;
const KEPT = "cellar-toasts";
const region = document.getElementById("toasts");

function adopt(element) {
  if (element.matches(".error")) return;
  let timer = 0;
  const start = () => {
    timer = setTimeout(() => element.remove(), LIFETIME);
  };
  const stop = () => clearTimeout(timer);
  for (const name of ["pointerenter", "focusin"]) element.addEventListener(name, stop);
  for (const name of ["pointerleave", "focusout"]) element.addEventListener(name, start);
  start();
}

/**
 * Show a message.
 * @param {string} message
 * @param {"success" | "info" | "warning" | "error"} kind
 * @returns {HTMLElement}
 */
export function toast(message, kind = "success") {
  const element = document.getElementById("toast-template").content.firstElementChild.cloneNode(true);
  element.classList.replace("success", kind);
  if (kind === "error") element.setAttribute("role", "alert");
  const symbol = { error: "warning", warning: "warning", info: "info" }[kind] ?? "check";
  const use = element.querySelector(".icon use");
  use.setAttribute("href", use.getAttribute("href").replace(/#.*/, `#${symbol}`));
  element.querySelector("span").textContent = message;
  return show(element);
}

/**
 * Show a toast element that came from the server.
 * @param {HTMLElement} element
 * @param {HTMLElement} place where; a dialog shows its own, since it covers the page
 * @returns {HTMLElement}
 */
export function show(element, place = region) {
  place.prepend(element);
  adopt(element);
  return element;
}

/** Keep the toasts of a fetched page for the page that is loaded next. @param {Document} page */
export function keep(page) {
  const found = [...page.querySelectorAll(".toast")].map((element) => [
    element.querySelector("span").textContent,
    ["error", "warning", "info"].find((kind) => element.classList.contains(kind)) ?? "success",
  ]);
  sessionStorage.setItem(KEPT, JSON.stringify(found));
}

/**
 * Keep a message for the page that is loaded next.
 * @param {string} message
 * @param {"success" | "info" | "warning" | "error"} kind
 */
export function keepMessage(message, kind = "success") {
  sessionStorage.setItem(KEPT, JSON.stringify([[message, kind]]));
}

document.addEventListener("click", (event) => {
  event.target.closest?.("[data-dismiss]")?.closest(".toast")?.remove();
});

region.querySelectorAll(".toast").forEach(adopt);
for (const [message, kind] of JSON.parse(sessionStorage.getItem(KEPT) ?? "[]")) toast(message, kind);
sessionStorage.removeItem(KEPT);
