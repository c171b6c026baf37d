// One picture in its frame: how large, how turned, and which part of it is seen. Fitted and upright
// it is left to the style sheet, which is also how it looks without script. The rest is the size and
// the place of .layers, so that whatever is drawn over the picture follows it.
const MOST_OF_FIT = 12;
const MOST_PIXELS = 4;

const within = (value, least, most) => Math.min(most, Math.max(least, value));

export class View {
  constructor(frame, changed) {
    this.frame = frame;
    this.layers = frame.querySelector("[data-layers]");
    const image = this.layers.querySelector("img");
    this.width = Number(image.getAttribute("width"));
    this.height = Number(image.getAttribute("height"));
    this.factor = 1;
    this.turns = 0;
    this.x = 0;
    this.y = 0;
    this.changed = changed;
    this.seen = [frame.clientWidth, frame.clientHeight];
    new ResizeObserver(() => this.resized()).observe(frame);
  }

  get zoomed() { return this.factor > 1; }

  // Screen pixels for one pixel of the original.
  get scale() { return this.fit * this.factor; }

  get fit() { return Math.min(this.frame.clientWidth / this.across, this.frame.clientHeight / this.down); }

  // The sides of the original as they lie on the screen.
  get across() { return this.turns % 2 ? this.height : this.width; }

  get down() { return this.turns % 2 ? this.width : this.height; }

  // Zoom so that what is under (atX, atY) of the frame stays there.
  zoom(factor, atX = this.frame.clientWidth / 2, atY = this.frame.clientHeight / 2) {
    const before = this.scale;
    this.factor = within(factor, 1, Math.max(MOST_OF_FIT, MOST_PIXELS / this.fit));
    const grown = this.scale / before;
    this.x = atX - (atX - this.x) * grown;
    this.y = atY - (atY - this.y) * grown;
    this.draw();
  }

  pan(x, y) {
    this.x += x;
    this.y += y;
    this.draw();
  }

  turn() {
    const middle = this.middle();
    this.turns = (this.turns + 1) % 4;
    // What was in the middle stays there: a quarter turn sends (x, y) to (1 - y, x).
    this.centre(1 - middle[1], middle[0]);
  }

  upright() {
    while (this.turns) this.turn();
  }

  // The part of the turned picture, 0 to 1 each way, that lies in the middle of the frame.
  middle() {
    const { clientWidth, clientHeight } = this.frame;
    return [
      (clientWidth / 2 - this.x) / (this.across * this.scale),
      (clientHeight / 2 - this.y) / (this.down * this.scale),
    ];
  }

  centre(x, y) {
    this.x = this.frame.clientWidth / 2 - x * this.across * this.scale;
    this.y = this.frame.clientHeight / 2 - y * this.down * this.scale;
    this.draw();
  }

  // Zoom and place of a scanned page, for the next one: letters stay as large, at the same place.
  place() {
    return {
      scale: this.scale,
      x: -this.x / (this.across * this.scale),
      y: -this.y / (this.down * this.scale),
    };
  }

  takePlace({ scale, x, y }) {
    this.factor = Math.max(1, scale / this.fit);
    this.x = -x * this.across * this.scale;
    this.y = -y * this.down * this.scale;
    this.draw();
  }

  // As wide as the frame, from the top: how a page is read.
  fillWidth() {
    this.takePlace({ scale: this.frame.clientWidth / this.across, x: 0, y: 0 });
  }

  // Bring a part of the upright picture, in its own pixels, into the frame.
  reveal({ x, y, width, height }) {
    if (!this.zoomed) return;
    const corners = [this.turned(x, y), this.turned(x + width, y + height)];
    const [left, right] = corners.map(([across]) => across * this.scale + this.x).sort((a, b) => a - b);
    const [top, bottom] = corners.map(([, down]) => down * this.scale + this.y).sort((a, b) => a - b);
    const { clientWidth, clientHeight } = this.frame;
    if (left >= 0 && top >= 0 && right <= clientWidth && bottom <= clientHeight) return;
    this.pan(clientWidth / 2 - (left + right) / 2, clientHeight / 2 - (top + bottom) / 2);
  }

  // Where a point of the upright picture lies in the turned one.
  turned(x, y) {
    return [[x, y], [this.height - y, x], [this.width - x, this.height - y], [y, this.width - x]][this.turns];
  }

  // Letters that somebody reads stay as large as they are.
  resized() {
    const [width, height] = this.seen;
    if (this.zoomed) this.factor = Math.max(1, this.drawn / this.fit);
    this.seen = [this.frame.clientWidth, this.frame.clientHeight];
    this.pan((this.seen[0] - width) / 2, (this.seen[1] - height) / 2);
  }

  draw() {
    const { frame, layers, scale } = this;
    this.drawn = scale;
    const [across, down] = [this.across * scale, this.down * scale];
    this.x = this.held(this.x, across, frame.clientWidth);
    this.y = this.held(this.y, down, frame.clientHeight);
    const free = this.zoomed || this.turns > 0;
    frame.classList.toggle("zoomed", this.zoomed);
    layers.classList.toggle("free", free);
    const [width, height] = [this.width * scale, this.height * scale];
    const [left, top] = [this.x + (across - width) / 2, this.y + (down - height) / 2];
    layers.style.width = free ? `${width}px` : "";
    layers.style.height = free ? `${height}px` : "";
    layers.style.transform = free ? `translate(${left}px, ${top}px) rotate(${this.turns * 90}deg)` : "";
    this.changed(this);
  }

  // No edge of a large picture comes into the frame; a small one stays in its middle.
  held(at, side, room) {
    return side <= room ? (room - side) / 2 : within(at, room - side, 0);
  }
}
