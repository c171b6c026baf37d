// After each answer: focus on the new item, one announcement, the next picture decoded ahead.
// An answer counts only for a picture that has been seen: until it is painted, and a moment more,
// a bounced key or the second half of a double click answers nothing.
const SEEN_MS = 150;
const AHEAD = 3;
const decoded = [];
let showing = null;
let asking = null;

const bench = () => document.getElementById("workbench");

function decodeNext() {
  const source = bench().dataset.nextImage;
  if (!source || decoded.some((image) => image.src.endsWith(source))) return;
  const image = new Image();
  image.fetchPriority = "low";
  image.src = source;
  image.decode().catch(() => {});
  decoded.push(image);
  decoded.splice(0, decoded.length - AHEAD);
}

async function show() {
  const shown = (showing = bench());
  shown.setAttribute("aria-busy", "true");
  await shown.querySelector("[data-zoom-frame] img")?.decode().catch(() => {});
  requestAnimationFrame(() => setTimeout(() => shown.removeAttribute("aria-busy"), SEEN_MS));
  decodeNext();
}

document.addEventListener("submit", (event) => {
  if (!event.target.closest("#workbench[aria-busy]")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, { capture: true });

document.addEventListener("htmx:before:request", (event) => {
  if (!event.target.closest?.("#workbench")) return;
  asking = bench();
  asking.setAttribute("aria-busy", "true");
});

document.addEventListener("htmx:after:swap", () => {
  if (bench() === showing) return;
  bench().querySelector("h1")?.focus({ preventScroll: true });
  document.getElementById("announcer").textContent = bench().dataset.announce;
  show();
});

// Still on the page, so nothing took its place: the same item may be answered again.
document.addEventListener("htmx:finally:request", () => {
  if (asking?.isConnected) asking.removeAttribute("aria-busy");
});

show();
