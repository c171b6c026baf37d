// A guideline that was opened stays open from item to item, until it is closed.
const KEPT = "reviewhub.guideline";
const inside = (root) => root.querySelector("[data-guideline]");

function open(root) {
  const guideline = inside(root);
  const kept = localStorage.getItem(KEPT);
  // Nothing chosen yet: whoever was quick has opened it before this ran.
  if (guideline && kept) guideline.open = kept === "open";
}

// It does not bubble, so it is caught on its way down.
document.addEventListener("toggle", ({ target }) => {
  if (target.matches("[data-guideline]")) localStorage.setItem(KEPT, target.open ? "open" : "closed");
}, { capture: true });

document.addEventListener("bench:shown", ({ detail }) => open(detail.item));
