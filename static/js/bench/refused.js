// An answer that the server would not store waits for a choice: what was said of which item, why it
// was not stored; try again, discard it, or look at the item. It stays, also over a reload.
import { answeredItem, bringBack, newToken } from "./bench.js";
import { discard, refused, retry } from "./outbox.js";
import { counted, hear } from "./page.js";

const dialog = document.getElementById("refused-dialog");
const reopen = document.getElementById("refused");
const part = (name) => dialog.querySelector(`[data-refused=${name}]`);
let dismissed = false;

function fill(row) {
  const { title, detail } = row.problem;
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
  again: (row) => retry(row, row.problem.code === "token_reused" ? newToken() : row.token),
  discard,
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
