// Hands on the picture: wheel, drag, space and drag, two fingers, arrow keys.
const WHEEL = 0.0018;
const PINCH_WHEEL = 0.01;
const LINE = 16;
const ARROWS = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const OTHERS = "input, textarea, select, summary, [contenteditable], dialog, [popover]";
let space = false;

const pageScrolls = () => document.scrollingElement.scrollHeight > innerHeight + 1;

function place(frame, event) {
  const box = frame.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
}

// A wheel zooms at the pointer. Where pages are read, it moves the page instead, unless with Ctrl.
function onWheel(viewer, event) {
  const { view } = viewer;
  const step = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE : 1;
  const [x, y] = [event.deltaX * step, event.deltaY * step];
  if (!event.ctrlKey && viewer.keeping && view.zoomed) {
    view.pan(...(event.shiftKey ? [-y, -x] : [-x, -y]));
  } else if (event.ctrlKey || view.zoomed || !pageScrolls()) {
    const speed = event.ctrlKey && Math.abs(y) < 50 ? PINCH_WHEEL : WHEEL;
    view.zoom(view.factor * Math.exp(-y * speed), ...place(view.frame, event));
  } else return;
  event.preventDefault();
}

class Hand {
  constructor(viewer) {
    this.viewer = viewer;
    this.fingers = new Map();
    this.panning = false;
  }

  down(event) {
    const { view } = this.viewer;
    const forced = event.button === 1 || (space && event.button === 0);
    const grabbed = view.frame.dataset.drag === "draw" || event.target.closest("[data-grabs]");
    this.fingers.set(event.pointerId, place(view.frame, event));
    const second = this.fingers.size === 2;
    this.panning = forced || second || (view.zoomed && event.button === 0 && !grabbed);
    if (!this.panning) return;
    if (forced || second) event.stopPropagation();
    if (forced) event.preventDefault();
    view.frame.classList.add("dragging");
    for (const finger of this.fingers.keys()) view.frame.setPointerCapture(finger);
  }

  move(event) {
    const { view } = this.viewer;
    const before = this.fingers.get(event.pointerId);
    if (!before || !this.panning) return;
    const now = place(view.frame, event);
    const other = [...this.fingers].find(([finger]) => finger !== event.pointerId)?.[1];
    this.fingers.set(event.pointerId, now);
    event.stopPropagation();
    if (!other) return view.pan(now[0] - before[0], now[1] - before[1]);
    const apart = (one) => Math.hypot(one[0] - other[0], one[1] - other[1]) || 1;
    const middle = [(before[0] + other[0]) / 2, (before[1] + other[1]) / 2];
    view.zoom(view.factor * (apart(now) / apart(before)), ...middle);
    // Half of a finger's way moves the middle between the two.
    view.pan((now[0] - before[0]) / 2, (now[1] - before[1]) / 2);
  }

  up(event) {
    this.fingers.delete(event.pointerId);
    this.panning = this.panning && this.fingers.size > 0;
    if (!this.panning) this.viewer.view.frame.classList.remove("dragging");
  }
}

// A second click zooms in where it is: any place can be reached without a drag.
function onDoubleClick(view, event) {
  if (!event.target.closest("[data-grabs]")) view.zoom(view.factor * 2, ...place(view.frame, event));
}

export function handle(viewer) {
  const { frame } = viewer.view;
  const hand = new Hand(viewer);
  frame.addEventListener("wheel", (event) => onWheel(viewer, event), { passive: false });
  frame.addEventListener("dblclick", (event) => onDoubleClick(viewer.view, event));
  // First of all, so that a drag which moves the picture draws nothing on it.
  frame.addEventListener("pointerdown", (event) => hand.down(event), { capture: true });
  frame.addEventListener("pointermove", (event) => hand.move(event), { capture: true });
  for (const end of ["pointerup", "pointercancel"]) {
    frame.addEventListener(end, (event) => hand.up(event), { capture: true });
  }
}

const free = (event) => !event.defaultPrevented && !event.target.closest?.(OTHERS)
  && !event.ctrlKey && !event.metaKey && !event.altKey && !event.shiftKey
  && !document.querySelector("dialog:modal, dialog:popover-open");

// On the window, after everybody else: a box that is selected has the arrows first.
export function listenToKeys(current) {
  window.addEventListener("keydown", (event) => {
    const view = current()?.view;
    if (!view?.zoomed || !free(event)) return;
    if (event.key === " " && !event.target.closest("a, button")) {
      space = true;
      view.frame.classList.add("grabbing");
      event.preventDefault();
    }
    const [x, y] = ARROWS[event.key] ?? [];
    if (x === undefined) return;
    view.pan((x * view.frame.clientWidth) / 8, (y * view.frame.clientHeight) / 8);
    event.preventDefault();
  });
  const release = () => {
    space = false;
    current()?.view.frame.classList.remove("grabbing");
  };
  window.addEventListener("keyup", (event) => event.key === " " && release());
  window.addEventListener("blur", release);
}
