// The boxes as lines over the picture, numbered as the rows are. Two strokes, so that a line stands
// on any photo; the model's dashed, a person's solid, an accepted one with a tick.
import { SIDES } from "./places.js";

const SVG = "http://www.w3.org/2000/svg";
const LETTER_PX = 14;

const make = (name, className) => {
  const element = document.createElementNS(SVG, name);
  element.setAttribute("class", className);
  return element;
};

function shape() {
  const group = make("g", "");
  group.append(make("rect", "halo"), make("rect", "line"), make("text", ""));
  return group;
}

function put(group, box) {
  if (!SIDES.every((side) => Number.isFinite(box[side])) || box.width < 0 || box.height < 0) {
    group.setAttribute("display", "none");
    return;
  }
  group.removeAttribute("display");
  for (const rect of group.querySelectorAll("rect")) {
    for (const side of SIDES) rect.setAttribute(side, box[side]);
  }
  const text = group.lastElementChild;
  // The model's marks stand below: a person's box often lies on the model's.
  const below = box.by === "model";
  text.setAttribute("x", box.x);
  text.setAttribute("y", below ? box.y + box.height : box.y);
  text.setAttribute("dx", "0.25em");
  text.setAttribute("dy", below ? "-0.3em" : "1em");
}

export class Drawing {
  #groups = new Map();

  constructor(model) {
    this.model = model;
    this.element = make("svg", "drawing");
    this.element.setAttribute("viewBox", `0 0 ${model.size.width} ${model.size.height}`);
    this.element.setAttribute("preserveAspectRatio", "none");
    this.element.setAttribute("focusable", "false");
  }

  // `unit`: how many pixels of the picture a pixel of the screen is.
  scale(unit) {
    this.element.style.setProperty("font-size", `${LETTER_PX * unit}px`);
  }

  preview(id, place) {
    const box = this.model.find(id);
    const known = this.#groups.get(id);
    if (!box || !known) return;
    put(known.group, { ...box, ...place });
    known.box = null;
  }

  render() {
    const { boxes, selected } = this.model;
    const gone = new Set(this.#groups.keys());
    boxes.forEach((box, at) => {
      if (this.model.isHidden(box)) return;
      gone.delete(box.id);
      this.#draw(box, at + 1, box.id === selected);
    });
    for (const id of gone) {
      this.#groups.get(id).group.remove();
      this.#groups.delete(id);
    }
  }

  #draw(box, number, isSelected) {
    const known = this.#groups.get(box.id) ?? { group: this.element.appendChild(shape()) };
    if (known.box === box && known.number === number && known.isSelected === isSelected) return;
    const { group } = known;
    this.#groups.set(box.id, Object.assign(known, { box, number, isSelected }));
    put(group, box);
    group.setAttribute("class", [box.by, box.accepted && "accepted", isSelected && "selected"].filter(Boolean).join(" "));
    group.lastElementChild.textContent = `${isSelected ? "▸" : ""}${number}${box.accepted ? " ✓" : ""}`;
  }
}
