// The parts of the page that the bench works with, and how its modules tell one another.
export const workbench = document.getElementById("workbench");
export const bench = document.getElementById("bench");
export const user = document.body.dataset.user;

export function tell(name, detail = {}, options = {}) {
  return document.dispatchEvent(new CustomEvent(`bench:${name}`, { detail, ...options }));
}

export function hear(name, act) {
  document.addEventListener(`bench:${name}`, (event) => act(event.detail, event));
}

// "{n} unsent" or "1 unsent", as the language of the page counts.
export function counted(words, n) {
  const form = new Intl.PluralRules(document.documentElement.lang).select(n);
  return (form === "one" ? words.one : words.other).replace("{n}", n);
}
