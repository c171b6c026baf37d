// Words about an item. A comment is kept while its item stays on the bench; what goes to the lead is
// an answer, and the bench sends it. Control+Enter in the field does what the button does. Words that
// were typed and neither kept nor sent do not leave with their item before that was said. A session that
// ran out asks for the login beside the words, and then they are kept.
import { insist } from "./bench/login.js";
import { hear } from "./bench/page.js";
import { ask } from "./bench/server.js";

const { wordsLeft } = document.getElementById("bench-status").dataset;
// The form of a comment that nobody was logged in to keep.
let unheard = null;

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
  insist();
  const said = await ask(form.action, { fields: [...new FormData(form)] });
  button.disabled = false;
  unheard = said.kind === "login" ? form : null;
  if (said.kind === "ok") done(form, said.data.message);
  else refuse(form, whyNot(form, said));
}

function whyNot(form, { kind, problem }) {
  if (kind === "login") return form.dataset.loggedOut;
  return kind === "refused" ? problem.detail || problem.title : form.dataset.unreached;
}

// Whoever has closed the dialog meanwhile is asked about the words before the next answer.
hear("logged-in", () => unheard?.closest("dialog")?.open && keep(unheard));

function done(form, message) {
  form.reset();
  refuse(form, "");
  form.querySelector("[data-left-line]")?.remove();
  form.closest("dialog").close();
  const said = form.closest(".bench-item")?.querySelector("[data-comment-said]");
  if (said) said.textContent = message;
}

function refuse(form, text) {
  const line = form.querySelector("[data-comment-error]");
  line.textContent = text;
  line.hidden = !text;
}

// Once for the same words: whoever answers again means to drop them.
hear("answering", ({ item, form }, event) => {
  const field = [...item.querySelectorAll("dialog textarea")].find((each) => (
    !form.contains(each) && each.value.trim() && each.dataset.left !== each.value
  ));
  if (!field) return;
  event.preventDefault();
  field.dataset.left = field.value;
  form.closest("dialog:modal")?.close();
  const dialog = field.closest("dialog");
  dialog.showModal();
  lineIn(dialog).textContent = wordsLeft;
});

function lineIn(dialog) {
  const there = dialog.querySelector("[data-left-line]");
  if (there) return there;
  const line = document.createElement("p");
  line.className = "problem";
  line.role = "alert";
  line.dataset.leftLine = "";
  dialog.querySelector(".actions").before(line);
  return line;
}
