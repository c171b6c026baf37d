// What the page says of boxes, in the words of its template: data-say-… of the form.
import { short } from "./places.js";

const PAUSE_MS = 350;

export class Words {
  #timer = 0;

  constructor(form, model) {
    Object.assign(this, { form, model });
  }

  of(name, values = {}) {
    const pattern = this.form.dataset[`say${name}`] ?? "";
    return pattern.replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");
  }

  label(key) {
    return this.form.querySelector(`[data-box-label="${CSS.escape(key)}"]`)?.dataset.name ?? key;
  }

  state(box) {
    const who = box.removed ? "Removed" : box.accepted ? "Accepted" : box.by === "model" ? "Model" : "Person";
    return this.of(who) + (this.model.hidden.has(box.id) ? `, ${this.of("Hidden")}` : "");
  }

  box(box) {
    const { x, y, width, height } = box;
    const numbers = Object.entries({ x, y, width, height }).map(([side, value]) => [side, short(value)]);
    const told = { ...Object.fromEntries(numbers), number: this.model.number(box.id) };
    return this.of("Box", { ...told, label: this.label(box.label), state: this.state(box) });
  }

  // One announcement an action: of many in a row, such as a key held down, the last.
  announce(...sentences) {
    clearTimeout(this.#timer);
    const text = sentences.filter(Boolean).join(" ");
    this.#timer = setTimeout(() => {
      const region = document.getElementById("announcer");
      // The same words twice would not be read twice.
      region.textContent = region.textContent === text ? `${text}\u00a0` : text;
    }, PAUSE_MS);
  }

  // An answer moves on: what was still to be said is of an item that is gone.
  hush() {
    clearTimeout(this.#timer);
  }
}
