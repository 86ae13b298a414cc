// The page: brings map, loop and panel together.
import { drawAreas, loadAreas } from './areas.js';
import { startCost } from './cost.js';
import { $, h, oncePerFrame } from './dom.js';
import { startExplain } from './explain.js';
import { across, position } from './geo.js';
import { canvas, createMap, showDomain, showPicture, showRadars, toggles } from './map.js';
import { startGraph } from './graph.js';
import { freshness, setPanelDomain, situation, startPanel } from './panel.js';
import { startCells } from './cells.js';
import { startPlaces } from './places.js';
import { connect, on, state } from './store.js';
import { setLoop, startTimeline } from './timeline.js';
import { onTheme, toggleTheme } from './theme.js';
import { date, hasData, hasEnded, isUTC, local, now, pace, setClock, utc } from './time.js';

let domain = null;
let product = 'reflectivity';
let map = null;
let mapless = false;
let link = 'connecting';

const issue = () => state.areas.find((a) => a.domain === domain?.name);
const loops = () => state.loops.filter((l) => l.domain === domain?.name);
const loop = () => loops().find((l) => l.product === product) ?? loops()[0];

on('load clock', () => setClock(state.clock));
on('load', start);
on('load', legend);
on('link', (status) => {
  link = status;
  tick();
});
on('loop', (l) => {
  if (!map || l.domain !== domain.name) return;
  products();
  if (l === loop()) setLoop(l);
});
on('areas', (a) => map && a.domain === domain.name && loadAreas(domain.name, a.levels));
on('load radar clock', oncePerFrame(radars));
startPanel();
startCost();
startExplain();
startGraph();
$('theme').addEventListener('click', toggleTheme);
onTheme(legend);
setInterval(tick, 500);
connect();

// start makes the map at the first load, and fills it at each.
async function start() {
  domain = state.domains.find((d) => d.name === domain?.name) ?? state.domains[0];
  if (!domain) return;
  fill();
  if (map === null) {
    map = false; // being made
    domains();
    const made = await createMap(state.domains, domain).catch(() => null);
    if (!made) { // as where a browser draws nothing but pages; the panel does without
      mapless = true;
      return;
    }
    $('layers').replaceChildren(...toggles(h));
    startTimeline((bitmap, frame) => {
      showPicture(bitmap);
      drawAreas(frame);
    });
    startPlaces(made);
    startCells(made, () => domain.name);
    $('product').addEventListener('change', () => {
      product = $('product').value;
      legend();
      setLoop(loop());
    });
    made.on('mousemove', (e) => readout([e.lngLat.lng, e.lngLat.lat]));
    map = made;
    fill();
  }
}

function fill() {
  setPanelDomain(domain.name); // which does not wait for the map
  if (!map) return;
  showDomain(domain);
  products();
  setLoop(loop());
  loadAreas(domain.name, issue()?.levels ?? [0]);
  radars();
}

function domains() {
  $('domain').replaceChildren(...state.domains.map((d) => h('option', { value: d.name }, d.name)));
  $('domain').disabled = state.domains.length < 2;
  $('domain').addEventListener('change', () => {
    domain = state.domains.find((d) => d.name === $('domain').value);
    fill();
    showDomain(domain, true);
  });
}

let productsShown = '';

// products lets choose what is shown where there is a choice.
function products() {
  const first = (name) => Number(name !== 'reflectivity');
  const list = loops().map((l) => l.product).sort((a, b) => first(a) - first(b) || a.localeCompare(b));
  if (list.join() === productsShown) return;
  productsShown = list.join();
  $('product').replaceChildren(...list.map((name) => h('option', { value: name, selected: name === loop().product }, named(name))));
  $('product').parentElement.hidden = list.length < 2;
  legend();
}

// named gives a product's name as people say it.
function named(name) {
  const chance = /^probability_(.+)$/.exec(name);
  return chance ? `Chance of ${chance[1].replace('_', '.')} dBZ` : name[0].toUpperCase() + name.slice(1);
}

let radarsShown = '';

// radars redraws the sites only when one moved or changed its state.
function radars() {
  if (!map) return;
  const list = state.radars.filter((r) => r.lastScan).map((r) => ({ ...r, state: freshness(r).state }));
  const looks = JSON.stringify(list.map((r) => [r.name, r.state, r.longitudeDeg, r.latitudeDeg, r.rangeM]));
  if (looks !== radarsShown) showRadars(list);
  radarsShown = looks;
}

// tick runs the clock, and says what there is to say where there is no picture.
function tick() {
  const t = now();
  $('utc').textContent = t ? utc(t, true) + 'Z' : '--:--:--';
  $('local').textContent = t ? (isUTC() ? date(t) : `${date(t)} · ${local(t)}`) : 'no data yet';
  const speed = pace() === 1 ? 'Live' : pace() > 0 ? `Replay ×${Math.round(pace() * 10) / 10}` : 'Replay';
  const text = { lost: 'Reconnecting', connecting: 'Connecting' }[link] ?? (!hasData() ? 'Waiting' : hasEnded() ? 'Ended' : speed);
  $('link').dataset.link = link === 'live' && hasData() && !hasEnded() ? 'live' : link === 'lost' ? 'lost' : 'still';
  $('link').textContent = text;
  const [title, more] = lacks();
  $('empty').hidden = !title;
  $('empty-title').textContent = title;
  $('empty-text').textContent = more;
  radars();
}

// lacks says why there is no picture, where there is none.
function lacks() {
  if (mapless) return ['The map cannot be drawn', 'It takes WebGL, which this browser lacks or has turned off.'];
  if (loop()) return ['', ''];
  if (!hasData()) return ['No data yet', 'Waiting for the first scan.'];
  return ['No pictures yet', situation(Math.max(-32, ...state.radars.map((r) => r.maxDBZ)))];
}

// steps gives the colours of what is shown: those that come with its pictures, or reflectivity's.
const steps = () => loop()?.legend ?? state.legend.map((s) => ({ from: s.dBZ, color: s.color }));
const units = () => loop()?.units ?? 'dBZ';

function legend() {
  const list = steps();
  const box = $('legend');
  if (!list.length) return;
  box.setAttribute('aria-label', `Colours from ${list[0].from} to ${list.at(-1).from} ${units()}`);
  box.replaceChildren(h('span', { class: 'unit' }, units()), ...list.map((s) => {
    const bar = h('i', {});
    bar.style.backgroundColor = s.color.slice(0, 7);
    return h('span', { class: 'step' }, bar, s.from % 10 === 0 ? String(s.from) : ' ');
  }));
}

// readout says where the pointer is and which colour of the legend lies there.
function readout(at) {
  const [x, y] = across(domain, at);
  const inside = x >= 0 && x < 1 && y >= 0 && y < 1 && canvas.width > 1;
  const [r, g, b, a] = inside ? canvas.getContext('2d').getImageData(Math.floor(x * canvas.width), Math.floor(y * canvas.height), 1, 1).data : [0, 0, 0, 0];
  const distance = (s) => [r, g, b].reduce((sum, v, i) => sum + (v - parseInt(s.color.slice(1 + 2 * i, 3 + 2 * i), 16)) ** 2, 0);
  const step = a > 60 && steps().length ? steps().reduce((best, s) => (distance(s) < distance(best) ? s : best)) : null;
  $('readout').textContent = position(at) + (step && distance(step) < 400 ? ` · ${step.from} ${units()} or more` : '');
}
