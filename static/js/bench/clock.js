// Seconds that the item has been on the screen; a hidden page is not looked at.
let total = 0;
let since = null;

const looking = () => document.visibilityState === "visible";

export function start() {
  total = 0;
  since = looking() ? performance.now() : null;
}

export const seconds = () => (total + (since === null ? 0 : performance.now() - since)) / 1_000;

document.addEventListener("visibilitychange", () => {
  if (looking()) since ??= performance.now();
  else if (since !== null) {
    total += performance.now() - since;
    since = null;
  }
});
