// Copyright 2026 the kosmos_ros developers
// SPDX-License-Identifier: Apache-2.0
// The page: what it knows, what it shows of that, and the WebSocket to kosmos-ros watch.

import { answerCard, boxesOf, element, historyItem, learnTasks, seconds, statusItem, title } from './answers.js';
import { Pane } from './drawing.js';

const VERSION = 1;
const RECONNECT_MS = 1000;
const SILENT_SECONDS = 2;
const ALL = '*';

const at = (id) => document.getElementById(id);
const now = () => performance.now() / 1000;

const known = {
  node: '',
  state: { kind: 'offline', sentence: 'Connecting …', statuses: [] },
  cameras: [],
  tasks: new Map(), // by name: {example, hint, unsaid, needs_region}
  entries: new Map(),
  asked: new Map(),
};
const shown = {
  camera: '', // a name, or '*'
  view: 'live',
  current: [], // numbers of the entries in the answer card
  follows: true, // whether the card shows whatever comes next
  region: null,
  regionCamera: '',
};
const panes = new Map();
const live = new Map(); // by camera: {time, tracks} of the newest frame
const bitmaps = new Map(); // by number of the entry
let socket = null;
let questions = 0;

// ---- the connection

function connect() {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  socket = new WebSocket(`${scheme}://${location.host}/ws`);
  socket.binaryType = 'arraybuffer';
  socket.addEventListener('message', ({ data }) => {
    if (typeof data === 'string') receive(JSON.parse(data));
    else receiveFrame(data);
  });
  socket.addEventListener('close', () => {
    known.state = { kind: 'offline', sentence: 'The connection to kosmos-ros watch is lost; trying again.', statuses: [] };
    giveUpQuestions();
    renderState();
    setTimeout(connect, RECONNECT_MS);
  });
}

function send(type, fields) {
  if (socket.readyState !== WebSocket.OPEN) return false;
  socket.send(JSON.stringify({ v: VERSION, type, ...fields }));
  return true;
}

function receive(message) {
  if (message.v !== VERSION) {
    say(`kosmos-ros watch speaks version ${message.v} now. Reload this page.`, true);
    return;
  }
  ({ hello, state, answer, answered, refused })[message.type]?.(message);
}

function hello(message) {
  known.node = message.node;
  at('node').textContent = message.node;
  at('query').maxLength = message.max_query;
  at('ask-fields').disabled = !message.may_ask;
  if (!message.may_ask) say('The address of this page is for looking only.');
  known.tasks = new Map(message.tasks.map((task) => [task.name, task]));
  learnTasks(message.tasks);
  if (!at('task').options.length) {
    for (const task of known.tasks.keys()) at('task').add(new Option(task, task));
    renderHint();
  }
  known.entries = new Map(message.history.map((entry) => [entry.number, stamped(entry)]));
  bitmaps.clear();
  shown.current = shown.current.filter((number) => known.entries.has(number));
  if (shown.follows || !shown.current.length) showNewest();
  renderAnswers();
  look();
}

function state(message) {
  known.state = message;
  const names = JSON.stringify(known.cameras);
  known.cameras = message.cameras;
  renderState();
  if (JSON.stringify(message.cameras) !== names) renderCameras();
}

function answer(message) {
  const entry = stamped(message.entry);
  known.entries.delete(message.replaces);
  bitmaps.delete(message.replaces);
  known.entries.set(entry.number, entry);
  while (known.entries.size > 50) {
    const [oldest] = known.entries.keys();
    known.entries.delete(oldest);
    bitmaps.delete(oldest);
  }
  const replaced = shown.current.indexOf(message.replaces);
  if (replaced >= 0) shown.current[replaced] = entry.number;
  else if (shown.follows) shown.current = [entry.number];
  renderAnswers();
  if (shown.view === 'answer') showPictures();
}

