// What lies over the picture: our drawing of all boxes, and Annotorious for the pointer. It holds
// only the selected box, for its handles, or none while a new one is drawn; whatever it does is
// read back into the model, which alone knows the boxes.
import { Drawing } from "./drawing.js";
import { framed, holds } from "./places.js";

// Annotorious draws nothing under a few units of its own space: small pictures get more of them.
const LEAST_UNITS = 4000;
const STILL_PX = 4;
const REACH_PX = 6;
const HELD = "selected";

const rectangle = ({ x, y, width, height }, units) => {
  const [left, top, w, h] = [x, y, width, height].map((value) => value * units);
  const bounds = { minX: left, minY: top, maxX: left + w, maxY: top + h };
  return {
    id: HELD,
    bodies: [],
    target: { annotation: HELD, selector: { type: "RECTANGLE", geometry: { x: left, y: top, w, h, rot: 0, bounds } } },
  };
};

// A box has no angle: whoever turned one after all finds it as it was.
const place = ({ target: { selector: { geometry } } }, units) =>
  geometry.rot ? null : { x: geometry.x / units, y: geometry.y / units, width: geometry.w / units, height: geometry.h / units };

export class Layer {
  #annotator = null;
  #shown = null;
  #dragging = null;
  #down = null;
  #pointer = { x: 0, y: 0 };

  // `drawn(place)`: a new box was drawn; `dragged(id, place)`: one was moved or stretched;
  // `clicked(id or null)`: a box, or none, was clicked.
  constructor(image, model, { drawn, dragged, clicked }) {
    Object.assign(this, { image, model, drawn, dragged, clicked });
    this.frame = image.closest("[data-zoom-frame]");
    this.drawing = new Drawing(model);
    this.root = document.createElement("div");
    this.root.className = "boxes-layer";
    this.root.setAttribute("aria-hidden", "true");
    this.root.append(this.drawing.element);
    this.ground = document.createElement("canvas");
    this.units = Math.max(1, LEAST_UNITS / Math.max(model.size.width, model.size.height));
    this.ground.width = model.size.width * this.units;
    this.ground.height = model.size.height * this.units;
    this.isDrawing = false;
    this.leaving = new AbortController();
    this.served = image.parentElement.querySelector(":scope > .drawing");
    this.served?.remove();
    image.parentElement.append(this.root);
    this.resizes = new ResizeObserver(() => this.follow());
    this.resizes.observe(image);
    this.resizes.observe(image.parentElement);
    this.#listen();
    this.follow();
    this.render();
  }

  // The same rectangle as the picture inside its element, whoever resizes that.
  follow() {
    const { image, root } = this;
    const { width, height } = this.model.size;
    const scale = Math.min(image.offsetWidth / width, image.offsetHeight / height);
    const across = width * scale;
    const down = height * scale;
    root.style.left = `${image.offsetLeft + (image.offsetWidth - across) / 2}px`;
    root.style.top = `${image.offsetTop + (image.offsetHeight - down) / 2}px`;
    root.style.width = `${across}px`;
    root.style.height = `${down}px`;
    if (scale > 0) this.drawing.scale(1 / scale);
  }

