// Binds every element with data-key: "1", "a,enter", "shift+w", "ctrl+z", or a chord "g o". A key
// clicks it, or focuses it where it is a field. While a dialog is open, only the keys inside it act.
import { isSingle, nameOf, printedName } from "./key_names.js";

const CHORD_MS = 1500;
const TYPING = "input:not([type=radio], [type=checkbox], [type=submit], [type=button]), textarea, select, [contenteditable]";
const PRESSABLE = "a[href], button, summary, input";
let chord = "";
let chordEnds = 0;

const openDialog = () => [...document.querySelectorAll("dialog:modal, dialog:popover-open")].at(-1);

function bound(key) {
  const scope = openDialog();
  const found = [...(scope ?? document).querySelectorAll("[data-key]")].filter(
    (element) =>
      element.dataset.key.split(",").includes(key) &&
      !element.disabled &&
      (scope || !element.closest("dialog")),
  );
  // A label set of more than nine has letters for keys: where one has an action's, the label wins.
  return found.find((element) => element.name === "label") ?? found[0];
}

function ignored(event, key) {
  if (key === null || event.defaultPrevented || event.isComposing || event.repeat) return true;
  if (event.target.closest?.(TYPING)) return true;
  // Enter and Space belong to the control that has the focus.
  if ((key === "enter" || key === "space") && event.target.closest?.(PRESSABLE)) return true;
  return document.body.dataset.singleKeys === "off" && isSingle(key);
}

document.addEventListener("keydown", (event) => {
  const key = nameOf(event);
  if (ignored(event, key)) return;
  const before = event.timeStamp < chordEnds ? `${chord} ` : "";
  // A digit that means nothing here is the sign that stands on its key.
  const element = bound(before + key) ?? bound(before + printedName(event));
  chordEnds = 0;
  if (element) {
    event.preventDefault();
    if (element.matches(TYPING)) element.focus();
    else element.click();
  } else if (key === "g" && !openDialog()) {
    chord = key;
    chordEnds = event.timeStamp + CHORD_MS;
  }
});