function answered(message) {
  known.asked.delete(message.ask);
  shown.current = message.entries.filter((number) => known.entries.has(number));
  shown.follows = false;
  say('');
  setView('answer');
}

function refused(message) {
  known.asked.delete(message.ask);
  renderAsking();
  say(message.message, true);
}

function receiveFrame(data) {
  const length = new DataView(data).getUint32(0);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 4, length)));
  const jpeg = new Blob([new Uint8Array(data, 4 + length)], { type: 'image/jpeg' });
  createImageBitmap(jpeg)
    .then((bitmap) => showFrame(header, bitmap))
    .catch(() => say(`A frame of camera ${header.camera} could not be decoded.`, true))
    .finally(() => send('shown', { camera: header.camera }));
}

function look() {
  send('look', { cameras: document.hidden ? [] : camerasShown() });
}

function giveUpQuestions() {
  if (known.asked.size) say('The connection was lost before the answer came. Ask again.', true);
  known.asked.clear();
  renderAsking();
}

// Entries tell their age when sent; clocks of robot and browser may differ.
function stamped(entry) {
  return { ...entry, received: now() - entry.age };
}

// ---- asking

function ask(event) {
  event.preventDefault();
  const task = at('task').value;
  const query = at('query').value;
  if (known.tasks.get(task)?.needs_region && !shown.region) {
    say(`${task} needs a region: draw one on the image.`, true);
    return;
  }
  questions += 1;
  const { camera, region } = shown;
  if (!send('ask', { ask: questions, task, query, camera, region })) {
    say('There is no connection to kosmos-ros watch. Nothing was asked.', true);
    return;
  }
  known.asked.set(questions, query);
  say('');
  renderAsking();
}

function renderAsking() {
  at('ask').textContent = known.asked.size ? 'Asking …' : 'Ask';
  document.body.dataset.waiting = known.asked.size;
}

function renderHint() {
  const { example = '', hint = '' } = known.tasks.get(at('task').value) ?? {};
  at('query').placeholder = example;
  at('hint').textContent = hint;
}

function say(sentence, isError = false) {
  const notice = at('notice');
  notice.textContent = sentence;
  notice.classList.toggle('error', isError);
  notice.hidden = !sentence;
}

// ---- region

function setRegion(region, camera = shown.camera) {
  shown.region = region;
  shown.regionCamera = region ? camera : '';
  for (const pane of panes.values()) pane.setRegion(pane.camera === shown.regionCamera ? region : null);
  at('region').textContent = region ? `${region.width}×${region.height} px at ${region.x}, ${region.y}` : 'whole image';
  at('clear-region').hidden = !region;
  for (const side of ['x', 'y', 'width', 'height']) {
    const field = at(`region-${side}`);
    if (document.activeElement !== field) field.value = region ? region[side] : '';
  }
}

function drawnRegion(camera, region, isDone) {
  if (shown.camera === ALL) {
    if (isDone && region) say('A region belongs to one camera: choose one first.', true);
    return;
  }
  if (region || isDone) setRegion(region, camera);
}

function typedRegion() {
  const [x, y, width, height] = ['x', 'y', 'width', 'height'].map((side) => Number(at(`region-${side}`).value) || 0);
  setRegion(width > 0 && height > 0 ? { x, y, width, height } : null);
}

// ---- the picture

function camerasShown() {
  const names = known.cameras.map((camera) => camera.name);
  return shown.camera === ALL ? names : names.filter((name) => name === shown.camera);
}

function layOutPanes(names) {
  for (const name of [...panes.keys()]) if (!names.includes(name)) panes.delete(name);
  for (const name of names) if (!panes.has(name)) panes.set(name, new Pane(name, drawnRegion));
  at('stage').replaceChildren(...names.map((name) => panes.get(name).element));
  setRegion(names.includes(shown.regionCamera) ? shown.region : null, shown.regionCamera);
}

