// The picture under judgement: its buttons, what they do, and what is said about it.
import { fetchWhenNeeded } from "./full_size.js";
import { handle, listenToKeys } from "./gestures.js";
import { forget, keep, kept } from "./kept.js";
import { Light } from "./light.js";
import { View } from "./view.js";

const STEP = 1.5;
const viewers = new WeakMap();
let current = null;

class Viewer {
  constructor(stage) {
    this.stage = stage;
    this.bar = stage.querySelector("[data-view-said]").parentElement;
    this.view = new View(stage.querySelector("[data-zoom-frame]"), (view) => this.changed(view));
    this.light = new Light(this.view.layers);
    this.shown = 100;
    handle(this);
    this.bar.querySelector("[data-view=full]").hidden = !document.fullscreenEnabled;
  }

  // Also when the item comes back to the screen: another page may have been read meanwhile.
  shownAgain() {
    this.keeping = kept() !== null;
    if (this.keeping) this.view.takePlace(kept());
    this.mark();
  }

  act(name) {
    const { view, light } = this;
    const acts = {
      in: () => view.zoom(view.factor * STEP),
      out: () => view.zoom(view.factor / STEP),
      fit: () => view.zoom(1),
      turn: () => (view.turn(), this.say("turn", String(view.turns * 90))),
      brighter: () => this.lit("brightness", 1),
      darker: () => this.lit("brightness", -1),
      contrast: () => this.lit("contrast", 1),
      flatten: () => this.lit("contrast", -1),
      invert: () => (light.invert(), this.say(light.inverted ? "inverted" : "plain")),
      plain: () => (light.plain(), view.upright(), this.say("plain")),
      full: () => this.fullScreen(),
      keep: () => this.keepOrNot(),
    };
    acts[name]();
    this.mark();
  }

  lit(name, steps) {
    this.light.change(name, steps);
    this.say(name, `${this.light[name]} %`);
  }

  fullScreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else (this.stage.closest("#workbench") ?? this.stage).requestFullscreen().catch(() => {});
  }

  keepOrNot() {
    this.keeping = !this.keeping;
    if (!this.keeping) forget();
    else if (this.view.zoomed) keep(this.view.place());
    else this.view.fillWidth();
    this.say(this.keeping ? "kept" : "free");
  }

  changed(view) {
    const percent = Math.round(view.factor * 100);
    if (percent !== this.shown) this.say("zoom", `${(this.shown = percent)} %`);
    if (this.keeping && view.frame.isConnected) keep(view.place());
    fetchWhenNeeded(view);
    view.frame.dispatchEvent(new CustomEvent("viewer:changed", { bubbles: true }));
  }

  // Said by an output element: screen readers hear it when they are done with what they say.
  say(what, value) {
    const words = this.bar.dataset[`said${what[0].toUpperCase()}${what.slice(1)}`];
    this.bar.querySelector("[data-view-said]").textContent = words.replace("{n}", value);
  }

  mark() {
    const press = (name, on) =>
      this.bar.querySelector(`[data-view=${name}]`).setAttribute("aria-pressed", String(on));
    press("invert", this.light.inverted);
    press("keep", this.keeping);
    press("full", document.fullscreenElement !== null);
    for (const shown of this.bar.querySelectorAll("[data-light]")) {
      shown.textContent = `${this.light[shown.dataset.light]} %`;
    }
  }
}

function show(item) {
  const stage = item.matches("[data-viewer]") ? item : item.querySelector("[data-viewer]");
  current = stage?.querySelector("[data-layers]") ? viewers.get(stage) ?? new Viewer(stage) : null;
  if (!current) return;
  viewers.set(stage, current);
  current.shownAgain();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-view]");
  if (button) viewers.get(button.closest("[data-viewer]"))?.act(button.dataset.view);
});

document.addEventListener("bench:shown", (event) => show(event.detail.item));
document.addEventListener("fullscreenchange", () => current?.mark());
document.addEventListener("viewer:reveal", (event) => current?.view.reveal(event.detail));
listenToKeys(() => (current?.stage.isConnected ? current : null));
show(document.body);
