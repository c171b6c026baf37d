// What a key is called here and in annotations/domain/keymap.py: the character it prints ("a", "+"),
// or a word ("enter", "comma", "space", "arrowleft"), with "ctrl+", "alt+", "shift+" before it.
const WORDS = { " ": "space", ",": "comma", esc: "escape", del: "delete", spacebar: "space" };
const MODIFIERS = ["shift", "control", "alt", "meta", "altgraph", "capslock", "dead", "process", "unidentified"];
// What the keys beside the letters print where ours come from: for layouts that print letters there.
const PLACES = {
  Minus: "-_", Equal: "=+", BracketLeft: "[{", BracketRight: "]}", Semicolon: ";:", Quote: "'\"",
  Backquote: "`~", Backslash: "\\|", Comma: ",<", Period: ".>", Slash: "/?",
};

const isLetter = (key) => /^\p{L}$/u.test(key);
const isLatin = (key) => /^\p{Script=Latin}$/u.test(key);

// Digits by place, so that a French keyboard needs no shift; letters by what is printed, but by
// place where the layout prints no Latin ones (Cyrillic, Greek, Hebrew, Arabic).
function bare(event) {
  return digit(event) ?? printed(event);
}

// On the keypad only where it prints one: without NumLock its keys are arrows, which move a picture.
function digit(event) {
  const place = /^(?:Digit|Numpad)(\d)$/.exec(event.code);
  const prints = event.code.startsWith("Numpad") ? /^\d$/.test(event.key) : !event.shiftKey;
  return place && prints && !event.getModifierState("AltGraph") ? place[1] : null;
}

function printed(event) {
  const key = event.key;
  if (isLetter(key) && !isLatin(key)) {
    const letter = /^Key([A-Z])$/.exec(event.code);
    return letter ? letter[1].toLowerCase() : PLACES[event.code]?.[Number(event.shiftKey)] ?? key.toLowerCase();
  }
  return key.toLowerCase();
}

// The name of the key that was pressed; null for a modifier alone.
export const nameOf = (event) => named(event, bare(event));

// By what it prints, also in the row of digits: there a French keyboard has its minus, a Czech its plus.
export const printedName = (event) => named(event, printed(event));

function named(event, key) {
  if (MODIFIERS.includes(key)) return null;
  // AltGr writes characters: it arrives as Ctrl and Alt, which then mean nothing.
  const writes = event.getModifierState("AltGraph");
  const ctrl = (event.ctrlKey || event.metaKey) && !writes;
  const alt = event.altKey && !writes;
  const shift = event.shiftKey && (isLetter(key) || [...key].length > 1);
  return `${ctrl ? "ctrl+" : ""}${alt ? "alt+" : ""}${shift ? "shift+" : ""}${WORDS[key] ?? key}`;
}

// A key that prints one character, with shift or without: what speech input can produce by chance.
export function isSingle(name) {
  const rest = name.replace(/^shift\+(?=.)/u, "");
  return [...rest].length === 1 || rest === "comma";
}

// The words of the page's language for the keys that print nothing.
const words = () => document.querySelector("[data-keys-help]")?.dataset ?? {};

export function shown(name) {
  const [, ...parts] = /^(ctrl\+)?(alt\+)?(shift\+)?(.+)$/u.exec(name) ?? [name, name];
  const read = (part) => words()[`word${part[0].toUpperCase()}${part.slice(1)}`] ?? part.toUpperCase();
  return parts.filter(Boolean).map((part) => read(part.replace(/(?<=.)\+$/u, ""))).join("+");
}
