// Takes answers back: one that waits here is taken out of the outbox, one that is stored is undone
// by the server. The item comes back on the screen, and the one that was there comes next.
import { answeredItem, bringBack } from "./bench.js";
import { ours, waiting, withdraw } from "./outbox.js";
import { hear, tell, workbench } from "./page.js";
import { announce, current, hold, release } from "./screen.js";
import { ask } from "./server.js";

const recent = document.getElementById("recent");
const { aheadUrl, undoUrl } = workbench.dataset;
const { takenBack, notStored } = document.getElementById("bench-status").dataset;

const unsent = () => waiting().filter((row) => !row.undo && ours(row)).at(-1);
const stored = () => recent.querySelector("button[name=review]:not(:disabled)")?.value;
// The token of the answer to what is on the screen, where nobody knows whether it was stored.
const unsure = () => current()?.unsure?.token;

async function takeBack(review) {
  const row = review ? null : unsent();
  hold();
  if (!row) return review || !unsure() ? undo("review", review || stored()) : undo("token", unsure());
  // Another tab may have sent it this moment; then it is the one to undo, not the one before.
  if (!(await withdraw(row))) return undo("token", row.token);
  return bringBack(answeredItem(row), takenBack);
}

async function undo(name, value) {
  if (!value) return release();
  const said = await ask(undoUrl, { fields: [[name, value]] });
  if (said.kind === "ok") tell("undone", { bench: aheadUrl, review: said.data.review, answer: said.data });
  if (said.kind === "ok" && said.data.item) return bringBack(said.data.item, said.data.message);
  release();
  if (name === "token" && said.problem?.code === "unknown_entry") return nothingThere();
  announce(said.data?.message);
  if (said.kind === "refused") tell("problem", said.problem);
  if (said.kind === "later") tell("unkept");
}

function nothingThere() {
  delete current().unsure;
  tell("sure");
  announce(notStored);
}

// Items are held ahead with the button as it was when they were made. Where boxes are edited it also
// takes back an edit, and so is never off.
function refresh() {
  const off = !workbench.querySelector("#bench [name=verdict][value=boxes]") && !(unsent() ?? unsure() ?? stored());
  workbench.querySelectorAll("#bench [data-undo] button").forEach((button) => {
    button.disabled = off;
    button.removeAttribute("title");
  });
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-undo]")) return;
  event.preventDefault();
  const inStrip = recent.contains(event.target);
  takeBack(inStrip ? event.submitter?.value : "");
});

for (const name of ["shown", "unsent", "unsure", "recent"]) hear(name, refresh);
