// Puts an item on the screen: focus on its heading, one announcement, and then the wait until it
// has been seen. An answer counts only for a picture that has been painted: until then, and a
// moment more, a bounced key or the second half of a double click answers nothing.
import * as clock from "./clock.js";
import { bench, tell, workbench } from "./page.js";
import { stamp } from "./server.js";

const SEEN_MS = 150;
const READING = "a, button, input, select, textarea, summary";
let shown = null;
let seen = false;
let held = false;

export const current = () => shown;

export function show(item, words = "") {
  const ours = focusIsOurs();
  if (shown) leave(shown);
  shown = item;
  seen = held = false;
  workbench.setAttribute("aria-busy", "true");
  stamp(item.element);
  if (item.element.parentNode !== bench) bench.replaceChildren(item.element);
  clock.start();
  tell("shown", { item: item.element });
  if (ours) item.element.querySelector("h1")?.focus({ preventScroll: true });
  announce(words, item.element.dataset.announce);
  look(item);
}

// As the server has sent it; nothing is announced that a screen reader reads anyway.
export function begin(item) {
  shown = item;
  workbench.setAttribute("aria-busy", "true");
  clock.start();
  tell("shown", { item: item.element });
  look(item);
}

// While something is asked, one key does one thing.
export function hold() {
  held = true;
  workbench.setAttribute("aria-busy", "true");
}

export function release() {
  held = false;
  if (seen) workbench.removeAttribute("aria-busy");
}

export function announce(...words) {
  document.getElementById("announcer").textContent = words.filter(Boolean).join(" ");
}

function leave(item) {
  tell("leaving", { item: item.element });
  item.element.querySelectorAll("dialog[open]").forEach((dialog) => dialog.close());
}

// Never taken away from a dialog of the page, nor from somebody who is busy in the top bar.
function focusIsOurs() {
  const at = document.activeElement;
  const apart = document.querySelector("dialog:modal:not(#bench dialog)");
  return !apart && (!at?.matches(READING) || workbench.contains(at));
}

async function look(item) {
  await painted(item.element.querySelector(".stage img"));
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done, SEEN_MS)));
  if (shown !== item) return;
  seen = true;
  if (!held) workbench.removeAttribute("aria-busy");
}

async function painted(image) {
  if (!image || (await decoded(image))) return;
  if (!navigator.onLine) await backOnline();
  image.src = image.src;
  // What cannot be shown even now can still be called unusable.
  await decoded(image);
}

// Whatever had the focus before a dialog may be gone by its end.
document.addEventListener("close", () => setTimeout(() => {
  if (document.activeElement === document.body) shown?.element.querySelector("h1")?.focus({ preventScroll: true });
}), { capture: true });

const backOnline = () => new Promise((done) => {
  window.addEventListener("online", done, { once: true });
  document.addEventListener("bench:reached", done, { once: true });
});

const decoded = (image) => image.decode().then(() => true, () => false);

document.addEventListener("submit", (event) => {
  if (!workbench.hasAttribute("aria-busy") || !event.target.matches("[data-answer], [data-undo]")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, { capture: true });
