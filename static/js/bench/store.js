// The rows of the outbox in IndexedDB, in the order in which they were written. Other people's rows
// on this machine are left alone: a row is sent by nobody but the person who gave the answer.
import { createStore, del, entries, set } from "../../vendor/idb-keyval/index.js";
import { user } from "./page.js";

const rows = createStore("reviewhub-outbox", "answers");
let last = 0;

export async function add(row) {
  last = Math.max(Date.now(), last + 1);
  const kept = { ...row, key: [user, last, row.token] };
  await set(kept.key, kept, rows);
  return kept;
}

export async function list() {
  const found = await entries(rows);
  return found.map(([, row]) => row).filter((row) => row.key[0] === user);
}

export const remove = (key) => del(key, rows);

// The row after the change; nothing where another tab has taken it away meanwhile.
export const change = (key, changes) => edit(key, (row, store) => {
  const changed = { ...row, ...changes };
  store.put(changed, key);
  return changed;
});

// What the server said is final: the row goes, or stays with `changes`. A row that was marked stays
// as it is, and is told.
export const finish = (key, changes) => edit(key, (row, store) => {
  if (row.undo) return "marked";
  if (changes) store.put({ ...row, ...changes }, key);
  else store.delete(key);
  return "finished";
});

// A row that was never tried is gone; one that may have arrived is marked, to be undone as soon as
// the server has said what became of it. Nothing where it is not here any more: it was stored.
export const withdraw = (key) => edit(key, (row, store) => {
  if (row.tries) store.put({ ...row, undo: true }, key);
  else store.delete(key);
  return row.tries ? "marked" : "gone";
});

// Read and write in one transaction: the tab that sends and the one that takes back do not cross.
function edit(key, act) {
  return rows("readwrite", (store) => new Promise((resolve, reject) => {
    let outcome;
    const asked = store.get(key);
    asked.onsuccess = () => { if (asked.result) outcome = act(asked.result, store); };
    store.transaction.oncomplete = () => resolve(outcome);
    store.transaction.onabort = () => reject(store.transaction.error);
  }));
}
