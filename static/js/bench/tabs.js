// Several tabs of one person: what is answered in one leaves the others, unless something was typed
// about it there; then it is told. The last tab to close gives back what was held ahead.
import * as ahead from "./ahead.js";
import { idle, next } from "./bench.js";
import { reread, waiting } from "./outbox.js";
import { bench, hear, tell, user, workbench } from "./page.js";
import { current } from "./screen.js";
import { token } from "./server.js";

const channel = new BroadcastChannel(`reviewhub-bench-${user}`);
const me = `${Date.now()}-${Math.random()}`;
// Of the same project: what is held ahead for one is of no use to another.
const others = new Set();
const { aheadUrl } = workbench.dataset;
const post = (message) => channel.postMessage({ ...message, from: me, at: aheadUrl });
const twins = (act) => (message) => { if (message.at === aheadUrl) act(message); };

const heard = {
  hello: twins(({ from }) => { others.add(from); post({ kind: "here" }); }),
  here: twins(({ from }) => others.add(from)),
  bye: twins(({ from }) => others.delete(from)),
  changed: reread,
  loggedIn: () => tell("logged-in", { elsewhere: true }),
  answered: ({ entry }) => leave(entry),
  stored: ({ record, answer }) => tell("stored", { record, answer, elsewhere: true }),
  undone: ({ bench: of, review, answer }) => tell("undone", { bench: of, review, answer, elsewhere: true }),
};

function leave(entry) {
  ahead.drop(entry);
  if (idle() || current().entry !== entry) return;
  if (touched()) tell("elsewhere");
  else next();
}

function touched() {
  const { element } = current();
  return "touched" in element.dataset || element.querySelector("dialog:modal");
}

function pass(name, message) {
  hear(name, (detail) => { if (!detail.elsewhere) post(message(detail)); });
}

pass("kept", ({ record }) => ({ kind: "answered", entry: record.entry }));
pass("changed", () => ({ kind: "changed" }));
pass("logged-in", () => ({ kind: "loggedIn" }));
pass("stored", ({ record: { entry, token: key, bench: of }, answer }) => (
  { kind: "stored", record: { entry, token: key, bench: of }, answer: { ...answer, items: [] } }
));
pass("undone", ({ bench: of, review, answer }) => (
  { kind: "undone", bench: of, review, answer: { ...answer, item: null } }
));

channel.onmessage = ({ data }) => heard[data.kind](data);
bench.addEventListener("input", () => { current().element.dataset.touched = ""; });

window.addEventListener("pagehide", () => {
  post({ kind: "bye" });
  if (others.size) return;
  const form = new FormData();
  form.set("csrfmiddlewaretoken", token());
  form.set("user", user);
  form.set("keep", waiting().map(({ entry }) => entry).join(","));
  navigator.sendBeacon(workbench.dataset.leaveUrl, form);
});
// Back from the browser's memory: what was held ahead has been given back.
window.addEventListener("pageshow", ({ persisted }) => {
  if (!persisted) return;
  ahead.clear();
  ahead.topUp();
});
post({ kind: "hello" });
