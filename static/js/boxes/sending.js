// What becomes of an answer while boxes are edited. Before anybody else sees the form: confirming
// edited boxes saves them as edited, and boxes that the server would refuse do not leave the page.
const verdict = (form) => form.elements.namedItem("verdict")?.value;

export function guard({ root, form, model, table, words, signal }) {
  const alert = form.querySelector("[data-boxes-problem]");
  form.noValidate = true;

  function problem() {
    if (table.check()) return words.of("Problem");
    if (model.left.length > 1000) return words.of("Many");
    return model.boxes.length ? "" : words.of("Empty");
  }

  function stops(event) {
    const answers = event.target;
    if (answers !== form) {
      if (verdict(answers) !== "confirm" || !model.changed) return false;
      // Not from within this event: the other form's own would be lost in it.
      queueMicrotask(() => form.requestSubmit(form.querySelector("[data-save]")));
      return true;
    }
    if (event.submitter?.name) return false;
    const told = problem();
    alert.textContent = told;
    alert.hidden = !told;
    return told !== "";
  }

  window.addEventListener("submit", (event) => {
    if (!root.contains(event.target) || !stops(event)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, { capture: true, signal });
}
