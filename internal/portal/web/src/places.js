// Places: the list, and the form that adds one.
import { $, h } from './dom.js';
import { flyTo, showPick, showPlaces } from './map.js';
import { icon } from './panel.js';
import { state, on } from './store.js';

const form = $('place-form');
const words = { clear: 'clear', ahead: 'coming', now: 'here', unknown: 'unknown' };

export function startPlaces(map) {
  on('load places', list);
  list();
  form.addEventListener('submit', submit);
  form.addEventListener('input', pick);
  $('add').addEventListener('toggle', () => {
    $('map').classList.toggle('picking', $('add').open);
    pick();
  });
  map.on('click', (e) => {
    if (!$('add').open) return;
    form.lon.value = e.lngLat.lng.toFixed(4);
    form.lat.value = e.lngLat.lat.toFixed(4);
    pick();
  });
}

function pick() {
  const at = [form.lon.value, form.lat.value];
  showPick($('add').open && at.every((v) => v !== '') ? at.map(Number) : null);
}

const hazards = (place) => place.hazards.map((z) => `${z.product === 'reflectivity' ? '' : z.product + ' '}≥ ${z.atLeast} ${z.units}`).join(', ');

function list() {
  showPlaces(state.places);
  const count = state.places.length;
  $('places-count').textContent = count ? String(count) : '';
  if (!count) {
    $('places').replaceChildren(h('p', { class: 'none' }, 'No place is watched yet. Add one below.'));
    return;
  }
  $('places').replaceChildren(...state.places.map(row));
}

function row(place) {
  const standing = place.state?.state ?? 'unknown';
  return h('div', { class: 'row place', 'data-state': standing },
    icon(standing === 'clear' ? 'ok' : standing),
    h('button', { type: 'button', class: 'plain', onclick: () => flyTo(place.at), 'aria-label': `Show ${place.name} on the map` }, place.name),
    h('span', { class: 'state' }, words[standing] ?? standing),
    h('span', { class: 'quiet wide' }, place.state?.text || `${hazards(place)} within ${place.withinKm} km`),
    place.own && h('button', { type: 'button', class: 'remove', 'aria-label': `Watch ${place.name} no longer`, onclick: () => remove(place.name) }, '×'),
  );
}

async function submit(e) {
  e.preventDefault();
  const place = {
    name: form.name.value.trim(), at: [Number(form.lon.value), Number(form.lat.value)], withinKm: Number(form.within.value),
    hazards: [{ product: 'reflectivity', atLeast: Number(form.least.value), units: 'dBZ' }],
  };
  const answer = await send('/v1/places', 'POST', place);
  if (!answer) return;
  form.reset();
  $('add').open = false;
}

const remove = (name) => send('/v1/places/' + encodeURIComponent(name), 'DELETE');

async function send(path, method, body) {
  const error = $('place-error');
  error.hidden = true;
  try {
    const answer = await fetch(path, { method, headers: body && { 'Content-Type': 'application/json' }, body: body && JSON.stringify(body) });
    if (answer.ok) return true;
    const problem = await answer.json().catch(() => ({}));
    throw new Error([problem.detail ?? `The server said ${answer.status}`, ...(problem.errors ?? []).map((p) => p.message)].join(': '));
  } catch (problem) {
    error.textContent = problem.message;
    error.hidden = false;
    return false;
  }
}
