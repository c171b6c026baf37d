// Today's count, what is left and the strip of recent answers, as the server last told them.
import { hear, tell, workbench } from "./page.js";

const SHOWN = 12;
const recent = document.getElementById("recent");
const strip = () => recent.querySelector("form") ?? recent;

function count(answer) {
  for (const element of workbench.querySelectorAll("[data-tally]")) {
    const number = answer[element.dataset.tally];
    if (number !== undefined) element.textContent = number.toLocaleString(document.documentElement.lang);
  }
}

function put(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  const button = template.content.querySelector("button");
  if (!button) return;
  drop(button.value);
  recent.querySelector("[data-none]")?.remove();
  const first = strip().querySelector("button");
  if (first) first.before(button);
  else strip().append(button);
  [...strip().querySelectorAll("button")].slice(SHOWN).forEach((old) => old.remove());
}

function drop(review) {
  strip().querySelector(`button[value="${CSS.escape(review)}"]`)?.remove();
}

hear("tally", count);
hear("stored", ({ record, answer }) => {
  if (record.bench !== workbench.dataset.aheadUrl) return;
  count(answer);
  put(answer.recent ?? "");
  tell("recent");
});
hear("undone", ({ review, answer }) => {
  count(answer);
  drop(review);
  tell("recent");
});
