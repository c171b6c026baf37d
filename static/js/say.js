// Words about an item. A comment is kept while its item stays on the bench; what goes to the lead is
// an answer, and the bench sends it. Control+Enter in the field does what the button does.
import { ask } from "./bench/server.js";

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  const form = event.target.closest?.("dialog textarea")?.form;
  if (!form) return;
  event.preventDefault();
  form.requestSubmit();
});

document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-comment]");
  if (!form) return;
  event.preventDefault();
  keep(form);
});

async function keep(form) {
  const button = form.querySelector("button:not([type=button])");
  if (button.disabled) return;
  button.disabled = true;
  const { kind, data, problem } = await ask(form.action, { fields: [...new FormData(form)] });
  button.disabled = false;
  if (kind === "ok") done(form, data.message);
  else refuse(form, kind === "refused" ? problem.detail || problem.title : form.dataset.unreached);
}

function done(form, message) {
  form.reset();
  refuse(form, "");
  form.closest("dialog").close();
  const said = form.closest(".bench-item")?.querySelector("[data-comment-said]");
  if (said) said.textContent = message;
}

function refuse(form, text) {
  const line = form.querySelector("[data-comment-error]");
  line.textContent = text;
  line.hidden = !text;
}
