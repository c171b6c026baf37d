// What an answer says, in the words of the button that gave it.
export function said(form, submitter) {
  const button = submitter ?? form.querySelector("button:not([type=button])");
  const words = [form.dataset.said, button?.dataset.said ?? textOf(button)];
  return words.filter(Boolean).join(": ");
}

function textOf(button) {
  const copy = button?.cloneNode(true);
  copy?.querySelectorAll("kbd, .visually-hidden").forEach((part) => part.remove());
  return copy?.textContent.replace(/\s+/g, " ").trim() ?? "";
}
