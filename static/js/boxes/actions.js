// What can be done to boxes, by whatever button, key or row: each does it, and says it once.
import { moved, resized } from "./places.js";

// The label of the next new box: the one that was chosen last, from item to item.
let lastLabel = null;

export class Actions {
  #pending = null;
  #sticky = false;

  constructor({ form, model, words, table, layer }) {
    Object.assign(this, { form, model, words, table, layer });
    const labels = [...form.querySelectorAll("[data-box-label]")].map((button) => button.dataset.boxLabel);
    if (!labels.includes(lastLabel)) lastLabel = labels[0];
    this.mark();
  }

  get label() {
    return lastLabel;
  }

  // Buttons show what they would do now.
  mark() {
    const { form, model } = this;
    const shown = model.current?.label ?? lastLabel;
    for (const button of form.querySelectorAll("[data-box-label]")) {
      button.setAttribute("aria-pressed", button.dataset.boxLabel === shown);
    }
    this.#button("box_draw").setAttribute("aria-pressed", this.layer?.isDrawing ?? false);
    this.#button("box_hide").setAttribute("aria-pressed", model.allHidden);
    this.#button("box_hide_one").setAttribute("aria-pressed", model.hidden.has(model.selected));
    this.#enable("undo", model.canUndo);
    this.#enable("redo", model.canRedo);
  }

