// The map: base, picture, polygons, the edge of what is seen, radars and places.
import { Map, NavigationControl, ScaleControl, setWorkerUrl } from 'maplibre-gl';
import { loadBase } from './basemap.js';
import { around, circle, collection, corners, edge, feature, seen, veil } from './geo.js';
import { draw, labelId } from './labels.js';
import { colors, onTheme, standing, theme } from './theme.js';

setWorkerUrl(new URL('/assets/worker.js', location.href).href);

export const canvas = document.createElement('canvas');
canvas.width = canvas.height = 1;
const nothing = collection([]);
let map;
let domain;
let view = null; // the corners to show
let moved = false; // by a person, who then keeps the view
let hadPicture = null;

const shown = { areas: true, coverage: true, radars: true, places: true, names: true };
const groups = {
  areas: ['areas-fill', 'areas-low', 'areas-high'],
  coverage: ['around', 'veil', 'edge'],
  radars: ['rings', 'radars'],
  places: ['reach-fill', 'reach', 'places'],
  names: ['county-names', 'cities'],
};

// padding keeps the domain clear of what lies over the map.
function padding() {
  const wide = innerWidth > 900;
  return wide ? { top: 86, bottom: 160, left: 28, right: 420 } : { top: 12, bottom: 12, left: 10, right: 10 };
}

export async function createMap(domains, first) {
  domain = first;
  map = new Map({
    container: 'map', style: { version: 8, sources: {}, layers: [] }, attributionControl: false, dragRotate: false,
    pitchWithRotate: false, touchPitch: false, maxPitch: 0, minZoom: 3, maxZoom: 13, fadeDuration: 0,
    bounds: [[first.west, first.south], [first.east, first.north]], fitBoundsOptions: { padding: padding() },
  });
  map.touchZoomRotate.disableRotation();
  map.addControl(new NavigationControl({ showCompass: false }), 'top-left');
  map.addControl(new ScaleControl({ maxWidth: 110 }), 'top-left');
  map.setMissingStyleImageResolver((id) => draw(map, id));
  const [base] = await Promise.all([loadBase(domains), map.once('load'), document.fonts.load('500 12px "Inter Variable"').catch(() => null)]);
  build(base);
  paint();
  onTheme(paint);
  map.on('movestart', (e) => { moved ||= Boolean(e.originalEvent); });
  map.on('resize', () => moved || fit(false));
  map.on('idle', () => { document.documentElement.dataset.map = 'idle'; });
  return map;
}

function build(base) {
  const geo = (id, data) => map.addSource(id, { type: 'geojson', data });
  geo('land', base.land);
  geo('counties', base.counties);
  geo('states', base.states);
  geo('county-names', base.countyNames);
  geo('cities', base.cities);
  for (const id of ['around', 'veil', 'edge', 'areas', 'rings', 'radars', 'reach', 'places', 'domain', 'pick']) geo(id, nothing);
  map.addSource('picture', { type: 'canvas', canvas, coordinates: corners(domain), animate: false });
  const line = (id, source, width, extra = {}) => map.addLayer({
    id, type: 'line', source, layout: { 'line-join': 'round', 'line-cap': 'round' }, paint: { 'line-width': width, ...extra.paint }, ...(extra.filter && { filter: extra.filter }),
  });
  const names = (id, source, extra = {}) => map.addLayer({ id, type: 'symbol', source, layout: { 'icon-padding': 3, ...extra }, ...(id === 'county-names' && { minzoom: 7 }) });
  map.addLayer({ id: 'sea', type: 'background' });
  map.addLayer({ id: 'land', type: 'fill', source: 'land' });
  map.addLayer({ id: 'picture', type: 'raster', source: 'picture', paint: { 'raster-fade-duration': 0, 'raster-resampling': 'linear' } });
  line('counties', 'counties', ['interpolate', ['linear'], ['zoom'], 5, 0.4, 9, 1.1]);
  line('states', 'states', ['interpolate', ['linear'], ['zoom'], 4, 0.8, 9, 1.8]);
  map.addLayer({ id: 'around', type: 'fill', source: 'around', paint: { 'fill-antialias': false } });
  map.addLayer({ id: 'veil', type: 'fill', source: 'veil', paint: { 'fill-antialias': false } });
  line('edge', 'edge', 1.2, { paint: { 'line-dasharray': [3, 3] } });
  line('domain', 'domain', 1);
  line('rings', 'rings', 1);
  map.addLayer({ id: 'areas-fill', type: 'fill', source: 'areas', paint: { 'fill-opacity': 0.08, 'fill-antialias': false } });
  line('areas-low', 'areas', 1.6, { filter: ['==', ['get', 'rank'], 0] });
  line('areas-high', 'areas', 2.2, { filter: ['>', ['get', 'rank'], 0] });
  map.addLayer({ id: 'reach-fill', type: 'fill', source: 'reach', paint: { 'fill-opacity': 0.1 } });
  line('reach', 'reach', 1.5);
  names('county-names', 'county-names');
  names('cities', 'cities', { 'symbol-sort-key': ['get', 'rank'] });
  names('radars', 'radars', { 'icon-allow-overlap': true });
  names('places', 'places', { 'icon-allow-overlap': true });
  map.addLayer({ id: 'pick', type: 'circle', source: 'pick', paint: { 'circle-radius': 7, 'circle-color': 'transparent', 'circle-stroke-width': 2.5 } });
}

