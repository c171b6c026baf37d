// An answer: into the outbox, the next item at once, the sending behind it. While no item is here,
// the bench says so and looks again from time to time.
import * as ahead from "./ahead.js";
import { seconds } from "./clock.js";
import { flush, keep, ours, reread, send, sendWith, waiting } from "./outbox.js";
import { bench, hear, tell, workbench } from "./page.js";
import { said } from "./said.js";
import { begin, current, hold, release, show } from "./screen.js";

const FEW = 2;
const REMEMBERED = 10;
const SLOW_MS = 1_000;
// Buttons of the form that ask the server for something else.
const NO_ANSWER = "[name=more], [data-plain]";
const { aheadUrl, undoUrl } = workbench.dataset;
const answered = new Map();
// While there is no item: the words with which the next one will be announced.
let wanting = null;

export async function start() {
  const element = bench.querySelector(".bench-item");
  const first = { entry: element.dataset.entry, html: element.outerHTML, element };
  if (!first.entry) wanting = "";
  begin(first);
  hold();
  await reread();
  // After a reload the server may not know yet that this one has been answered.
  if (waiting().some(({ entry }) => entry === first.entry)) next();
  else {
    release();
    ahead.topUp();
  }
  flush();
}

export const idle = () => wanting !== null;

export function next(words = "") {
  const item = ahead.take();
  if (item) return put(item, words);
  wanting = words;
  hold();
  return supply();
}

// An item that was answered is on the screen again; the one that was there comes next.
export function bringBack(item, words) {
  const shown = current();
  ahead.drop(item.entry);
  if (!idle() && shown.entry !== item.entry) ahead.putBack(shown);
  ahead.ready(item);
  freshToken(item);
  put(item, words);
}

// What is said of an item that was answered before is another answer; of `record`, what changes.
export function freshToken(item, { fields = [] } = {}) {
  const token = newToken();
  delete item.unsure;
  item.element.querySelectorAll("[name=token]").forEach((field) => { field.value = token; });
  return { token, fields: fields.map(([name, value]) => [name, name === "token" ? token : value]) };
}

// As it was when it was answered, with what had been typed.
export const answeredItem = (row) => answered.get(row.token) ?? { entry: row.entry, html: row.html };

function put(item, words) {
  wanting = null;
  show(item, words);
}

async function answer(form, submitter) {
  const item = current();
  const deed = { item: item.element, form, submitter };
  if (!tell("answering", deed, { cancelable: true })) return;
  await deliver(written(item, form, submitter), item);
}

export async function deliver(record, item) {
  hold();
  const row = await keep({ ...record, first: item.unsure });
  if (!row && !(await sentFirst(record, item))) return;
  remember(record.token, item);
  tell("kept", { record });
  next(`${record.said}.`);
  flush();
}

function written(item, form, submitter) {
  const fields = [...new FormData(form, submitter)].filter(([name]) => name !== "csrfmiddlewaretoken");
  return {
    bench: aheadUrl,
    undoUrl,
    url: form.action,
    entry: item.entry,
    externalId: item.element.dataset.externalId,
    picture: item.element.querySelector(".stage img")?.src,
    html: item.html,
    said: said(form, submitter),
    token: fields.find(([name]) => name === "token")[1],
    fields: [...fields, ["seconds", seconds().toFixed(1)]],
  };
}

// What cannot be kept here must be there before the screen moves on. Without a receipt nobody knows
// whether it is: the item keeps its token, and the answer that was sent first.
async function sentFirst(record, item) {
  const { kind, data, problem } = await send(record);
  if (kind === "ok") {
    delete item.unsure;
    tell("stored", { record, answer: data });
    return true;
  }
  release();
  if (kind === "later") {
    item.unsure ??= record;
    tell("unsure");
  } else if (problem?.code === "answered_otherwise") tell("otherwise", { record, item, problem });
  else if (problem) tell("problem", problem);
  return false;
}

function remember(token, item) {
  answered.set(token, item);
  if (answered.size > REMEMBERED) answered.delete(answered.keys().next().value);
}

async function supply() {
  const slow = setTimeout(() => idle() && nothing("waiting"), SLOW_MS);
  await flush();
  const kind = idle() ? await ahead.topUp() : "ok";
  clearTimeout(slow);
  if (idle()) nothing(kind === "ok" ? "empty" : "waiting");
}

export function nothing(which) {
  if (current().which === which) return;
  const template = document.getElementById(`bench-${which}`);
  const element = document.importNode(template.content.querySelector(".bench-item"), true);
  show({ which, element }, wanting);
}

// One that no answer has had; `randomUUID` is missing where the page comes without TLS.
export function newToken() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-answer]") || event.submitter?.matches(NO_ANSWER)) return;
  event.preventDefault();
  answer(event.target, event.submitter);
});

hear("stored", ({ record, answer, asked }) => {
  ahead.stored(record.entry);
  if (!ours(record)) return;
  ahead.accept(answer, asked);
  if (ahead.count() < FEW) ahead.topUp();
});

hear("supplied", () => {
  if (idle() && ahead.count()) put(ahead.take(), wanting);
});

sendWith((row) => (ours(row) ? [["have", ahead.have()]] : []));
