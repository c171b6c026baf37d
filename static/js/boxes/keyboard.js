// The keys of boxes that no button can have: arrows move the selected box by a pixel, with Shift by
// ten; with Alt they move its lower right corner; Escape lets go. All others are the buttons' own.
const TYPING = "input, textarea, select, [contenteditable]";
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export function listen({ root, form, model, actions, signal }) {
  const elsewhere = (event) =>
    event.defaultPrevented ||
    event.isComposing ||
    document.querySelector("dialog:modal, dialog:popover-open") ||
    !(event.target === document.body || root.contains(event.target));

  function arrow(event, [dx, dy]) {
    if (!model.current || event.ctrlKey || event.metaKey || event.target.closest(TYPING)) return;
    event.preventDefault();
    actions[event.altKey ? "stretch" : "nudge"](dx, dy, event.shiftKey);
  }

  document.addEventListener("keydown", (event) => {
    if (elsewhere(event)) return;
    if (ARROWS[event.key]) arrow(event, ARROWS[event.key]);
    else if (event.key === "Escape" && actions.let()) event.preventDefault();
  }, { signal });

  form.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button?.dataset.boxLabel) actions.relabel(button.dataset.boxLabel);
    else if (button?.closest(".box-bar")) actions[button.dataset.action]?.();
  }, { signal });
}
