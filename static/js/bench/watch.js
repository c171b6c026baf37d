// Looks for new items while the bench is empty, and keeps the leases of what is held while somebody
// is at work; who has gone away gives them back by letting them run out.
import { topUp } from "./ahead.js";
import { idle, nothing } from "./bench.js";
import { hear } from "./page.js";

const FIRST_MS = 4_000;
const LONGEST_MS = 30_000;
const RENEW_MS = 60_000;
const AWAY_MS = 180_000;
let pause = FIRST_MS;
let acted = performance.now();

const here = () => document.visibilityState === "visible";

async function look() {
  if (idle() && here()) {
    const kind = await topUp();
    if (idle()) nothing(kind === "ok" ? "empty" : "waiting");
    pause = Math.min(LONGEST_MS, pause * 1.5);
  }
  setTimeout(look, pause);
}

function renew() {
  if (!idle() && here() && performance.now() - acted < AWAY_MS) topUp();
}

for (const deed of ["keydown", "pointermove", "pointerdown"]) {
  document.addEventListener(deed, () => { acted = performance.now(); }, { passive: true });
}
hear("shown", () => { pause = FIRST_MS; });
setTimeout(look, pause);
setInterval(renew, RENEW_MS);
