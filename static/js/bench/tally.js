// Today's count, what is left and the strip of recent answers, as the server last told them.
import { ours } from "./outbox.js";
import { hear, tell, workbench } from "./page.js";

const recent = document.getElementById("recent");
const told = {};

function count({ today, left }) {
  Object.assign(told, { today, left });
  refresh();
}

function refresh() {
  for (const element of workbench.querySelectorAll("[data-tally]")) {
    const number = told[element.dataset.tally];
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
  const first = recent.querySelector("button");
  if (first) first.before(button);
  else recent.append(button);
  [...recent.querySelectorAll("button")].slice(recent.dataset.most).forEach((old) => old.remove());
}

function drop(review) {
  recent.querySelector(`button[value="${CSS.escape(review)}"]`)?.remove();
}

hear("tally", count);
hear("shown", refresh);
hear("stored", ({ record, answer }) => {
  if (!ours(record)) return;
  count(answer);
  put(answer.recent ?? "");
  tell("recent");
});
hear("undone", ({ bench, review, answer }) => {
  if (!ours({ bench })) return;
  count(answer);
  drop(review);
  tell("recent");
});
