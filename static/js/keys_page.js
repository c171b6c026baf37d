// A key is chosen by pressing it: a button beside its field listens for one key. Esc and Tab leave.
import { printedName, shown } from "./key_names.js";

const form = document.querySelector("[data-keys-form]");
let listening = null;

function stop() {
  listening?.removeAttribute("aria-pressed");
  if (listening) listening.firstChild.data = listening.dataset.words;
  listening = null;
}

function listen(button) {
  stop();
  listening = button;
  button.dataset.words = button.firstChild.data;
  button.setAttribute("aria-pressed", "true");
  button.firstChild.data = form.dataset.pressing;
}

function take(name) {
  const field = document.getElementById(listening.dataset.press);
  field.value = name;
  field.removeAttribute("aria-invalid");
  form.querySelector("[data-key-said]").textContent = form.dataset.taken.replace("{key}", shown(name));
  stop();
}

for (const hidden of form.querySelectorAll("[data-press], [data-print]")) hidden.hidden = false;

form.addEventListener("click", (event) => {
  const button = event.target.closest("[data-press]");
  if (button) (button === listening ? stop : listen)(button);
  if (event.target.closest("[data-print]")) window.print();
});

form.addEventListener("focusout", stop);

// Before everything else that listens: the key is named here, and does nothing. Digits belong to labels,
// so what is meant is the sign that the key prints.
window.addEventListener("keydown", (event) => {
  if (!listening || event.isComposing || event.repeat) return;
  const name = printedName(event);
  if (name === null) return;
  if (name === "tab" || name === "shift+tab") return stop();
  event.preventDefault();
  event.stopImmediatePropagation();
  if (name === "escape") stop();
  else take(name);
}, { capture: true });
