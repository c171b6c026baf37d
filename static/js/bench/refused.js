// An answer that the server would not store waits for a choice: what was said of which item, why it
// was not stored; try again, discard it, or look at the item. It stays, also over a reload. Where an
// earlier answer is stored that only lost its receipt, one of the two is chosen.
import { answeredItem, bringBack, newToken } from "./bench.js";
import { discard, instead, ours, refused, retry } from "./outbox.js";
import { counted, hear } from "./page.js";

const dialog = document.getElementById("refused-dialog");
const reopen = document.getElementById("refused");
const { unkept } = document.getElementById("bench-status").dataset;
const part = (name) => dialog.querySelector(`[data-refused=${name}]`);
let dismissed = false;

const otherwise = (row) => row.problem.code === "answered_otherwise";

function fill(row) {
  const { title, detail } = row.problem;
  for (const button of dialog.querySelectorAll("[data-otherwise]")) {
    button.textContent = otherwise(row) ? button.dataset.otherwise : button.dataset.usual;
  }
  part("look").hidden = !ours(row);
  part("elsewhere").hidden = ours(row);
  // The page of a bench stands above what it asks.
  part("elsewhere").href = new URL(".", new URL(row.bench, location)).pathname.replace(/\/$/, "");
  part("item").textContent = row.externalId;
  part("said").textContent = row.said;
  part("why").textContent = [title, detail === title ? "" : detail].filter(Boolean).join(". ") || part("why").dataset.unknown;
  part("place").textContent = refused().length > 1 ? counted(part("place").dataset, refused().length) : "";
  part("picture").hidden = !row.picture;
  if (row.picture) part("picture").src = row.picture;
}

// Never over another dialog, nor while somebody is typing: the button in the header waits.
function inTheWay() {
  return document.querySelector("dialog:modal") || document.activeElement?.matches("input, textarea, select");
}

function offer() {
  const [row] = refused();
  reopen.hidden = !row;
  if (row) reopen.querySelector("span").textContent = counted(reopen.dataset, refused().length);
  if (!row) return dialog.close();
  if (dialog.open) return fill(row);
  if (!dismissed && document.visibilityState === "visible" && !inTheWay()) open(row);
}

function open(row) {
  fill(row);
  dialog.showModal();
  dialog.querySelector("h2").focus();
}

const choices = {
  again: (row) => {
    if (otherwise(row)) return instead(row, newToken(), unkept);
    return retry(row, { token: row.problem.code === "token_reused" ? newToken() : row.token });
  },
  discard: (row) => (otherwise(row) && row.first ? retry(row, { said: row.first }) : discard(row)),
  look: (row) => {
    dialog.close();
    bringBack(answeredItem(row), "");
  },
};

dialog.addEventListener("click", (event) => {
  const choice = event.target.closest("[data-choice]")?.dataset.choice;
  const [row] = refused();
  if (choice && row) choices[choice](row);
});
dialog.addEventListener("close", () => { dismissed = refused().length > 0; });
reopen.addEventListener("click", () => open(refused()[0]));
hear("refused", () => { dismissed = false; offer(); });
hear("unsent", offer);
document.addEventListener("visibilitychange", offer);
document.addEventListener("close", () => setTimeout(offer), { capture: true });
