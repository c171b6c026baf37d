// Puts together what judges the boxes of the one item on the screen.
import { Actions } from "./actions.js";
import { Draft } from "./drafts.js";
import { listen } from "./keyboard.js";
import { Layer } from "./layer.js";
import { Model } from "./model.js";
import { guard } from "./sending.js";
import { Table, boxesIn } from "./table.js";
import { Words } from "./words.js";

const KEEP_MS = 400;
let bench = null;

function build(root, form) {
  const leaving = new AbortController();
  const { signal } = leaving;
  const image = root.querySelector("[data-zoom-frame] img");
  const size = { width: Number(form.dataset.width), height: Number(form.dataset.height) };
  const start = boxesIn(form);
  const model = new Model(start, size);
  const words = new Words(form, model);
  const table = new Table(form, model, words, { acted: (name, id) => actions.row(name, id) });
  const layer = image && new Layer(image, model, {
    drawn: (place) => actions.drawn(place),
    dragged: (id, place) => actions.dragged(id, place),
    clicked: (id) => actions.clicked(id),
  });
  const actions = new Actions({ form, model, words, table, layer });
  const draft = new Draft(form, start);
  let keeping = 0;

  model.watch((what, detail) => {
    // What is worked on is not taken away because another tab has answered it.
    if (what !== "selection") root.dataset.touched = "";
    if (what === "preview") {
      table.preview(detail.id, detail.place);
      return;
    }
    layer?.render();
    table.render();
    actions.mark();
    if (what === "boxes") {
      clearTimeout(keeping);
      keeping = setTimeout(() => draft.keep(model), KEEP_MS);
    }
  });
  listen({ root, form, model, actions, signal });
  guard({ root, form, model, table, words, signal });
  if (draft.boxes) model.bring(draft.boxes);
  layer?.start(form.dataset.annotorious);

  return {
    form,
    keep: () => draft.keep(model),
    destroy() {
      leaving.abort();
      clearTimeout(keeping);
      draft.keep(model);
      words.hush();
      table.destroy();
      layer?.destroy();
    },
  };
}

export function show(root) {
  const form = root.querySelector("form[data-boxes]");
  if (form === bench?.form) return;
  leave();
  if (form) bench = build(root, form);
}

export function leave() {
  bench?.destroy();
  bench = null;
}

window.addEventListener("pagehide", () => bench?.keep());
