// No answer is lost: it is written here before the screen moves on, and sent in order, by one tab
// at a time, again and again until the server has it. Its token makes sending it twice count once.
// What the server refuses, or fails at again and again, is set aside for the person to decide; what
// comes after it goes on.
import { hear, tell, user, workbench } from "./page.js";
import { ask, session } from "./server.js";
import * as store from "./store.js";

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;
const MOST_FAULTS = 5;
let rows = [];
let running = null;
let onceMore = false;
let failures = 0;
let timer = 0;
let extras = () => [];

export const waiting = () => rows.filter((row) => row.state === "waiting");
export const refused = () => rows.filter((row) => row.state === "refused");
// The outbox is one for all projects; an answer's item is at home on the bench of its own alone.
export const ours = (row) => row.bench === workbench.dataset.aheadUrl;

// Fields that are true at the time of sending, such as what the bench holds.
export function sendWith(make) {
  extras = make;
}

export async function reread() {
  rows = await store.list();
  tell("unsent", { count: waiting().length, refused: refused().length, kept: store.keeps() });
}

// The kept row, or nothing where the browser cannot keep anything.
export async function keep(record) {
  const row = await store.add({ ...record, state: "waiting", tries: 0 }).catch(() => null);
  if (row) {
    // A new answer to an item takes the place of the one that was refused.
    await Promise.all(refused().filter(({ entry }) => entry === row.entry).map(({ key }) => store.remove(key)));
    await changed();
  }
  return row;
}

// "gone" when it was never sent, "marked" when it may have been, nothing when it is stored.
export async function withdraw(row) {
  const outcome = await store.withdraw(row.key);
  await changed();
  return outcome;
}

export async function discard(row) {
  await store.remove(row.key);
  await changed();
}

// `token` is another one where the old one belongs to something else; `said` may be what was said first.
export async function retry(row, { token = row.token, said = row } = {}) {
  const fields = said.fields.map(([name, value]) => [name, name === "token" ? token : value]);
  await store.change(row.key, { state: "waiting", problem: null, faults: 0, token, fields, url: said.url, said: said.said });
  await changed();
  return flush();
}

// The stored answer that has the token of this one makes way for it; `unheard` says that nobody knows.
export async function instead(row, token, unheard) {
  const undone = await undoStored(row, row.problem.review);
  if (undone.kind === "ok") return retry(row, { token });
  await store.change(row.key, { problem: undone.problem ?? { ...row.problem, detail: unheard } });
  return changed();
}

// Without a receipt the answer is named by its token.
export async function undoStored(row, review) {
  const said = await ask(row.undoUrl, { fields: [review ? ["review", review] : ["token", row.token]] });
  if (said.kind === "ok") tell("undone", { bench: row.bench, review: said.data.review, answer: said.data });
  return said;
}

// Ends when there is nothing to send, or no way to send it now.
export function flush() {
  onceMore = Boolean(running);
  running ??= alone(drain).catch(() => later()).finally(() => {
    running = null;
    if (onceMore) flush();
  });
  return running;
}

export function send(row) {
  return ask(row.url, { fields: [...row.fields, ...extras(row)], headers: { "Idempotency-Key": row.token } });
}

// Without a secure context there are no locks; sending twice still counts once.
function alone(work) {
  return navigator.locks ? navigator.locks.request(`reviewhub-outbox-${user}`, work) : work();
}

async function changed() {
  await reread();
  tell("changed");
}

async function drain() {
  clearTimeout(timer);
  await reread();
  // A machine that believes it has no network may still reach a server of its own. Rather ask than
  // try: an answer that was never tried can be taken back without a trace.
  let goOn = !waiting().length || navigator.onLine || Boolean(await session()) || later();
  while (goOn && waiting().length) {
    const [row] = waiting();
    const tried = await store.change(row.key, { tries: row.tries + 1 });
    const asked = performance.now();
    if (tried) goOn = await settle(row, await send(row), asked);
    else await reread();
  }
}

async function settle(row, said, asked) {
  if (said.kind === "later" && !(await hopeless(row, said.fault))) return later(said.after);
  if (said.kind === "login") return false;
  failures = 0;
  const problem = said.problem ?? said.fault;
  const changes = said.kind === "ok" ? null : { state: "refused", problem };
  if (await store.finish(row.key, changes) === "marked") return takenBack(row, said);
  await changed();
  if (said.kind === "ok") tell("stored", { record: row, answer: said.data, asked });
  else tell("refused", { record: row, problem });
  return true;
}

// A server that fails at this one answer would keep all that come after it waiting.
async function hopeless(row, fault) {
  if (!fault) return false;
  const faults = (row.faults ?? 0) + 1;
  await store.change(row.key, { faults });
  if (faults < MOST_FAULTS) return false;
  tell("reached", { ok: false, known: true });
  return true;
}

// It was taken back while it may have been on its way: undo what has arrived. What the server failed
// at may have arrived, too.
async function takenBack(row, said) {
  if (said.kind !== "refused") {
    const undone = await undoStored(row, said.data?.review);
    if (undone.kind === "later") return later(undone.after);
    if (undone.kind === "login") return false;
    if (undone.kind === "refused" && undone.problem.code !== "unknown_entry") tell("problem", undone.problem);
  }
  await discard(row);
  return true;
}

function later(after = 0) {
  const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** failures) * (0.5 + Math.random() / 2);
  failures += 1;
  clearTimeout(timer);
  timer = setTimeout(flush, Math.max(wait, after * 1_000));
  tell("unreached");
  return false;
}

function now() {
  failures = 0;
  flush();
}

window.addEventListener("online", now);
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && now());
hear("logged-in", now);