// The boxes to draw into the picture of an answer; a look at all of it would be its frame.
function drawnBoxes({ answer, picture }) {
  const isPart = ({ x0, y0, x1, y1 }) => x1 - x0 < picture.width || y1 - y0 < picture.height;
  const looks = at('show-looks').checked;
  return boxesOf(answer).filter((box) => box.kind !== 'look' || (looks && isPart(box)));
}

function showFrame(header, bitmap) {
  live.set(header.camera, { time: now(), lag: header.lag, tracks: header.tracks });
  const pane = panes.get(header.camera);
  if (shown.view !== 'live' || !pane) return;
  const boxes = header.tracks ? boxesOf(header.tracks) : [];
  pane.show({ bitmap, width: header.width, height: header.height, stamp: header.stamp, boxes, view: 'live' });
  renderCaption(pane);
}

function showLive() {
  const names = camerasShown();
  if (!names.length) {
    const pane = new Pane('', null);
    pane.say(placeholder(null));
    panes.clear();
    at('stage').replaceChildren(pane.element);
    return;
  }
  layOutPanes(names);
  for (const pane of panes.values()) {
    if (pane.shown?.view !== 'live') pane.say(placeholder(pane.camera));
    renderCaption(pane);
  }
}

function placeholder(camera) {
  if (['absent', 'offline'].includes(known.state.kind) && !camera) return known.state.sentence;
  const topic = known.cameras.find(({ name }) => name === camera)?.topic;
  return topic ? `Waiting for images on ${topic}` : 'Waiting for the node to tell its cameras';
}

async function showPictures() {
  const entries = shown.current.map((number) => known.entries.get(number)).filter(Boolean);
  const names = [...new Set(entries.map((entry) => entry.answer.camera))];
  layOutPanes(names);
  await Promise.all(entries.map(async (entry) => {
    const bitmap = await pictureOf(entry);
    const pane = panes.get(entry.answer.camera);
    if (shown.view !== 'answer' || !shown.current.includes(entry.number) || !pane) return;
    if (!bitmap) pane.say(entry.note || 'Its image is no longer kept.');
    else {
      const { width, height } = entry.picture;
      pane.show({ bitmap, width, height, stamp: entry.answer.stamp, boxes: drawnBoxes(entry), view: 'answer' });
    }
    pane.entry = entry;
    renderCaption(pane);
  }));
}

async function pictureOf(entry) {
  if (!entry.picture) return null;
  if (!bitmaps.has(entry.number)) {
    const response = await fetch(`picture/${entry.number}`);
    bitmaps.set(entry.number, response.ok ? await createImageBitmap(await response.blob()) : null);
  }
  return bitmaps.get(entry.number);
}

function renderCaption(pane) {
  const parts = [element('b', {}, pane.camera || 'no camera')];
  if (shown.view === 'answer' && pane.entry) {
    parts.push(`image of the answer to “${title(pane.entry.answer)}”, ${seconds(now() - pane.entry.received)} ago`);
  } else if (pane.camera) {
    parts.push(...liveCaption(live.get(pane.camera)));
  }
  if (pane.shown) parts.push(`${pane.shown.width}×${pane.shown.height} px`);
  pane.caption.replaceChildren(...parts.map((part) => (typeof part === 'string' ? element('span', {}, part) : part)));
}

function liveCaption(frame) {
  if (!frame) return ['no image yet'];
  const since = now() - frame.time;
  const late = since > SILENT_SECONDS;
  const parts = [late
    ? element('span', { class: 'late' }, `no new image for ${seconds(since)}`)
    : `live, image ${seconds(since + (frame.lag ?? 0))} old`];
  const { tracks } = frame;
  if (tracks) {
    const age = Number(BigInt(tracks.stamp) - BigInt(tracks.answered_stamp)) / 1e9;
    parts.push(`boxes carried for ${seconds(Math.max(0, age))} since the answer to “${title(tracks)}”`);
  } else parts.push('no boxes are carried to this image');
  return parts;
}