// paint gives every layer the colours of the theme.
function paint() {
  const c = colors();
  const s = standing[theme];
  const byState = ['match', ['get', 'state'], 'clear', s.clear, 'ahead', s.ahead, 'now', s.now, s.unknown];
  const set = (layer, property, value) => map.setPaintProperty(layer, property, value);
  set('sea', 'background-color', c.sea);
  set('land', 'fill-color', c.land);
  for (const layer of ['counties', 'states', 'edge', 'rings', 'domain']) {
    set(layer, 'line-color', c[{ counties: 'county', states: 'state', rings: 'ring' }[layer] ?? layer]);
  }
  set('around', 'fill-color', c.veil);
  set('veil', 'fill-pattern', `${theme}|hatch||`);
  set('areas-fill', 'fill-color', ['case', ['>', ['get', 'rank'], 0], c.high, c.low]);
  set('areas-low', 'line-color', c.low);
  set('areas-high', 'line-color', c.high);
  set('reach-fill', 'fill-color', byState);
  set('reach', 'line-color', byState);
  set('pick', 'circle-stroke-color', c.radar);
  set('picture', 'raster-opacity', theme === 'dark' ? 0.92 : 0.95);
  const icon = (layer, kind, extra) => map.setLayoutProperty(layer, 'icon-image', labelId(kind, extra, ['get', 'name']));
  icon('county-names', 'county', '');
  icon('cities', 'city', ['to-string', ['get', 'rank']]);
  icon('radars', 'radar', ['get', 'state']);
  icon('places', 'place', ['get', 'state']);
}

const data = (id, value) => map.getSource(id)?.setData(value);

export function showDomain(d, fly = false) {
  domain = d;
  map.getSource('picture')?.setCoordinates(corners(d));
  data('domain', feature('LineString', [...corners(d), corners(d)[0]]));
  hadPicture = null;
  view = seen(null, d);
  if (fly) fit(motion());
}

const fit = (animate) => view && map.fitBounds(view, { padding: padding(), animate });

// veilAround covers the surroundings of the picture as the picture itself covers what nobody saw.
function veilAround(hasPicture) {
  if (hasPicture === hadPicture) return;
  hadPicture = hasPicture;
  data('around', around(domain, hasPicture));
}

// showPicture puts a decoded picture on the map, or none.
export function showPicture(bitmap) {
  const [width, height] = bitmap ? [bitmap.width, bitmap.height] : [1, 1];
  if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
  const ctx = canvas.getContext('2d', { willReadFrequently: true });
  ctx.clearRect(0, 0, width, height);
  if (bitmap) ctx.drawImage(bitmap, 0, 0);
  veilAround(bitmap !== null);
  const source = map.getSource('picture');
  source?.play();
  source?.pause(); // the texture is taken from the canvas once
}

// showAreas draws polygons of one lead time. The lowest level has its own colour.
export function showAreas(features, levels) {
  const lowest = Math.min(...levels);
  data('areas', collection(features.map((f) => ({ ...f, properties: { rank: f.properties.level > lowest ? 1 : 0 } }))));
}

export function showCoverage(coverage) {
  data('veil', veil(coverage, domain));
  data('edge', edge(coverage));
  const before = view;
  view = seen(coverage, domain);
  const grown = !before || view.flat().some((v, i) => Math.abs(v - before.flat()[i]) > 0.1);
  if (grown && !moved) fit(false);
}

export function showRadars(radars) {
  const at = (r) => [r.longitudeDeg, r.latitudeDeg];
  data('radars', collection(radars.map((r) => feature('Point', at(r), { name: r.name, state: r.state }))));
  data('rings', collection(radars.flatMap((r) => [0.5, 1].map((part) => feature('LineString', circle(at(r), (part * r.rangeM) / 1000))))));
}

export function showPlaces(places) {
  const state = (p) => p.state?.state ?? 'unknown';
  data('places', collection(places.map((p) => feature('Point', p.at, { name: p.name, state: state(p) }))));
  data('reach', collection(places.filter((p) => p.withinKm > 0).map((p) => feature('Polygon', [circle(p.at, p.withinKm)], { state: state(p) }))));
}

export const showPick = (at) => data('pick', at ? collection([feature('Point', at)]) : nothing);

export const flyTo = (at) => map.easeTo({ center: at, zoom: Math.max(map.getZoom(), 9), padding: padding(), animate: motion() });

const motion = () => !matchMedia('(prefers-reduced-motion: reduce)').matches;

// toggles makes a button for each group of layers.
export function toggles(h) {
  const names = { areas: 'Outlines', coverage: 'Coverage', radars: 'Radars', places: 'Places', names: 'Names' };
  return Object.entries(names).map(([key, text]) => h('button', {
    type: 'button', class: 'chip', 'aria-pressed': 'true',
    onclick: (e) => {
      shown[key] = !shown[key];
      e.currentTarget.setAttribute('aria-pressed', String(shown[key]));
      for (const layer of groups[key]) map.setLayoutProperty(layer, 'visibility', shown[key] ? 'visible' : 'none');
    },
  }, text));
}
