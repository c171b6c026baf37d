// The boxes as rows of fields: what a pointer does on the picture can be done here without one.
// Every edit goes both ways, and the rows are the form that is sent.
import { SIDES, faults, short } from "./places.js";

const TOLD_MS = 700;

const field = (row, name) => row.querySelector(`[name=box_${name}]`);
const number = (text) => (text.trim() === "" ? NaN : Number(text));
const value = (input) => number(input.value);

// Whether a row says something, as the server wrote it: a browser may have put back what was typed
// before a reload. Blank rows are for pages without script.
const filled = (row) => SIDES.some((side) => field(row, side).defaultValue !== "");

const chosen = ({ options }) => ([...options].find((option) => option.defaultSelected) ?? options[0]).value;

// The boxes of the server's rows, in their order.
export function boxesIn(form) {
  return [...form.querySelectorAll(".box-row")].filter(filled).map((row) => ({
    label: chosen(field(row, "label")),
    ...Object.fromEntries(SIDES.map((side) => [side, number(field(row, side).defaultValue)])),
    by: row.dataset.by === "model" ? "model" : "person",
    removed: row.querySelector("[name=box_remove]").defaultChecked,
  }));
}

export class Table {
  #rows = new Map();
  #telling = 0;
  #served;

  constructor(form, model, words, { acted }) {
    Object.assign(this, { form, model, words });
    this.list = form.querySelector("[data-box-rows]");
    this.pattern = form.querySelector("template[data-box-row]").content.firstElementChild;
    this.tools = form.querySelector("template[data-box-tools]").content.firstElementChild;
    this.leaving = new AbortController();
    const { signal } = this.leaving;
    // The item may come back when its answer is taken back: it is left as the server made it.
    this.#served = [...this.list.cloneNode(true).children];
    this.#adopt();
    this.list.addEventListener("input", (event) => this.#typed(event), { signal });
    this.list.addEventListener("focusin", (event) => this.model.select(this.#id(event)), { signal });
    this.list.addEventListener("click", (event) => {
      const name = event.target.closest("[data-row-action]")?.dataset.rowAction;
      if (name) acted(name, this.#id(event));
      else this.model.select(this.#id(event));
    }, { signal });
    this.render();
  }

  destroy() {
    clearTimeout(this.#telling);
    this.leaving.abort();
    this.list.replaceChildren(...this.#served);
  }

  // The server's own rows become ours, so that nothing on the page moves.
  #adopt() {
    const rows = [...this.list.querySelectorAll(".box-row")];
    const ours = rows.filter(filled);
    rows.filter((row) => !ours.includes(row)).forEach((row) => row.remove());
    this.model.boxes.forEach((box, at) => this.#take(ours[at], box));
  }

  #take(element, box) {
    element.querySelector(".box-tools").replaceWith(this.tools.cloneNode(true));
    element.dataset.box = box.id;
    const row = new Row(element, this.model, this.words);
    this.#rows.set(box.id, row);
    return row;
  }

  #id(event) {
    return event.target.closest("[data-box]")?.dataset.box ?? null;
  }

  row(id) {
    return this.#rows.get(id)?.element;
  }

  #typed({ target }) {
    const id = target.closest("[data-box]")?.dataset.box;
    const side = target.name.replace("box_", "");
    if (side === "label") this.model.relabel(id, target.value);
    else if (SIDES.includes(side)) this.model.place(id, { [side]: value(target) }, { merge: true });
    // Not at once: half a number is no fault. Nor when the field is left: what is told there would
    // push the button away that is just being pressed.
    clearTimeout(this.#telling);
    this.#telling = setTimeout(() => this.#rows.get(id)?.told(), TOLD_MS);
  }

  preview(id, place) {
    this.#rows.get(id)?.write(place);
  }

  render() {
    const gone = new Set(this.#rows.keys());
    let before = null;
    this.model.boxes.forEach((box, at) => {
      gone.delete(box.id);
      const row = this.#rows.get(box.id) ?? this.#take(this.pattern.cloneNode(true), box);
      row.show(box, at + 1);
      const next = before ? before.nextElementSibling : this.list.firstElementChild;
      if (next !== row.element) this.list.insertBefore(row.element, next);
      before = row.element;
    });
    for (const id of gone) this.#drop(id);
  }

  // Focus never falls off the page with the row that had it.
  #drop(id) {
    const { element } = this.#rows.get(id);
    const hadFocus = element.contains(document.activeElement);
    this.#rows.delete(id);
    element.remove();
    if (hadFocus) (this.row(this.model.selected)?.querySelector("select") ?? this.form.querySelector("[data-action=box_new]")).focus();
  }

  // Brings the selected row into the view of its panel, never the page.
  reveal() {
    const row = this.row(this.model.selected);
    const panel = row?.closest(".judge-body");
    if (!panel) return;
    const [inner, outer] = [row.getBoundingClientRect(), panel.getBoundingClientRect()];
    const bar = this.form.querySelector(".box-bar");
    const top = outer.top + (getComputedStyle(bar).position === "sticky" ? bar.offsetHeight : 0);
    if (inner.top < top) panel.scrollTop -= top - inner.top;
    else if (inner.bottom > outer.bottom) panel.scrollTop += inner.bottom - outer.bottom;
  }

  // Whoever is on a control of one row and goes to the next box, goes to the same control there.
  follow(from, to) {
    const active = document.activeElement;
    const row = this.row(from);
    if (!row?.contains(active)) return;
    const same = active.name ? `[name=${active.name}]` : `[data-row-action=${active.dataset.rowAction}]`;
    this.row(to)?.querySelector(same)?.focus();
  }

  // Tells every fault at its row; the number of boxes that have one.
  check() {
    const wrong = this.model.left.filter((box) => this.#rows.get(box.id).told());
    if (wrong.length) this.row(wrong[0].id).querySelector("[aria-invalid=true]").focus();
    return wrong.length;
  }
}

class Row {
  #box = null;
  #number = 0;
  #state = "";

  constructor(element, model, words) {
    Object.assign(this, { element, model, words });
    this.problem = element.querySelector(".box-problem");
    this.problem.id = `problem-${element.dataset.box}`;
  }

  show(box, number) {
    const { element, model } = this;
    const selected = model.selected === box.id;
    if (selected !== element.hasAttribute("aria-current")) element.toggleAttribute("aria-current", selected);
    const state = this.words.state(box);
    if (box === this.#box && number === this.#number && state === this.#state) return;
    Object.assign(element.dataset, { by: box.by, accepted: box.accepted });
    element.classList.toggle("removed", box.removed);
    element.classList.toggle("is-hidden", model.hidden.has(box.id));
    element.querySelector("[data-number]").textContent = number;
    element.querySelector("[data-state]").textContent = state;
    this.#press("accept", box.accepted);
    this.#press("hide", model.hidden.has(box.id));
    element.querySelector("[data-row-action=accept]").hidden = box.by !== "model";
    const removed = element.querySelector("[name=box_remove]");
    removed.checked = box.removed;
    removed.value = number;
    this.write(box);
    const select = field(element, "label");
    if (select.value !== box.label) select.value = box.label;
    [this.#box, this.#number, this.#state] = [box, number, state];
    if (!this.problem.hidden) this.told();
  }

  #press(name, pressed) {
    this.element.querySelector(`[data-row-action=${name}]`).setAttribute("aria-pressed", pressed);
  }

  // A field says what somebody types there as they type it: only another number replaces it.
  write(place) {
    for (const side of SIDES) {
      const input = field(this.element, side);
      if (!Object.is(value(input), place[side])) input.value = Number.isFinite(place[side]) ? short(place[side]) : input.value;
    }
  }

  // Says at the row what is wrong with its box; whether anything is.
  told() {
    const box = this.#box;
    const found = box.removed ? [] : faults(box, this.model.size);
    const told = found.map(([side, why]) => `${field(this.element, side).dataset.side}: ${this.words.of(`Wrong${why}`)}`);
    this.problem.textContent = told.join(" ");
    this.problem.hidden = !told.length;
    const wrong = new Set(found.map(([side]) => side));
    for (const side of SIDES) {
      const input = field(this.element, side);
      if (wrong.has(side)) {
        input.setAttribute("aria-invalid", "true");
        input.setAttribute("aria-describedby", this.problem.id);
      } else {
        input.removeAttribute("aria-invalid");
        input.removeAttribute("aria-describedby");
      }
    }
    return told.length > 0;
  }
}
