// The loop: an hour of analyses, then the nowcast, under a slider.
import { $, h } from './dom.js';
import { picture, prefetch } from './frames.js';
import { utc } from './time.js';

const stepMS = 110;
const restMS = 1300; // at the newest analysis and at the end

let frames = []; // {key, time, lead, past}
let at = -1;
let newest = -1; // index of the newest analysis
let playing = false;
let timer = 0;
let chance = false; // whether the pictures show how likely something is
let show = () => {};

const slider = $('slider');

// startTimeline calls back with the decoded picture and its frame whenever another is shown.
export function startTimeline(onShow) {
  show = onShow;
  slider.addEventListener('input', () => {
    const asked = Number(slider.value); // pausing sets the slider to what is shown
    pause();
    go(asked);
  });
  $('play').addEventListener('click', () => (playing ? pause() : play()));
  $('latest').addEventListener('click', () => {
    pause();
    go(newest);
  });
  addEventListener('keydown', keys);
  tell();
}

function keys(e) {
  if (e.target.closest('input:not([type=range]), select, textarea, summary, a, #map') || e.ctrlKey || e.metaKey || e.altKey) return;
  if (e.key === ' ' && !e.target.closest('button')) {
    e.preventDefault();
    playing ? pause() : play();
  } else if ((e.key === 'ArrowLeft' || e.key === 'ArrowRight') && e.target !== slider) {
    pause();
    go(at + (e.key === 'ArrowLeft' ? -1 : 1));
  }
}

// setLoop takes in a loop. Who looks at the newest analysis keeps looking at the newest.
export function setLoop(loop) {
  const before = frames[at];
  chance = loop?.units === '%';
  const following = at < 0 || at === newest;
  const item = (past) => (f) => ({ key: f.key, time: Date.parse(f.validTime), lead: f.leadMinutes, past });
  frames = loop ? [...loop.past.map(item(true)), ...loop.nowcast.map(item(false))] : [];
  newest = loop ? loop.past.length : -1;
  marks();
  slider.max = String(Math.max(frames.length - 1, 0));
  slider.disabled = $('play').disabled = $('latest').disabled = frames.length === 0;
  if (frames.length === 0) {
    at = -1;
    show(null, null);
    tell();
    return;
  }
  if (!playing) go(following ? newest : nearest(before.time));
  const order = [...frames.slice(newest), ...frames.slice(0, newest).reverse()];
  prefetch(order.map((f) => f.key));
}

function nearest(time) {
  return frames.reduce((best, f, i) => (Math.abs(f.time - time) < Math.abs(frames[best].time - time) ? i : best), 0);
}

// go shows a frame as soon as it is decoded, unless another has been asked for meanwhile.
async function go(index) {
  at = Math.min(Math.max(index, 0), frames.length - 1);
  const frame = frames[at];
  tell();
  try {
    const bitmap = await picture(frame.key);
    if (frames[at] === frame) show(bitmap, frame);
  } catch {
    if (frames[at] === frame) show(null, frame);
  }
  for (const f of frames.slice(at + 1, at + 5)) picture(f.key).catch(() => null);
}

async function play() {
  if (frames.length < 2) return;
  playing = true;
  tell();
  const next = async () => {
    if (!playing) return;
    const began = performance.now();
    await go(at + 1 >= frames.length ? 0 : at + 1);
    const rest = at === newest || at === frames.length - 1 ? restMS : stepMS;
    timer = setTimeout(next, Math.max(rest - (performance.now() - began), 0));
  };
  next();
}

function pause() {
  playing = false;
  clearTimeout(timer);
  tell();
}

function marks() {
  const bars = frames.map((f, i) => h('i', { class: f.past ? 'past' : i === newest ? 'now' : 'ahead' }));
  const last = Math.max(frames.length - 1, 1);
  const half = `calc(7px - (100% - 14px) / ${2 * last})`; // each bar's middle lies where the thumb stops
  $('track-bars').style.left = $('track-bars').style.right = half;
  $('track-bars').replaceChildren(...bars);
  const every = frames.length > 45 ? 15 : 10;
  const ticks = frames.flatMap((f, i) => {
    const minute = Math.round(f.time / 60000);
    const before = i > 0 ? Math.round(frames[i - 1].time / 60000) : minute;
    if (Math.floor(minute / every) === Math.floor(before / every)) return [];
    const tick = h('span', {}, utc(Math.floor(minute / every) * every * 60000));
    tick.style.left = `${(100 * i) / last}%`;
    return [tick];
  });
  $('track-ticks').replaceChildren(...ticks);
}

// tell says what is shown, in words.
function tell() {
  const frame = frames[at];
  const ahead = frame && !frame.past && at !== newest;
  document.documentElement.dataset.frame = ahead ? 'nowcast' : 'observed';
  $('play').setAttribute('aria-label', playing ? 'Pause' : 'Play');
  $('play').classList.toggle('playing', playing);
  $('latest').hidden = !frame || at === newest;
  if (!frame) {
    $('shown-kind').textContent = 'no pictures yet';
    $('shown-time').textContent = '';
    return;
  }
  const time = utc(frame.time) + 'Z';
  const lead = `+${Math.round(frame.lead)} min`;
  $('shown-kind').textContent = chance ? (ahead ? `chance ${lead}` : 'chance') : ahead ? `nowcast ${lead}` : 'observed';
  $('shown-time').textContent = time;
  slider.value = String(at);
  slider.setAttribute('aria-valuetext', ahead ? `${chance ? 'chance' : 'nowcast'} ${Math.round(frame.lead)} minutes ahead, ${time}` : `${chance ? 'chance' : 'observed'} ${time}`);
  [...$('track-bars').children].forEach((bar, i) => bar.classList.toggle('at', i === at));
}
