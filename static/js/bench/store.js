// The rows of the outbox in IndexedDB, in the order in which they were written. Other people's rows
// on this machine are left alone: a row is sent by nobody but the person who gave the answer.
// What the browser will not write any more (a full disk, a database that was closed) is true for this
// page all the same: an answer that is kept already must not wait for the room to note its sending.
import { createStore, del, entries, set } from "../../vendor/idb-keyval/index.js";
import { user } from "./page.js";

const rows = createStore("reviewhub-outbox", "answers");
// By key: the row as it should be, or null where it should be gone.
const unwritten = new Map();
let listed = [];
let last = 0;
let readable = true;

const named = (key) => JSON.stringify(key);

export async function add(row) {
  last = Math.max(Date.now(), last + 1);
  const kept = { ...row, key: [user, last, row.token] };
  await set(kept.key, kept, rows);
  return kept;
}

// Nothing is known of what cannot be read: then what was read before is still to be sent.
export async function list() {
  try {
    const found = await entries(rows);
    listed = found.map(([, row]) => row).filter((row) => row.key[0] === user);
    readable = true;
  } catch {
    readable = false;
  }
  return listed.map((row) => seen(row.key, row)).filter(Boolean);
}

// Whether this browser keeps answers at all.
export const keeps = () => readable;

export const remove = (key) => edit(key, (row, store) => { store.delete(key); });

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

// A row that was never tried, or was refused, is gone; one that may have arrived is marked, to be
// undone as soon as the server has said what became of it. Nothing where it is not here any more: it
// was stored.
export const withdraw = (key) => edit(key, (row, store) => {
  const open = row.tries && row.state === "waiting";
  if (open) store.put({ ...row, undo: true }, key);
  else store.delete(key);
  return open ? "marked" : "gone";
});

function seen(key, row) {
  const name = named(key);
  return unwritten.has(name) ? unwritten.get(name) : row;
}

async function edit(key, act) {
  try {
    return await written(key, act);
  } catch {
    const name = named(key);
    const row = seen(key, listed.find((each) => named(each.key) === name));
    const page = { put: (changed) => unwritten.set(name, changed), delete: () => unwritten.set(name, null) };
    return row ? act(row, page) : undefined;
  }
}

// Read and write in one transaction: the tab that sends and the one that takes back do not cross.
function written(key, act) {
  return rows("readwrite", (store) => new Promise((resolve, reject) => {
    let outcome;
    const asked = store.get(key);
    asked.onsuccess = () => {
      const row = asked.result && seen(key, asked.result);
      if (row) outcome = act(row, store);
      else if (asked.result) store.delete(key);
    };
    store.transaction.oncomplete = () => {
      unwritten.delete(named(key));
      resolve(outcome);
    };
    store.transaction.onabort = () => reject(store.transaction.error);
  }));
}
