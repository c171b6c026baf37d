// The session has run out: log in again in a dialog on the same page, and what waits is sent. Should
// somebody else log in, the first person's answers stay here, unsent, and that is said. Shared by the
// bench and the grid.
import { hear, tell, user } from "./page.js";
import { session } from "./server.js";

const dialog = document.getElementById("login-dialog");
const form = dialog.querySelector("form");
const failed = dialog.querySelector("[data-failed]");
const other = dialog.querySelector("[data-other]");
let dismissed = false;
// Since the dialog was opened last: a quick key is heard before the event of the close that it follows.
let insisted = false;

function open() {
  if (dismissed || dialog.open) return;
  insisted = false;
  failed.hidden = true;
  dialog.returnValue = "";
  dialog.showModal();
  form.elements.password.focus();
}

// "Later" holds until the person asks for something that needs the login.
export function insist() {
  dismissed = false;
  insisted = true;
}

// Somebody may have logged in on another page, which tells this one nothing.
async function look() {
  if (!dialog.open) return;
  const now = await session();
  if (dialog.open && now?.user === user) tell("logged-in");
}

async function logIn() {
  const here = await session();
  // Nobody can log in over somebody else.
  if (here?.user && here.user !== user) await post(dialog.dataset.logoutUrl, [], here);
  const before = await session();
  const answer = await post(form.action, new FormData(form), before);
  const now = await session();
  form.elements.password.value = "";
  other.hidden = !now?.user || now.user === user;
  if (now?.user === user) tell("logged-in");
  else if (other.hidden) refuse(answer && (await told(answer)));
}

function refuse(words) {
  failed.textContent = words || failed.dataset.unreached;
  failed.hidden = false;
  form.elements.password.focus();
}

// With the token of whoever is logged in while it is sent, which may be nobody.
function post(url, fields, now) {
  const body = new URLSearchParams(fields);
  if (now) body.set("csrfmiddlewaretoken", now.csrf);
  return fetch(url, { method: "POST", body, redirect: "manual" }).catch(() => null);
}

// Why not, in the words of the login page or of the page of an error.
async function told(answer) {
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const words = page.querySelector(".notice.error:not(#failure), .errorlist, [data-error-summary]")?.textContent;
  return words?.replace(/\s+/g, " ").trim();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  form.inert = true;
  logIn().finally(() => { form.inert = false; if (dialog.open) form.elements.password.focus(); });
});
dialog.addEventListener("close", () => {
  if (!dialog.open) dismissed = dialog.returnValue !== "back" && !insisted;
});
document.getElementById("log-in-again")?.addEventListener("click", () => {
  insist();
  open();
});
window.addEventListener("focus", look);
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && look());
hear("reached", ({ ok }) => ok && look());
hear("logged-out", open);
hear("unsent", ({ kept }) => {
  dialog.querySelector("[data-kept]").hidden = !kept;
  dialog.querySelector("[data-unkept]").hidden = kept;
});
hear("logged-in", () => {
  insist();
  dialog.close("back");
});
