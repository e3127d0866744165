// Copyright 2026 the kosmos_ros developers
// SPDX-License-Identifier: Apache-2.0
// One camera's picture on a canvas, with boxes and a region drawn by mouse or finger.

const LABEL_PIXELS = 13;
const SMALLEST_REGION = 3;

// Luma of ITU-R BT.601: black text on light colours, white on dark ones.
function readableOn(color) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
  return 0.299 * red + 0.587 * green + 0.114 * blue > 140 ? '#000000' : '#ffffff';
}

export class Pane {
  // onRegion(camera, region, isDone) is called while a region is drawn; region is in whole
  // pixels of the camera's image, null when it was only a click.
  constructor(camera, onRegion) {
    this.camera = camera;
    this.element = document.createElement('figure');
    this.element.className = 'pane';
    this.empty = document.createElement('div');
    this.empty.className = 'empty';
    this.canvas = document.createElement('canvas');
    this.canvas.dataset.camera = camera;
    this.canvas.setAttribute('role', 'img');
    this.canvas.hidden = true;
    this.caption = document.createElement('figcaption');
    this.element.append(this.empty, this.canvas, this.caption);
    this.shown = null;
    this.region = null;
    this.frames = 0;
    this.onRegion = onRegion;
    this.listen();
  }

  // picture: {bitmap, width, height, stamp, boxes, view}; boxes are in pixels of the image,
  // which the bitmap may show scaled down.
  show(picture) {
    this.shown = picture;
    this.frames += 1;
    this.empty.hidden = true;
    this.canvas.hidden = false;
    this.draw();
  }

  say(sentence) {
    this.shown = null;
    this.canvas.hidden = true;
    this.empty.hidden = false;
    this.empty.textContent = sentence;
  }

  setRegion(region) {
    this.region = region;
    this.draw();
  }

  draw() {
    if (!this.shown) return;
    const { bitmap, width, height, stamp, boxes, view } = this.shown;
    const { canvas } = this;
    // As many pixels as the screen shows, so that lines and letters are sharp on any image.
    canvas.style.setProperty('--ratio', width / height);
    const unit = window.devicePixelRatio || 1;
    const sides = [canvas.clientWidth, canvas.clientHeight].map((side) => Math.max(1, Math.round(side * unit)));
    if (canvas.width !== sides[0] || canvas.height !== sides[1]) [canvas.width, canvas.height] = sides;
    const context = canvas.getContext('2d');
    context.imageSmoothingQuality = 'high';
    context.drawImage(bitmap, 0, 0, ...sides);
    const scale = sides[0] / width;
    for (const box of boxes) drawBox(context, box, scale, unit);
    for (const box of boxes) drawLabel(context, box, scale, unit);
    if (this.region) drawRegion(context, this.region, scale, unit);
    const names = boxes.map((box) => box.label).filter(Boolean).join(', ');
    canvas.setAttribute('aria-label', `Camera ${this.camera}${names ? `; boxes: ${names}` : ''}`);
    Object.assign(canvas.dataset, {
      stamp,
      view,
      imageWidth: width,
      imageHeight: height,
      frames: this.frames,
      boxes: JSON.stringify(boxes.map(({ label, kind, x0, y0, x1, y1 }) => ({ label, kind, x0, y0, x1, y1 }))),
    });
  }

  listen() {
    let start = null;
    this.canvas.addEventListener('pointerdown', (event) => {
      if (event.button !== 0 || !this.onRegion || !this.shown) return;
      this.canvas.setPointerCapture(event.pointerId);
      start = this.imagePoint(event);
    });
    const follow = (event, isDone) => {
      if (!start) return;
      const region = regionBetween(start, this.imagePoint(event));
      if (isDone) start = null;
      this.onRegion(this.camera, region, isDone);
    };
    this.canvas.addEventListener('pointermove', (event) => follow(event, false));
    this.canvas.addEventListener('pointerup', (event) => follow(event, true));
    this.canvas.addEventListener('pointercancel', () => { start = null; });
    new ResizeObserver(() => this.draw()).observe(this.canvas);
  }

  // Where the pointer is in the camera's image, kept within it.
  imagePoint(event) {
    const { width, height } = this.shown;
    const box = this.canvas.getBoundingClientRect();
    const within = (value, limit) => Math.round(Math.max(0, Math.min(limit, value)));
    return {
      x: within(((event.clientX - box.left) / box.width) * width, width),
      y: within(((event.clientY - box.top) / box.height) * height, height),
    };
  }
}

function regionBetween(one, other) {
  const region = {
    x: Math.min(one.x, other.x),
    y: Math.min(one.y, other.y),
    width: Math.abs(one.x - other.x),
    height: Math.abs(one.y - other.y),
  };
  return Math.min(region.width, region.height) < SMALLEST_REGION ? null : region;
}

function drawBox(context, box, scale, unit) {
  const sides = [box.x0, box.y0, box.x1 - box.x0, box.y1 - box.y0].map((side) => side * scale);
  const dash = { carried: [8 * unit, 4 * unit], alternative: [2 * unit, 4 * unit] }[box.kind] ?? [];
  const [dark, light] = { alternative: [3, 1.5], look: [2, 1] }[box.kind] ?? [4.5, 2.5];
  context.setLineDash(dash);
  context.lineWidth = dark * unit;
  context.strokeStyle = 'rgba(0, 0, 0, 0.55)';
  context.strokeRect(...sides);
  context.lineWidth = light * unit;
  context.strokeStyle = box.color;
  context.strokeRect(...sides);
  context.setLineDash([]);
}

function drawLabel(context, box, scale, unit) {
  if (box.kind === 'alternative' || box.kind === 'look') return;
  const score = box.score === null ? '' : ` ${box.score.toFixed(2)}`;
  const text = box.label + score;
  const pad = 4 * unit;
  const height = (LABEL_PIXELS + 6) * unit;
  context.font = `600 ${LABEL_PIXELS * unit}px system-ui, sans-serif`;
  context.textBaseline = 'middle';
  const width = context.measureText(text).width + 2 * pad;
  const x = Math.max(0, Math.min(box.x0 * scale - unit, context.canvas.width - width));
  const above = box.y0 * scale - height;
  const y = above >= 0 ? above : Math.min(box.y1 * scale, context.canvas.height - height);
  context.fillStyle = box.color;
  context.fillRect(x, y, width, height);
  context.fillStyle = readableOn(box.color);
  context.fillText(text, x + pad, y + height / 2);
}

function drawRegion(context, region, scale, unit) {
  const [x, y, width, height] = [region.x, region.y, region.width, region.height].map((side) => side * scale);
  const { canvas } = context;
  context.fillStyle = 'rgba(0, 0, 0, 0.35)';
  context.beginPath();
  context.rect(0, 0, canvas.width, canvas.height);
  context.rect(x, y, width, height);
  context.fill('evenodd');
  context.lineWidth = 1.5 * unit;
  context.strokeStyle = '#ffffff';
  context.setLineDash([6 * unit, 4 * unit]);
  context.strokeRect(x, y, width, height);
  context.setLineDash([]);
}
