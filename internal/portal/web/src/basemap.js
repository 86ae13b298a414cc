// The base map: land, counties and states of us-atlas, and a short list of cities. Nothing comes from elsewhere.
import { feature, mesh } from 'topojson-client';
import atlasURL from 'us-atlas/counties-10m.json';
import { cities } from './cities.js';
import { collection, feature as shape } from './geo.js';

export async function loadBase(domains) {
  const atlas = await (await fetch(new URL(atlasURL, import.meta.url))).json();
  const { counties, states, nation } = atlas.objects;
  return {
    land: feature(atlas, nation),
    counties: mesh(atlas, counties, (a, b) => a !== b && a.id.slice(0, 2) === b.id.slice(0, 2)),
    states: mesh(atlas, states),
    countyNames: countyNames(atlas, counties, domains),
    cities: collection(cities.map(([name, lon, lat, rank]) => shape('Point', [lon, lat], { name, rank }))),
  };
}

// countyNames gives a point for the name of each county in and around the domains.
function countyNames(atlas, counties, domains) {
  const near = ([lon, lat]) => domains.some((d) => lon > d.west - 2 && lon < d.east + 2 && lat > d.south - 2 && lat < d.north + 2);
  const points = [];
  for (const f of feature(atlas, counties).features) {
    const at = middle(f.geometry);
    if (at && near(at)) points.push(shape('Point', at, { name: f.properties.name.toUpperCase() }));
  }
  return collection(points);
}

function middle(geometry) {
  if (!geometry) return null;
  const rings = geometry.type === 'Polygon' ? [geometry.coordinates[0]] : geometry.coordinates.map((p) => p[0]);
  const ring = rings.reduce((a, b) => (b.length > a.length ? b : a));
  const lons = ring.map((p) => p[0]);
  const lats = ring.map((p) => p[1]);
  return [(Math.min(...lons) + Math.max(...lons)) / 2, (Math.min(...lats) + Math.max(...lats)) / 2];
}
