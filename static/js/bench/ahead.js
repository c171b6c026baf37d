// The items that are here before they are needed: at most three with their picture decoded, each
// in the very element that will be shown.
import { tell, workbench } from "./page.js";
import { ours, waiting } from "./outbox.js";
import { current } from "./screen.js";
import { ask } from "./server.js";

const READY = 3;
const items = [];
const storedAt = new Map();
let asking = null;

export const count = () => items.length;

export function take() {
  const item = items.shift();
  if (item) ready(item);
  items.slice(0, READY).forEach(ready);
  return item;
}

export function putBack(item) {
  drop(item.entry);
  items.unshift(item);
}

export function drop(entry) {
  const at = items.findIndex((item) => item.entry === entry);
  if (at >= 0) items.splice(at, 1);
}

export const clear = () => items.splice(0);

// An answer that is on its way belongs to what is here: its item must not come a second time.
export function have() {
  const here = waiting().filter(ours);
  const entries = [current()?.entry, ...items.map(({ entry }) => entry), ...here.map(({ entry }) => entry)];
  return [...new Set(entries.filter(Boolean))].join(",");
}

// `asked` is when the server was asked: what has been stored since then may still be in its answer.
export function accept({ items: offered = [], gone = [] }, asked = performance.now()) {
  const here = have().split(",");
  gone.forEach(drop);
  if (gone.includes(current()?.entry)) tell("gone");
  for (const { entry, html } of offered) {
    if (here.includes(entry) || storedAt.get(entry) > asked) continue;
    items.push({ entry, html });
  }
  items.slice(0, READY).forEach(ready);
  tell("supplied");
}

export function stored(entry) {
  storedAt.set(entry, performance.now());
  drop(entry);
}

export function topUp() {
  asking ??= fetchMore().finally(() => { asking = null; });
  return asking;
}

export function ready(item) {
  if (item.element) return;
  const template = document.createElement("template");
  template.innerHTML = item.html;
  const pictures = template.content.querySelectorAll(".stage img");
  pictures.forEach((picture) => { picture.fetchPriority = "low"; });
  // Its pictures begin to load when it becomes part of this document, shown or not.
  item.element = document.importNode(template.content.firstElementChild, true);
  item.element.querySelector(".stage img")?.decode().catch(() => {});
}

async function fetchMore() {
  const asked = performance.now();
  const url = `${workbench.dataset.aheadUrl}?${new URLSearchParams({ have: have() })}`;
  const said = await ask(url);
  if (said.kind === "ok") {
    tell("tally", said.data);
    accept(said.data, asked);
  }
  return said.kind;
}
