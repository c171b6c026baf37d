// After 25 minutes of review without a pause, one quiet line suggests a break. Five minutes away are
// one, whatever they were for. The count outlives a reload of the tab.
const REVIEW_MS = 25 * 60_000;
const PAUSE_MS = 5 * 60_000;
const LOOK_MS = 15_000;
const KEY = "bench since";
const hint = document.querySelector("[data-break-hint]");

function read() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY)) ?? {};
  } catch {
    return {};
  }
}

function begin(now) {
  sessionStorage.setItem(KEY, JSON.stringify({ since: now, last: now }));
}

function active() {
  const now = Date.now();
  const { since, last } = read();
  if (!since || now - last > PAUSE_MS) return begin(now);
  sessionStorage.setItem(KEY, JSON.stringify({ since, last: now }));
}

const shown = () => hint.querySelector(".notice");

function look() {
  const { since, last } = read();
  if (!since || shown() || Date.now() - last > PAUSE_MS || Date.now() - since < REVIEW_MS) return;
  hint.append(hint.querySelector("template").content.cloneNode(true));
}

function over() {
  shown().remove();
  begin(Date.now());
}

if (hint) {
  for (const deed of ["keydown", "pointerdown", "wheel", "bench:shown"]) {
    document.addEventListener(deed, active, { passive: true });
  }
  hint.addEventListener("click", (event) => event.target.closest("[data-break-over]") && over());
  setInterval(look, LOOK_MS);
  active();
}
