// Where a box may lie: pure arithmetic on {x, y, width, height} in pixels of the picture.
export const SIDES = ["x", "y", "width", "height"];
const ROUNDING = 1;
const LEAST = 1;

const between = (least, value, most) => Math.min(Math.max(value, least), Math.max(least, most));

export const short = (value) => String(Math.round(value * 100) / 100);

// Moved as far as the edges of the picture allow; its size stays.
export function moved(box, dx, dy, size) {
  return {
    ...box,
    x: between(0, box.x + dx, size.width - box.width),
    y: between(0, box.y + dy, size.height - box.height),
  };
}

// Its right and lower edges moved; never thinner than a pixel, never over the edge.
export function resized(box, dx, dy, size) {
  return {
    ...box,
    width: between(LEAST, box.width + dx, size.width - box.x),
    height: between(LEAST, box.height + dy, size.height - box.y),
  };
}

// What was dragged, in whole pixels and cut off at the edges of the picture.
export function framed(place, size) {
  const left = between(0, Math.round(place.x), size.width - LEAST);
  const top = between(0, Math.round(place.y), size.height - LEAST);
  const right = between(left + LEAST, Math.round(place.x + place.width), size.width);
  const bottom = between(top + LEAST, Math.round(place.y + place.height), size.height);
  return { x: left, y: top, width: right - left, height: bottom - top };
}

// The sides that are wrong, and why; the server says the same of the same boxes.
export function faults(box, size) {
  const found = [];
  for (const side of SIDES) if (!Number.isFinite(box[side])) found.push([side, "number"]);
  if (found.length) return found;
  for (const [start, length] of [["x", "width"], ["y", "height"]]) {
    if (box[length] < 0.001) found.push([length, "size"]);
    else if (box[start] < -ROUNDING || box[start] + box[length] > size[length] + ROUNDING) found.push([start, "outside"]);
  }
  return found;
}

export const holds = (box, x, y, slack) =>
  x >= box.x - slack && x <= box.x + box.width + slack && y >= box.y - slack && y <= box.y + box.height + slack;