  async start(annotorious) {
    await import(annotorious);
    if (this.leaving.signal.aborted) return;
    this.root.append(this.ground);
    this.#annotator = globalThis.Annotorious.createImageAnnotator(this.ground, {
      drawingEnabled: false,
      userSelectAction: "NONE",
    });
    this.#annotator.element.className = "boxes-ground";
    this.#annotator.on("createAnnotation", (made) => this.#created(made));
    this.#annotator.state.store.observe(({ changes }) => this.#moved(changes.updated), { origin: "LOCAL" });
    this.#handles();
    this.#placed();
    this.#arm();
    this.#hold();
  }

  // Its handles would be stops of the Tab key without a name; the rows are what the keyboard has.
  // And a drag that begins on them is no drag of the picture.
  #handles() {
    const element = this.#annotator.element;
    const mark = () => {
      for (const one of element.querySelectorAll("[tabindex], [role]")) {
        one.removeAttribute("tabindex");
        one.removeAttribute("role");
      }
      element.querySelector(".a9s-annotation.selected")?.setAttribute("data-grabs", "");
    };
    this.additions = new MutationObserver(mark);
    this.additions.observe(element, { childList: true, subtree: true });
    mark();
  }

  // Annotorious measures by the rectangle around it, which is another one on a turned view: it is
  // told one that says where the pointer is.
  #placed() {
    const svg = this.#annotator.element.querySelector("svg");
    svg.getBoundingClientRect = () => {
      // never nothing, even while it is taken off the page: Annotorious divides by it
      const [width, height] = [svg.clientWidth || 1, svg.clientHeight || 1];
      const { x, y } = this.#pointer;
      const at = this.point(x, y);
      const { size } = this.model;
      return new DOMRect(x - (at.x / size.width) * width, y - (at.y / size.height) * height, width, height);
    };
  }

  destroy() {
    this.leaving.abort();
    this.resizes.disconnect();
    this.additions?.disconnect();
    this.#annotator?.destroy();
    this.#annotator = null;
    this.root.remove();
    if (this.served) this.image.after(this.served);
  }

  render() {
    this.drawing.render();
    this.#hold();
  }

  draw(on) {
    this.isDrawing = on;
    this.#arm();
    this.#hold();
  }

  #arm() {
    const on = this.isDrawing;
    this.root.classList.toggle("drawing-on", on);
    this.root.toggleAttribute("data-grabs", on);
    this.#annotator?.setDrawingEnabled(on);
  }

  // Gives Annotorious the selected box to hold, or takes it away.
  #hold() {
    if (!this.#annotator || this.#dragging) return;
    // Its own click beside a box lets go of it, by another measure than ours.
    if (this.#shown && !this.#annotator.getSelected().length) this.#shown = null;
    const box = this.model.current;
    const held = box && !this.isDrawing && !this.model.isHidden(box) && framedBox(box, this.model.size) ? box : null;
    if (held === this.#shown) return;
    const sameOne = held && this.#shown?.id === held.id;
    this.#shown = held;
    if (sameOne) {
      this.#annotator.state.store.updateTarget(rectangle(held, this.units).target, "REMOTE");
      return;
    }
    // Replacing a selected one would warn of an annotation that is missing.
    this.#annotator.cancelSelected();
    this.#annotator.setAnnotations(held ? [rectangle(held, this.units)] : [], true);
    if (held) this.#annotator.setSelected(HELD, true);
  }

  #moved(updates) {
    const made = updates?.find(({ newValue }) => newValue.id === HELD)?.newValue;
    if (!made || !this.#shown) return;
    const at = place(made, this.units);
    if (!at) {
      this.#annotator.state.store.updateTarget(rectangle(this.#shown, this.units).target, "REMOTE");
      return;
    }
    this.#dragging = { id: this.#shown.id, at };
    this.drawing.preview(this.#shown.id, at);
    this.model.preview(this.#shown.id, at);
  }

  #release() {
    const dragged = this.#dragging;
    this.#dragging = null;
    if (!dragged) return;
    this.#shown = null;
    this.dragged(dragged.id, framed(dragged.at, this.model.size));
  }

  #created(made) {
    this.#annotator.cancelSelected();
    this.#annotator.setAnnotations([], true);
    const at = place(made, this.units);
    const reach = STILL_PX * this.unit;
    if (at && (at.width > reach || at.height > reach)) this.drawn(framed(at, this.model.size));
  }

  // Pixels of the picture in a pixel of the screen.
  get unit() {
    return this.model.size.width / (this.root.offsetWidth || 1);
  }

  #inverse() {
    return this.drawing.element.getScreenCTM()?.inverse() ?? new DOMMatrix();
  }

  point(x, y) {
    return new DOMPoint(x, y).matrixTransform(this.#inverse());
  }

  // A step on the screen as a step on the picture, which may be turned.
  turn(dx, dy) {
    const { a, b, c, d } = this.#inverse();
    const [x, y] = [a * dx + c * dy, b * dx + d * dy];
    return Math.abs(x) > Math.abs(y) ? [Math.sign(x), 0] : [0, Math.sign(y)];
  }

  // What of the picture can be seen just now.
  seen() {
    const picture = this.root.getBoundingClientRect();
    const frame = this.frame.getBoundingClientRect();
    const left = Math.max(picture.left, frame.left);
    const top = Math.max(picture.top, frame.top);
    const corners = [
      this.point(left, top),
      this.point(Math.min(picture.right, frame.right), Math.min(picture.bottom, frame.bottom)),
    ];
    const [x, y] = ["x", "y"].map((side) => Math.min(corners[0][side], corners[1][side]));
    return { x, y, width: Math.abs(corners[1].x - corners[0].x), height: Math.abs(corners[1].y - corners[0].y) };
  }

  #listen() {
    const { signal } = this.leaving;
    const on = (name, act, options) => this.root.addEventListener(name, act, { signal, ...options });
    on("pointerdown", (event) => this.#pressed(event), { capture: true });
    on("pointermove", (event) => { this.#pointer = { x: event.clientX, y: event.clientY }; }, { capture: true });
    on("pointerup", () => this.#ended(), { capture: true });
    on("pointerup", () => this.#release());
    on("pointercancel", () => this.#lost());
    on("lostpointercapture", () => this.#lost());
    // On the frame: while the picture may be panned, it is the frame that has the pointer.
    this.frame.addEventListener("click", (event) => this.#click(event), { signal });
    // Annotorious has an undo of its own, of which the model knows nothing: it must not hear the key.
    document.addEventListener("keydown", (event) => {
      if ((event.ctrlKey || event.metaKey) && /^[zy]$/i.test(event.key)) event.stopImmediatePropagation();
    }, { signal });
    this.image.addEventListener("load", () => this.follow(), { signal });
  }

  #pressed(event) {
    this.#pointer = { x: event.clientX, y: event.clientY };
    if (event.button !== 0 || !event.isPrimary) return;
    const grabs = event.target.closest("[data-grabs]") !== null;
    this.#down = { x: event.clientX, y: event.clientY, grabs };
    // Beyond the edge of the picture the drag goes on, and ends wherever it is let go.
    if (this.isDrawing) this.#annotator?.element.querySelector("svg").setPointerCapture(event.pointerId);
  }

  #ended() {
    if (this.#down) this.#down.grabs = false;
  }

  // A second finger has taken the pointer, to zoom: what was being drawn is not, what was being
  // moved stays where it is. Annotorious would wait for an end that never comes.
  #lost() {
    if (!this.#down?.grabs) return;
    this.#ended();
    this.#annotator?.cancelDrawing();
    this.#release();
    this.#annotator?.cancelSelected();
    this.#hold();
  }

  cancel() {
    this.#annotator?.cancelDrawing();
  }

  #click(event) {
    const from = this.#down;
    this.#down = null;
    if (!from || Math.hypot(event.clientX - from.x, event.clientY - from.y) > STILL_PX) return;
    const { x, y } = this.point(event.clientX, event.clientY);
    const under = this.model.left
      .filter((box) => !this.model.isHidden(box) && holds(box, x, y, REACH_PX * this.unit))
      .sort((one, other) => one.width * one.height - other.width * other.height);
    // Where several lie on one another, each click goes on to the next larger.
    const at = under.findIndex((box) => box.id === this.model.selected);
    this.clicked(under[(at + 1) % under.length]?.id ?? null);
    this.#hold();
  }
}

const framedBox = (box, size) => ["x", "y", "width", "height"].every((side) => Number.isFinite(box[side]))
  && box.width > 0 && box.height > 0 && box.x < size.width && box.y < size.height;
