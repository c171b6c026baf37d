// The calm lines of the bench: how many answers are unsent, and in a few words why they wait.
// Leaving the page with unsent answers asks first.
import { counted, hear } from "./page.js";

const line = document.getElementById("bench-status");
const badge = document.getElementById("unsent");
const again = document.getElementById("log-in-again");
// Of several the first is told.
const causes = {
  unsure: false, unkept: false, loggedOut: false, offline: !navigator.onLine, trouble: false, elsewhere: false, gone: false,
};
const CALM_MS = 800;
// Of these causes the words promise that answers are kept.
const PROMISES = ["loggedOut", "offline", "trouble"];
let unsent = 0;
let kept = true;
let timer = 0;

function say(changes) {
  Object.assign(causes, changes);
  const cause = Object.keys(causes).find((name) => causes[name]);
  const told = !kept && PROMISES.includes(cause) ? "nowhere" : cause;
  const text = told ? line.dataset[told] : "";
  // The same words again are no news to a screen reader.
  if (line.textContent !== text) line.textContent = text;
  again.hidden = !causes.loggedOut;
}

function count({ count: n, kept: here }) {
  unsent = n;
  kept = here;
  badge.dataset.count = n;
  // On an ordinary day each answer is sent at once: no blinking for that.
  const blink = n && badge.classList.contains("positive");
  if (blink) timer ||= setTimeout(show, CALM_MS);
  else show();
}

function show() {
  clearTimeout(timer);
  timer = 0;
  badge.className = unsent ? "badge caution" : "badge positive";
  badge.textContent = unsent ? counted(badge.dataset, unsent) : badge.dataset.none;
}

hear("unsent", count);
hear("reached", ({ known }) => {
  say({ offline: false, trouble: false, unkept: false, loggedOut: causes.loggedOut && !known });
});
hear("unreached", () => say({ trouble: true }));
hear("unkept", () => say({ unkept: true }));
hear("unsure", () => say({ unsure: true }));
hear("sure", () => say({ unsure: false }));
hear("problem", () => say({ unsure: false }));
hear("elsewhere", () => say({ elsewhere: true }));
hear("gone", () => say({ gone: true }));
hear("shown", () => say({ unsure: false, unkept: false, elsewhere: false, gone: false }));
hear("logged-out", () => say({ loggedOut: true }));
hear("logged-in", () => say({ loggedOut: false }));
window.addEventListener("offline", () => say({ offline: true }));
window.addEventListener("online", () => say({ offline: false }));
window.addEventListener("beforeunload", (event) => unsent && event.preventDefault());
say({});
