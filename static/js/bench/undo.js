// Takes answers back: one that waits here is taken out of the outbox, one that is stored is undone
// by the server. The item comes back on the screen, and the one that was there comes next.
import { answeredItem, bringBack } from "./bench.js";
import { waiting, withdraw } from "./outbox.js";
import { hear, tell, workbench } from "./page.js";
import { announce, hold, release } from "./screen.js";
import { ask } from "./server.js";

const recent = document.getElementById("recent");
const { undoUrl } = workbench.dataset;
const { takenBack } = document.getElementById("bench-status").dataset;

const unsent = () => waiting().filter((row) => !row.undo).at(-1);
const stored = () => recent.querySelector("button[name=review]:not(:disabled)")?.value;

async function takeBack(review) {
  const row = review ? null : unsent();
  hold();
  if (!row) return undo(review || stored());
  const outcome = await withdraw(row);
  if (!outcome) return undo(stored());
  return bringBack(answeredItem(row), takenBack);
}

async function undo(review) {
  if (!review) return release();
  const said = await ask(undoUrl, { fields: [["review", review]] });
  if (said.kind === "ok") tell("undone", { review, answer: said.data });
  if (said.kind === "ok" && said.data.item) return bringBack(said.data.item, said.data.message);
  release();
  announce(said.data?.message);
  if (said.kind === "refused") tell("problem", said.problem);
  if (said.kind === "later") tell("unkept");
}

// Items are held ahead with the button as it was when they were made. Where boxes are edited it also
// takes back an edit, and so is never off.
function refresh() {
  const off = !workbench.querySelector("#bench [name=verdict][value=boxes]") && !(unsent() ?? stored());
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

for (const name of ["shown", "unsent", "recent"]) hear(name, refresh);