  #button(name) {
    return this.form.querySelector(`.box-bar [data-action=${name}]`);
  }

  // A disabled button gives up its key (undo then takes back the answer), but never the focus.
  #enable(name, on) {
    const button = this.#button(name);
    if (!on && button === document.activeElement) this.#button("box_new").focus();
    button.disabled = !on;
  }

  // Without a box to do it to, that is what is said.
  #current() {
    const box = this.model.current;
    if (!box) this.words.announce(this.words.of("None"));
    return box;
  }

  #said(...before) {
    const box = this.model.current;
    this.words.announce(...before, box ? this.words.box(box) : "");
  }

  #show(id) {
    const from = this.model.selected;
    this.#disarm();
    this.model.select(id);
    this.table.reveal();
    this.table.follow(from, id);
    const box = this.model.current;
    if (box && this.layer) document.dispatchEvent(new CustomEvent("viewer:reveal", { detail: { x: box.x, y: box.y, width: box.width, height: box.height } }));
  }

  #disarm() {
    this.#pending = null;
    this.#drawing(this.#sticky);
  }

  #drawing(on) {
    if (this.layer && this.layer.isDrawing !== on) this.layer.draw(on);
    this.mark();
  }

  clicked(id) {
    this.#disarm();
    this.model.select(id);
    this.table.reveal();
    if (id) this.#said();
  }

  // Placed in the middle of what is seen; the next drag draws it instead.
  box_new() {
    const { model, layer } = this;
    if (model.left.length >= 1000) return this.words.announce(this.words.of("Many"));
    const seen = layer?.seen() ?? { x: 0, y: 0, ...model.size };
    const width = Math.max(1, Math.round(seen.width / 6));
    const height = Math.max(1, Math.round(seen.height / 6));
    const x = Math.round(seen.x + (seen.width - width) / 2);
    const y = Math.round(seen.y + (seen.height - height) / 2);
    this.#pending = model.add(moved({ label: lastLabel, x, y, width, height }, 0, 0, model.size)).id;
    this.#drawing(true);
    this.table.reveal();
    this.#said(this.words.of("Placed"));
    return undefined;
  }

  drawn(place) {
    // In place of the one in the middle, and as one edit with it.
    if (this.#pending && this.model.current?.id === this.#pending) this.model.undo();
    this.#pending = null;
    this.model.add({ label: lastLabel, ...place });
    this.#drawing(this.#sticky);
    this.table.reveal();
    this.#said();
  }

  dragged(id, place) {
    this.model.place(id, place);
    this.#said();
  }

  // Every drag draws, until this is switched off.
  box_draw() {
    this.#sticky = !this.layer?.isDrawing;
    this.#disarm();
    this.words.announce(this.words.of(this.#sticky ? "Drawing" : "Adjusting"));
  }

  box_next() {
    this.#step(1);
  }

  box_previous() {
    this.#step(-1);
  }

  #step(by) {
    const box = this.model.round(by);
    if (!box) return this.#current();
    this.#show(box.id);
    return this.#said();
  }

  box_delete(id = this.#current()?.id) {
    if (!id) return;
    const told = this.words.of("Deleted", { number: this.model.number(id) });
    this.#disarm();
    this.model.remove(id);
    this.table.reveal();
    this.#said(told);
  }

  box_restore(id) {
    this.model.restore(id);
    this.#said();
  }

  box_duplicate(id = this.#current()?.id) {
    const box = this.model.find(id);
    if (!box) return;
    const by = Math.max(1, Math.round(12 * (this.layer?.unit ?? 1)));
    const { label, x, y, width, height } = box;
    let copy = moved({ label, x, y, width, height }, by, by, this.model.size);
    if (copy.x === x && copy.y === y) copy = moved({ label, x, y, width, height }, -by, -by, this.model.size);
    this.#disarm();
    this.model.add(copy, id);
    this.table.reveal();
    this.#said(this.words.of("Copied"));
  }

  box_hide() {
    this.model.toggleAll();
    this.words.announce(this.words.of(this.model.allHidden ? "Allhidden" : "Allshown"));
  }

  // Out of the way of what lies under it: it is sent all the same.
  box_hide_one() {
    const box = this.#current();
    if (!box) return;
    this.model.toggleHidden(box.id);
    this.#said();
  }

  // Accepts the selected box, and goes on to the next that nobody has judged.
  box_accept() {
    const box = this.model.current ?? this.model.open[0];
    if (!box) return this.#current();
    const told = box.by === "model" && !box.accepted ? this.words.of("Acceptedone", { number: this.model.number(box.id) }) : "";
    if (told) this.model.accept(box.id);
    const { open } = this.model;
    const next = open.find((one) => this.model.number(one.id) > this.model.number(box.id)) ?? open[0];
    if (!next) return this.words.announce(told, this.words.of("Alljudged"));
    this.#show(next.id);
    return this.#said(told);
  }

  box_accept_rest() {
    const number = this.model.acceptRest();
    this.words.announce(this.words.of("Acceptedrest", { number }));
  }

  undo() {
    this.#disarm();
    this.model.undo();
    this.#said(this.words.of("Undone"));
  }

  redo() {
    this.#disarm();
    this.model.redo();
    this.#said(this.words.of("Redone"));
  }

  // Of the selected box; without one, of the next that is drawn.
  relabel(label) {
    lastLabel = label;
    const box = this.model.current;
    if (box) {
      this.model.relabel(box.id, label);
      this.#said();
    } else {
      this.mark();
      this.words.announce(this.words.of("Nextlabel", { label: this.words.label(label) }));
    }
  }

  nudge(dx, dy, far) {
    this.#place(moved, dx, dy, far);
  }

  stretch(dx, dy, far) {
    this.#place(resized, dx, dy, far);
  }

  #place(change, dx, dy, far) {
    const { model } = this;
    const [x, y] = this.layer?.turn(dx, dy) ?? [dx, dy];
    const by = far ? 10 : 1;
    const { id, ...box } = change(model.current, x * by, y * by, model.size);
    this.#disarm();
    model.place(id, { x: box.x, y: box.y, width: box.width, height: box.height }, { merge: true });
    this.#said();
  }

  // Lets go of one thing at a time: a drag, drawing, the selection. Whether there was any.
  let() {
    if (this.layer?.isDrawing) {
      this.layer.cancel();
      this.#sticky = false;
      this.#disarm();
      return true;
    }
    if (!this.model.selected) return false;
    this.model.select(null);
    return true;
  }

  // What the buttons of a row do to their own box.
  row(name, id) {
    this.model.select(id);
    const box = this.model.find(id);
    if (name === "accept") {
      this.model.accept(id, !box.accepted);
      this.#said();
    } else if (name === "hide") {
      this.model.toggleHidden(id);
      this.#said();
    } else {
      this[{ duplicate: "box_duplicate", remove: "box_delete", restore: "box_restore" }[name]](id);
    }
  }
}
