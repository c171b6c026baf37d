// Binds every element with data-key: "1", "a,enter", "ctrl+z", or a chord "g o". A key clicks it,
// or focuses it where it is a field. While a dialog is open, only the keys inside it act.
const CHORD_MS = 1500;
const TYPING = "input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]";
const PRESSABLE = "a[href], button, summary, input";
let chord = "";
let chordEnds = 0;

const openDialog = () => [...document.querySelectorAll("dialog:modal, dialog:popover-open")].at(-1);

function named(event) {
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code);
  const shifted = event.shiftKey && digit && event.code.startsWith("Digit");
  const key = digit && !shifted ? digit[1] : event.key.toLowerCase();
  return event.ctrlKey || event.metaKey ? `ctrl+${key}` : key;
}

function bound(key) {
  const scope = openDialog();
  return [...(scope ?? document).querySelectorAll("[data-key]")].find(
    (element) =>
      element.dataset.key.split(",").includes(key) &&
      !element.disabled &&
      (scope || !element.closest("dialog")),
  );
}

function ignored(event, key) {
  if (event.defaultPrevented || event.isComposing || event.repeat || event.altKey) return true;
  if (event.target.closest?.(TYPING)) return true;
  // Enter and Space belong to the control that has the focus.
  if ((key === "enter" || key === " ") && event.target.closest?.(PRESSABLE)) return true;
  const single = [...key].length === 1;
  return single && document.body.dataset.singleKeys === "off";
}

document.addEventListener("keydown", (event) => {
  const key = named(event);
  if (ignored(event, key)) return;
  const sequence = event.timeStamp < chordEnds ? `${chord} ${key}` : key;
  chordEnds = 0;
  const element = bound(sequence);
  if (element) {
    event.preventDefault();
    if (element.matches(TYPING)) element.focus();
    else element.click();
  } else if (key === "g" && !openDialog()) {
    chord = key;
    chordEnds = event.timeStamp + CHORD_MS;
  }
});
