// Light of the picture alone, never of what is drawn over it.
const STEP = 10;
const LEAST = 20;
const MOST = 300;

export class Light {
  constructor(layers) {
    this.layers = layers;
    this.plain();
  }

  plain() {
    this.brightness = this.contrast = 100;
    this.inverted = false;
    this.draw();
  }

  change(name, steps) {
    this[name] = Math.min(MOST, Math.max(LEAST, this[name] + steps * STEP));
    this.draw();
  }

  invert() {
    this.inverted = !this.inverted;
    this.draw();
  }

  draw() {
    const { brightness, contrast, inverted } = this;
    const untouched = brightness === 100 && contrast === 100 && !inverted;
    const filter = `${inverted ? "invert(1) " : ""}brightness(${brightness}%) contrast(${contrast}%)`;
    this.layers.style.setProperty("--light", untouched ? "none" : filter);
  }
}
