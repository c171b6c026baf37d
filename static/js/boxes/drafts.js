// Edited boxes outlive a reload, and an answer that is taken back: they wait in this tab, by person
// and entry. Only the newest are kept.
const MOST = 20;
const NAME = "reviewhub.boxes";

function read() {
  try {
    return JSON.parse(sessionStorage.getItem(NAME)) ?? {};
  } catch {
    return {};
  }
}

export class Draft {
  constructor(form, start) {
    this.key = `${document.body.dataset.user ?? ""} ${form.elements.namedItem("entry").value}`;
    this.start = JSON.stringify(start);
  }

  // Of a prediction that has changed since, nothing is brought back.
  get boxes() {
    const kept = read()[this.key];
    return kept?.start === this.start ? kept.boxes : null;
  }

  keep(model) {
    const { [this.key]: _, ...others } = read();
    const newest = Object.fromEntries(Object.entries(others).slice(1 - MOST));
    const all = model.changed ? { ...newest, [this.key]: { start: this.start, boxes: model.kept() } } : newest;
    try {
      sessionStorage.setItem(NAME, JSON.stringify(all));
    } catch {
      // A full or forbidden store loses only what a reload would have lost.
    }
  }
}
