// Fills the help dialog with the keys that act on this page, read from the page itself.
import { shown } from "./key_names.js";

const dialog = document.querySelector("[data-keys-help]");

function nameOf(element) {
  const copy = element.cloneNode(true);
  copy.querySelectorAll("kbd, .visually-hidden").forEach((part) => part.remove());
  return element.dataset.keyName ?? element.getAttribute("aria-label") ?? copy.textContent;
}

function row(element) {
  const line = document.createElement("div");
  const term = document.createElement("dt");
  const keys = document.createElement("dd");
  term.textContent = nameOf(element).replace(/\s+/g, " ").trim();
  for (const key of element.dataset.key.split(",")) {
    const cap = document.createElement("kbd");
    cap.className = "keycap";
    cap.textContent = key.includes(" ") ? key : shown(key);
    keys.append(cap, " ");
  }
  line.append(term, keys);
  return line;
}

function fill() {
  const list = dialog.querySelector("dl");
  const elements = [...document.querySelectorAll("[data-key]:not(dialog [data-key])")];
  list.replaceChildren(...elements.filter((element) => !element.disabled).map(row));
}

dialog?.addEventListener("beforetoggle", (event) => event.newState === "open" && fill());