function setView(view) {
  shown.view = view;
  if (view === 'live') {
    shown.follows = true;
    showNewest();
  }
  at('view-live').setAttribute('aria-pressed', view === 'live');
  at('view-answer').setAttribute('aria-pressed', view === 'answer');
  renderAnswers();
  renderAsking();
  if (view === 'live') showLive();
  else showPictures();
}

// ---- answers, history, node

function showNewest() {
  const newest = [...known.entries.keys()].pop();
  shown.current = newest === undefined ? [] : [newest];
}

function renderAnswers() {
  const entries = shown.current.map((number) => known.entries.get(number)).filter(Boolean);
  if (entries.length) at('answer').replaceChildren(...entries.map(answerCard));
  at('view-answer').disabled = !entries.length;
  const focused = document.activeElement?.dataset?.number;
  const items = [...known.entries.values()].reverse();
  at('count').textContent = items.length || '';
  at('history').replaceChildren(...items.map((entry) => historyItem(entry, shown.current.includes(entry.number), () => {
    shown.current = [entry.number];
    shown.follows = false;
    setView('answer');
  })));
  if (focused) at('history').querySelector(`[data-number="${focused}"]`)?.focus();
  renderAges();
}

function renderState() {
  const { kind, sentence, statuses } = known.state;
  at('state').dataset.kind = kind;
  at('state').textContent = sentence;
  const open = [...document.querySelectorAll('#statuses details[open]')].map((one) => one.dataset.name);
  const items = statuses.map((status) => statusItem(status, open.includes(status.name)));
  if (!items.length) items.push(element('li', { class: 'quiet' }, 'It has reported nothing.'));
  if (kind === 'absent') {
    items.unshift(element('li', {}, 'Start one with ', element('code', {}, 'ros2 launch kosmos_ros grounding.launch.py'), ' or, in a checkout, ', element('code', {}, 'make run'), '. This page connects when it comes.'));
  }
  at('statuses').replaceChildren(...items);
  for (const pane of panes.values()) if (!pane.shown && shown.view === 'live') pane.say(placeholder(pane.camera));
  if (!panes.size && shown.view === 'live') showLive();
}

function renderCameras() {
  const names = known.cameras.map((camera) => camera.name);
  const choices = names.length > 1 ? [...names, ALL] : names;
  if (!choices.includes(shown.camera)) shown.camera = choices[0] ?? '';
  at('camera').replaceChildren(...choices.map((name) => new Option(name === ALL ? '* (all)' : name, name)));
  at('camera').value = shown.camera;
  at('camera').disabled = choices.length < 2;
  look();
  if (shown.view === 'live') showLive();
}

function renderAges() {
  for (const one of document.querySelectorAll('[data-age]')) {
    one.textContent = `${seconds(now() - Number(one.dataset.age)).replace(/^\d+ ms$/, '0 s').replace(/\.\d s$/, ' s')} ago`;
  }
  for (const pane of panes.values()) renderCaption(pane);
}

// ---- events

at('form').addEventListener('submit', ask);
at('task').addEventListener('change', renderHint);
at('camera').addEventListener('change', () => {
  shown.camera = at('camera').value;
  setRegion(null);
  look();
  setView('live');
});
at('view-live').addEventListener('click', () => setView('live'));
at('view-answer').addEventListener('click', () => { shown.follows = false; setView('answer'); });
at('show-looks').addEventListener('change', () => { if (shown.view === 'answer') showPictures(); });
at('clear-region').addEventListener('click', () => setRegion(null));
for (const side of ['x', 'y', 'width', 'height']) at(`region-${side}`).addEventListener('input', typedRegion);
document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return;
  if (shown.region) setRegion(null);
  else if (shown.view === 'answer') setView('live');
});
document.addEventListener('visibilitychange', look);
setInterval(renderAges, 500);
renderState();
connect();
