// Shapes on the map, as GeoJSON.

const EARTH_KM = 6371;
const rad = Math.PI / 180;

// circle gives the ring of points at a distance around a position.
export function circle([lon, lat], km, steps = 96) {
  const ring = [];
  const d = km / EARTH_KM;
  for (let i = 0; i <= steps; i++) {
    const bearing = (2 * Math.PI * i) / steps;
    const phi = Math.asin(Math.sin(lat * rad) * Math.cos(d) + Math.cos(lat * rad) * Math.sin(d) * Math.cos(bearing));
    const east = Math.atan2(
      Math.sin(bearing) * Math.sin(d) * Math.cos(lat * rad),
      Math.cos(d) - Math.sin(lat * rad) * Math.sin(phi),
    );
    ring.push([lon + east / rad, phi / rad]);
  }
  return ring;
}

export const collection = (features) => ({ type: 'FeatureCollection', features });
export const feature = (type, coordinates, properties = {}) => ({ type: 'Feature', properties, geometry: { type, coordinates } });

// corners gives a domain's corners as MapLibre wants them: from the north-west clockwise.
export const corners = (d) => [[d.west, d.north], [d.east, d.north], [d.east, d.south], [d.west, d.south]];

// veil gives everything around that the radars did not see: the surroundings with holes where they did.
export function veil(coverage, d) {
  const seen = polygons(coverage);
  const blind = seen.flatMap(([, ...holes]) => holes.map((hole) => feature('Polygon', [hole])));
  return collection([feature('Polygon', [surroundings(d), ...seen.map(([edge]) => edge)]), ...blind]);
}

// around gives the surroundings of a picture, which has its own veil; without a picture, all.
export function around(d, hasPicture) {
  const ring = [...corners(d), corners(d)[0]];
  return collection([feature('Polygon', hasPicture ? [surroundings(d), ring] : [surroundings(d)])]);
}

function surroundings(d) {
  const [w, s, e, n] = [d.west - 15, Math.max(d.south - 15, -80), d.east + 15, Math.min(d.north + 15, 80)];
  return [[w, s], [e, s], [e, n], [w, n], [w, s]];
}

// seen gives the corners of what the radars see of a domain, or of the domain where that is not known.
export function seen(coverage, d) {
  const points = polygons(coverage).flatMap(([edge]) => edge);
  if (!points.length) return [[d.west, d.south], [d.east, d.north]];
  const [lons, lats] = [points.map((p) => p[0]), points.map((p) => p[1])];
  return [
    [Math.max(Math.min(...lons), d.west), Math.max(Math.min(...lats), d.south)],
    [Math.min(Math.max(...lons), d.east), Math.min(Math.max(...lats), d.north)],
  ];
}

// edge gives the line along which the radars' sight ends.
export const edge = (coverage) => collection(polygons(coverage).flatMap((rings) => rings.map((ring) => feature('LineString', ring))));

function polygons(geometry) {
  if (!geometry) return [];
  return geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates;
}

export function position([lon, lat]) {
  return `${Math.abs(lat).toFixed(3)}°${lat < 0 ? 'S' : 'N'} ${Math.abs(lon).toFixed(3)}°${lon < 0 ? 'W' : 'E'}`;
}

// across gives how far a position lies along a domain's picture: 0 to 1 from the west and from the north.
export function across(d, [lon, lat]) {
  const y = (deg) => Math.asinh(Math.tan(deg * rad));
  return [(lon - d.west) / (d.east - d.west), (y(d.north) - y(lat)) / (y(d.north) - y(d.south))];
}
