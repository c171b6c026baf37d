// The first item is painted before any other script of the bench is asked for: on a machine that is
// busy starting, three dozen scripts would keep a person waiting for the picture. Until they are here
// the bench is busy, and its forms work as they do without script.
const PATIENCE_MS = 2_000;
const FRAMES_MS = 250;
const workbench = document.getElementById("workbench");
const picture = workbench.querySelector(".stage img");

const after = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
const frame = () => new Promise(requestAnimationFrame);
// A tab in the background paints nothing, and a slow line should bring the keys before the picture.
const patience = () => after(document.hidden ? 0 : PATIENCE_MS);

// The browser says when; `decode()` would make the pixels a second time. Some browsers do not say, and
// none does once somebody has pressed a key.
const told = () => new Promise((done) => {
  const look = (list) => list.getEntries().some(({ element }) => element === picture) && done();
  new PerformanceObserver(look).observe({ type: "largest-contentful-paint", buffered: true });
});

async function loaded() {
  if (!picture.complete) await new Promise((done) => { picture.onload = picture.onerror = done; });
  await after(FRAMES_MS);
}

const painted = () => (picture ? Promise.race([told(), loaded()]) : frame().then(frame));

function fetchTheRest() {
  const { content } = document.getElementById("bench-scripts");
  const parts = document.importNode(content, true);
  for (const script of parts.querySelectorAll("script")) {
    script.async = false;
    script.addEventListener("error", () => workbench.removeAttribute("aria-busy"));
  }
  document.body.append(parts);
}

workbench.setAttribute("aria-busy", "true");
await Promise.race([painted(), patience()]);
fetchTheRest();
