// All pixels of a large original, fetched when somebody zooms beyond those on the screen. The smaller
// picture stays until they are decoded, and below them afterwards: nothing flickers, nothing moves.
const PATIENCE_MS = 150;
let timer = 0;

export function fetchWhenNeeded(view) {
  const image = view.layers.querySelector("img[data-full]");
  if (!image?.naturalWidth || view.width * view.scale * devicePixelRatio <= image.naturalWidth * 1.05) return;
  clearTimeout(timer);
  timer = setTimeout(() => lay(image), PATIENCE_MS);
}

async function lay(image) {
  const address = image.dataset.full;
  if (!address || !image.isConnected) return;
  delete image.dataset.full;
  const full = new Image();
  full.className = "full-size";
  full.alt = "";
  full.draggable = false;
  full.src = address;
  try {
    await full.decode();
  } catch {
    image.dataset.full = address;
    return;
  }
  image.after(full);
}
