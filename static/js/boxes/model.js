// The boxes of one item as the person leaves them, and every edit to take back. A box is never
// changed, only replaced: what looks at the boxes sees by identity which of them are new.
// box: {id, label, x, y, width, height, by "model" | "person", accepted, removed}
import { SIDES } from "./places.js";

const MERGE_MS = 1200;
const PLACE = ["label", ...SIDES];

const samePlace = (one, other) => PLACE.every((name) => Object.is(one[name], other[name]));

export class Model {
  #start;
  #past = [];
  #future = [];
  #watchers = new Set();
  #lastEdit = { what: "", at: -Infinity };
  #ids = 0;

  constructor(start, size) {
    this.size = size;
    this.boxes = start.map((box) => ({ accepted: false, removed: false, ...box, id: this.#next() }));
    this.#start = this.boxes;
    this.selected = null;
    this.hidden = new Set();
    this.allHidden = false;
  }

  #next() {
    this.#ids += 1;
    return `box-${this.#ids}`;
  }

  watch(watcher) {
    this.#watchers.add(watcher);
  }

  #tell(what, detail) {
    for (const watcher of this.#watchers) watcher(what, detail);
  }

  find(id) {
    return this.boxes.find((box) => box.id === id) ?? null;
  }

  // Rows count removed boxes of the model too: they stay there, to be restored.
  number(id) {
    return this.boxes.findIndex((box) => box.id === id) + 1;
  }

  get current() {
    return this.find(this.selected);
  }

  get left() {
    return this.boxes.filter((box) => !box.removed);
  }

  get canUndo() {
    return this.#past.length > 0;
  }

  get canRedo() {
    return this.#future.length > 0;
  }

  // Whether saving says anything else than what lay there at the start.
  get changed() {
    const kept = this.left;
    return kept.length !== this.#start.length || kept.some((box, at) => !samePlace(box, this.#start[at]));
  }

  isHidden(box) {
    return box.removed || this.allHidden || this.hidden.has(box.id);
  }

  select(id) {
    if (id === this.selected) return;
    this.selected = id;
    this.#lastEdit.what = "";
    this.#tell("selection");
  }

  // One edit to take back; `merge` edits of the same name that follow each other are one.
  #edit(what, boxes, { selected = this.selected, merge = false, at = performance.now() } = {}) {
    const goesOn = merge && what === this.#lastEdit.what && at - this.#lastEdit.at < MERGE_MS;
    if (!goesOn) this.#past.push({ boxes: this.boxes, selected: this.selected });
    this.#lastEdit = { what, at };
    this.#future = [];
    this.boxes = boxes;
    this.selected = selected;
    this.#tell("boxes");
  }

  #replace(what, id, change, options) {
    const boxes = this.boxes.map((box) => (box.id === id ? { ...box, ...change } : box));
    this.#edit(`${what} ${id}`, boxes, { selected: id, ...options });
  }

  // A box that somebody has touched is that person's.
  place(id, change, options) {
    this.#replace("place", id, { ...change, by: "person" }, options);
  }

  relabel(id, label) {
    if (this.find(id).label !== label) this.#replace("label", id, { label, by: "person" });
  }

  // What is being dragged, before it is let go: seen, but no edit yet.
  preview(id, place) {
    this.#tell("preview", { id, place });
  }

  add(box, after = null) {
    const added = { by: "person", accepted: false, removed: false, ...box, id: this.#next() };
    const boxes = [...this.boxes];
    boxes.splice(after ? this.number(after) : boxes.length, 0, added);
    this.#edit("add", boxes, { selected: added.id });
    return added;
  }

  // A box of the model stays as a row, to be restored; a drawn one is gone until undo.
  remove(id) {
    const box = this.find(id);
    const next = this.neighbour(id, 1) ?? this.neighbour(id, -1);
    const boxes = this.#fromModel(id)
      ? this.boxes.map((one) => (one === box ? { ...box, removed: true } : one))
      : this.boxes.filter((one) => one !== box);
    this.#edit("remove", boxes, { selected: next?.id ?? null });
  }

  restore(id) {
    this.#replace("restore", id, { removed: false });
  }

  #fromModel(id) {
    return this.#start.some((box) => box.id === id);
  }

  accept(id, accepted = true) {
    this.#replace("accept", id, { accepted });
  }

  // How many were left to accept.
  acceptRest() {
    const open = this.open;
    const boxes = this.boxes.map((box) => (open.includes(box) ? { ...box, accepted: true } : box));
    if (open.length) this.#edit("accept rest", boxes);
    return open.length;
  }

  // The model's boxes that nobody has said anything about yet.
  get open() {
    return this.left.filter((box) => box.by === "model" && !box.accepted);
  }

  neighbour(id, step) {
    const from = this.boxes.findIndex((box) => box.id === id);
    for (let at = from + step; at >= 0 && at < this.boxes.length; at += step) {
      if (!this.boxes[at].removed) return this.boxes[at];
    }
    return null;
  }

  // The next one round the list, from nowhere the first.
  round(step) {
    const around = this.left;
    if (!around.length) return null;
    const at = around.findIndex((box) => box.id === this.selected);
    if (at < 0) return around.at(step > 0 ? 0 : -1);
    return around[(at + step + around.length) % around.length];
  }

  toggleHidden(id) {
    if (!this.hidden.delete(id)) this.hidden.add(id);
    this.#tell("boxes");
  }

  toggleAll() {
    this.allHidden = !this.allHidden;
    this.#tell("boxes");
  }

  undo() {
    return this.#turn(this.#past, this.#future);
  }

  redo() {
    return this.#turn(this.#future, this.#past);
  }

  #turn(from, to) {
    if (!from.length) return false;
    to.push({ boxes: this.boxes, selected: this.selected });
    const { boxes, selected } = from.pop();
    this.boxes = boxes;
    this.selected = boxes.some((box) => box.id === selected && !box.removed) ? selected : null;
    this.#lastEdit.what = "";
    this.#tell("boxes");
    return true;
  }

  // What a draft keeps of the boxes, and puts back as one edit.
  kept() {
    return this.boxes.map(({ id, ...box }) => ({ ...box, at: this.#start.findIndex((one) => one.id === id) }));
  }

  bring(kept) {
    const boxes = kept.map(({ at, ...box }) => ({ ...box, id: this.#start[at]?.id ?? this.#next() }));
    this.#edit("bring back", boxes, { selected: null });
  }
}
