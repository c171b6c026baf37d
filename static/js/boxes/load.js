// Boxes are judged on some benches only: what that takes is loaded when the first of them is shown.
let boxes = null;

async function show(item) {
  if (!item?.querySelector("form[data-boxes]")) return;
  boxes ??= await import("./bench.js");
  if (item.isConnected) boxes.show(item);
}

document.addEventListener("bench:shown", (event) => show(event.detail.item));
document.addEventListener("bench:leaving", () => boxes?.leave());
