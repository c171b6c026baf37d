// Judging many: arrows move between the pictures, Space marks one as odd, and the rest may be confirmed
// once every picture has been on the screen, and all of them for a while. The server keeps that time too,
// by its own clock. Marks stay on the page until the server has them: over a lost connection, and over
// a session that ran out, for the login is on the same page.
import { insist } from "./bench/login.js";
import { hear, tell } from "./bench/page.js";
import "./bench/problem.js";
import { ask } from "./bench/server.js";

const form = document.querySelector("[data-grid]");
const cells = form.querySelector(".grid-cells");
const boxes = [...cells.querySelectorAll("input[type=checkbox]:enabled")];
const button = form.querySelector("[data-grid-confirm]");
const why = document.getElementById("grid-wait");

// One stop of the Tab key for all of them, at the one that had the focus last.
function stopAt(box) {
  for (const each of boxes) each.tabIndex = each === box ? 0 : -1;
}

function columns() {
  const [first] = boxes;
  const top = (box) => box.closest("label").offsetTop;
  const below = boxes.findIndex((box) => top(box) !== top(first));
  return below < 0 ? boxes.length : below;
}

function moveTo(index) {
  const box = boxes[Math.min(boxes.length - 1, Math.max(0, index))];
  stopAt(box);
  box.focus();
}

const along = () => (getComputedStyle(cells).direction === "rtl" ? -1 : 1);
const moves = {
  ArrowRight: (at) => at + along(),
  ArrowLeft: (at) => at - along(),
  ArrowDown: (at) => (at + columns() < boxes.length ? at + columns() : at),
  ArrowUp: (at) => (at - columns() >= 0 ? at - columns() : at),
  Home: () => 0,
  End: () => boxes.length - 1,
};

form.addEventListener("keydown", (event) => {
  const at = boxes.indexOf(event.target);
  const move = moves[event.key];
  if (at < 0 || !move || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  moveTo(move(at));
});

cells.addEventListener("focusin", (event) => boxes.includes(event.target) && stopAt(event.target));

function count() {
  const odd = boxes.filter((box) => box.checked).length;
  form.querySelector("[data-odd]").textContent = odd;
  form.querySelector("[data-rest]").textContent = boxes.length - odd;
}

cells.addEventListener("change", count);

let sending = false;
let loggedOut = false;

async function send() {
  if (sending) return;
  sending = true;
  document.getElementById("failure").hidden = true;
  const said = await ask(form.action, { fields: [...new FormData(form)] });
  sending = false;
  loggedOut = said.kind === "login";
  if (said.kind === "ok") location.assign(said.data.url);
  else tell("problem", problemIn(said));
}

function problemIn({ kind, problem }) {
  if (kind === "refused") return { ...problem, choices: [{ label: form.dataset.goOn, act: () => location.assign(form.action) }] };
  return { title: kind === "login" ? form.dataset.loggedOut : document.getElementById("failure").dataset.silentText };
}

// Enter on a picture sends the form by itself; before its time it must not.
form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (button.disabled) return;
  insist();
  send();
});
hear("logged-in", () => loggedOut && send());

// Every picture must have been in sight, however far one has to scroll.
function allSeen() {
  const unseen = new Set(cells.querySelectorAll(".grid-cell"));
  return new Promise((resolve) => {
    const observer = new IntersectionObserver((changes) => {
      for (const { target, isIntersecting } of changes) if (isIntersecting) unseen.delete(target);
      if (unseen.size) return;
      observer.disconnect();
      resolve();
    }, { threshold: 0.6, rootMargin: `0px 0px -${button.parentElement.offsetHeight}px 0px` });
    for (const cell of unseen) observer.observe(cell);
  });
}

const passed = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

function allow() {
  button.disabled = false;
  why.hidden = true;
  document.getElementById("announcer").textContent = form.dataset.ready;
}

async function begin() {
  button.disabled = true;
  form.querySelector("[data-grid-count]").hidden = false;
  document.querySelector("[data-grid-keys]").hidden = false;
  count();
  moveTo(Math.max(0, boxes.findIndex((box) => box.checked)));
  const pictures = [...cells.querySelectorAll("img")];
  await Promise.all(pictures.map((picture) => picture.decode().catch(() => {})));
  // Time counts from when the last picture could be seen.
  await Promise.all([allSeen(), passed(Number(form.dataset.wait))]);
  allow();
}

if (boxes.length) begin();
