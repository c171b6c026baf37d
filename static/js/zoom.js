// Zooms the picture under review. Panning is the scrolling of its frame: wheel, arrows, touch,
// scroll bars, or a drag with the mouse.
const STEP = 1.5;
const MOST = 12;
let factor = 1;

const frame = () => document.querySelector("[data-zoom-frame]");

function zoomTo(wanted) {
  const view = frame();
  const image = view?.querySelector("img");
  if (!image?.naturalWidth) return;
  const x = (view.scrollLeft + view.clientWidth / 2) / view.scrollWidth;
  const y = (view.scrollTop + view.clientHeight / 2) / view.scrollHeight;
  factor = Math.min(MOST, Math.max(1, wanted));
  const fit = Math.min(view.clientWidth / image.naturalWidth, view.clientHeight / image.naturalHeight);
  const zoomed = factor > 1;
  for (const layer of view.children) {
    layer.style.width = zoomed ? `${image.naturalWidth * fit * factor}px` : "";
    layer.style.height = zoomed ? `${image.naturalHeight * fit * factor}px` : "";
  }
  view.classList.toggle("zoomed", zoomed);
  view.scrollTo(x * view.scrollWidth - view.clientWidth / 2, y * view.scrollHeight - view.clientHeight / 2);
  document.querySelector("[data-zoom-shown]").textContent = `${Math.round(factor * 100)} %`;
}

const moves = { in: () => zoomTo(factor * STEP), out: () => zoomTo(factor / STEP), fit: () => zoomTo(1) };

document.addEventListener("click", (event) => {
  moves[event.target.closest("[data-zoom]")?.dataset.zoom]?.();
});

document.addEventListener("pointermove", (event) => {
  const view = event.buttons === 1 && event.pointerType === "mouse" && event.target.closest?.(".zoomed");
  if (view) view.scrollBy(-event.movementX, -event.movementY);
});

document.addEventListener("htmx:after:swap", () => { factor = 1; });
window.addEventListener("resize", () => factor > 1 && zoomTo(factor));
