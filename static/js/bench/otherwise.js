// The receipt of an answer was lost, and then another one was given: the first is stored, and the
// server takes no second one for it. The person chooses which of the two it shall be.
import { deliver, freshToken } from "./bench.js";
import { undoStored } from "./outbox.js";
import { hear, tell } from "./page.js";
import { hold, release } from "./screen.js";

const { keepFirst, instead } = document.getElementById("bench-status").dataset;

async function replace({ record, item, problem }) {
  hold();
  const undone = await undoStored(record, problem.review);
  if (undone.kind === "ok") return deliver({ ...record, ...freshToken(item, record) }, item);
  release();
  if (undone.kind === "refused") tell("problem", undone.problem);
  if (undone.kind === "later") tell("unkept");
}

hear("otherwise", (found) => {
  const { item, problem } = found;
  const choices = [{ label: instead, act: () => replace(found) }];
  if (item.unsure) choices.unshift({ label: keepFirst, act: () => deliver(item.unsure, item) });
  tell("problem", { ...problem, choices });
});
