// Copyright 2026 the kosmos_ros developers
// SPDX-License-Identifier: Apache-2.0
// Answers, history and diagnostics as elements. Whatever comes from outside is inserted as text.

const GOOD = ['FOUND', 'NOT_FOUND', 'LOW_SCORE'];

export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === 'class') made.className = value;
    else if (key === 'color') made.style.background = value;
    else if (value !== null && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

export function seconds(value) {
  if (value === null || value === undefined) return 'unknown';
  if (value < 1) return `${Math.round(value * 1000)} ms`;
  if (value < 60) return `${value.toFixed(1)} s`;
  if (value < 3600) return `${Math.floor(value / 60)} min`;
  return `${Math.floor(value / 3600)} h`;
}

const unsaid = new Map(); // by task: what a question without words is about

export function learnTasks(tasks) {
  for (const task of tasks) unsaid.set(task.name, task.unsaid);
}

export function title(answer) {
  return answer.query || unsaid.get(answer.task) || '(no query)';
}

// Where the model looked closer, as boxes without a name; nothing where it looked once.
function looksOf(answer) {
  if (answer.looks < 2) return [];
  return answer.look_regions.map(([x0, y0, width, height]) => (
    { label: '', color: '#ffffff', score: null, x0, y0, x1: x0 + width, y1: y0 + height, kind: 'look' }
  ));
}

// The boxes of an answer as they are drawn; kind is 'look', 'answer', 'carried' or 'alternative'.
export function boxesOf(answer) {
  const kind = answer.carried ? 'carried' : 'answer';
  const others = answer.phrases.flatMap((phrase) => phrase.alternatives);
  const drawn = (found, kindOf) => {
    const [x0, y0, x1, y1] = found.box;
    return { ...found, x0, y0, x1, y1, kind: kindOf };
  };
  const complete = ({ box }) => box.every((side) => side !== null);
  return [
    ...looksOf(answer),
    ...others.filter(complete).map((found) => drawn(found, 'alternative')),
    ...answer.detections.filter(complete).map((found) => drawn(found, kind)),
  ];
}

function badge(status) {
  const kind = GOOD.includes(status) ? 'badge' : 'badge bad';
  return element('span', { class: kind, 'data-status': status }, status.replaceAll('_', ' '));
}

// Offsets of phrases count Unicode characters, those of JavaScript's strings do not.
function markedText(answer) {
  const characters = Array.from(answer.text);
  const paragraph = element('p', { class: 'text' });
  let done = 0;
  for (const phrase of [...answer.phrases].sort((one, other) => one.start - other.start)) {
    if (phrase.start < done || phrase.end > characters.length) continue;
    paragraph.append(characters.slice(done, phrase.start).join(''));
    const mark = element('mark', {}, characters.slice(phrase.start, phrase.end).join(''));
    mark.style.borderColor = phrase.color;
    paragraph.append(mark);
    done = phrase.end;
  }
  paragraph.append(characters.slice(done).join(''));
  return paragraph;
}

function boxRows(found) {
  const [x0, y0, x1, y1] = found.box;
  const size = (low, high) => Math.round(high - low);
  const place = `${size(x0, x1)}×${size(y0, y1)} px at ${Math.round(x0)}, ${Math.round(y0)}`;
  const score = found.score === null ? '–' : found.score.toFixed(2);
  const rows = [element('tr', { class: 'box' }, element('td', { colspan: 2 }, place), element('td', { class: 'number' }, score))];
  if (found.position) {
    const { x, y, z, size: sides } = found.position;
    const metres = (value) => (value === null ? '–' : value.toFixed(3));
    const where = `x ${metres(x)}  y ${metres(y)}  z ${metres(z)} m`;
    const extent = sides.map((side) => (side === null ? '–' : (side * 100).toFixed(1))).join('×');
    rows.push(element('tr', { class: 'box space' }, element('td', { colspan: 3 }, where, element('br'), `size ${extent} cm`)));
  }
  return rows;
}

function phraseTable(answer) {
  const head = element('tr', {}, element('th', {}, 'phrase'), element('th', { class: 'number' }, 'exists'), element('th', { class: 'number' }, 'score'));
  const rows = [];
  const listed = new Set();
  for (const phrase of answer.phrases) {
    const name = element('td', {}, element('span', { class: 'swatch', color: phrase.color }), ` ${phrase.text}`);
    if (phrase.role !== 'NONE') name.append(' ', element('span', { class: 'badge' }, phrase.role));
    if (phrase.alternatives.length) name.append(element('span', { class: 'quiet' }, ` +${phrase.alternatives.length} elsewhere?`));
    const existence = phrase.existence === null ? '–' : phrase.existence.toFixed(2);
    rows.push(element('tr', { class: 'phrase' }, name, element('td', { class: 'number' }, existence), element('td', { class: 'number' }, phrase.detections.length ? '' : 'none')));
    for (const index of phrase.detections) {
      if (!answer.detections[index]) continue;
      listed.add(index);
      rows.push(...boxRows(answer.detections[index]));
    }
  }
  answer.detections.forEach((found, index) => {
    if (!listed.has(index)) rows.push(element('tr', { class: 'phrase' }, element('td', { colspan: 3 }, found.label)), ...boxRows(found));
  });
  return rows.length ? element('table', {}, element('thead', {}, head), element('tbody', {}, ...rows)) : null;
}

function facts(entry) {
  const { answer } = entry;
  const pairs = [];
  if (answer.stamp !== '0') {
    pairs.push(['image age', `${seconds(answer.image_age)} when answered`], ['model time', seconds(answer.inference_time)]);
  }
  if (answer.looks > 1 || answer.looks_wanted > answer.looks) {
    const limit = answer.looks_wanted > answer.looks ? ` of ${answer.looks_wanted} that could help` : '';
    pairs.push(['looks', `${answer.looks}${limit}`]);
  }
  if (entry.region) {
    const [x, y, width, height] = entry.region;
    pairs.push(['region', `${width}×${height} px at ${x}, ${y}`]);
  }
  if (answer.space.status === 'FOUND') pairs.push(['3D', `in metres, frame ${answer.space.frame_id}`]);
  else if (answer.space.status !== 'NOT_CONFIGURED') {
    pairs.push(['3D', [answer.space.status.toLowerCase(), answer.space.message].filter(Boolean).join(': ')]);
  }
  if (answer.camera) pairs.push(['camera', answer.camera]);
  if (answer.stamp !== '0') pairs.push(['stamp', `${answer.stamp.slice(0, -9) || '0'}.${answer.stamp.slice(-9, -6)} s`]);
  if (answer.model) pairs.push(['model', answer.model], ['scores', answer.calibrated ? 'calibrated' : "not calibrated: the model's own numbers"]);
  if (entry.repeats) pairs.push(['repeated', `${entry.repeats} earlier answers`]);
  return element('dl', {}, ...pairs.flatMap(([name, value]) => [element('dt', {}, name), element('dd', {}, value)]));
}

export function answerCard(entry) {
  const { answer } = entry;
  const head = element('div', { class: 'head' }, badge(answer.status), element('span', { class: 'badge' }, answer.task), element('span', { class: 'figures', 'data-age': entry.received }));
  const needsWhy = answer.status_message && (answer.status !== 'FOUND' || !answer.text);
  return element(
    'article',
    { class: 'card' },
    head,
    element('p', { class: 'query' }, title(answer)),
    answer.text && answer.text !== answer.query ? markedText(answer) : null,
    needsWhy ? element('p', { class: 'why' }, answer.status_message) : null,
    phraseTable(answer),
    facts(entry),
  );
}

export function historyItem(entry, isCurrent, onClick) {
  const { answer } = entry;
  const thumbnail = entry.picture
    ? element('img', { src: `picture/${entry.number}`, alt: '', loading: 'lazy', width: 64, height: 44 })
    : element('span', { class: 'blank' });
  const repeats = entry.repeats ? `×${entry.repeats + 1}` : '';
  const line = [answer.task, answer.camera, repeats].filter(Boolean).join(' · ');
  const button = element(
    'button',
    { type: 'button', 'data-number': entry.number, 'aria-current': isCurrent ? 'true' : null },
    thumbnail,
    element('span', { class: 'query' }, title(answer)),
    badge(answer.status),
    element('span', { class: 'figures' }, `${line} · `, element('span', { 'data-age': entry.received })),
  );
  button.addEventListener('click', onClick);
  return element('li', {}, button);
}

export function statusItem(status, isOpen) {
  const values = Object.entries(status.values).flatMap(([name, value]) => [element('dt', {}, name), element('dd', {}, value)]);
  const summary = element(
    'summary',
    {},
    element('span', { class: 'level', 'data-level': status.level }, element('span', {}, status.name)),
    ' ',
    element('span', { class: 'quiet' }, status.message),
  );
  return element('li', {}, element('details', { 'data-name': status.name, open: isOpen ? '' : null }, summary, element('dl', {}, ...values)));
}
