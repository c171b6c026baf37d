// A guideline that was opened stays open from item to item, until it is closed.
const KEPT = "reviewhub.guideline";
const inside = (root) => root.querySelector("[data-guideline]");

function open(root) {
  const guideline = inside(root);
  if (!guideline) return;
  const kept = localStorage.getItem(KEPT);
  if (kept) guideline.open = kept === "open";
  // Whoever was quick has opened it before this ran.
  else if (guideline.open) localStorage.setItem(KEPT, "open");
}

// It does not bubble, so it is caught on its way down.
document.addEventListener("toggle", ({ target }) => {
  if (target.matches("[data-guideline]")) localStorage.setItem(KEPT, target.open ? "open" : "closed");
}, { capture: true });

document.addEventListener("bench:shown", ({ detail }) => open(detail.item));
