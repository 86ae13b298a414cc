// What the newest mosaic shows where the map is clicked: how strong, how old, and which radars see it.
import { Popup } from 'maplibre-gl';
import { $, h } from './dom.js';
import { utc } from './time.js';

export function startCells(map, domain) {
  const popup = new Popup({ className: 'cell', maxWidth: '280px', closeButton: false });
  map.on('click', async ({ lngLat }) => {
    if ($('add').open) return; // the click sets a place
    const query = new URLSearchParams({ lon: lngLat.lng, lat: lngLat.lat });
    const answer = await fetch(`/v1/cells/${encodeURIComponent(domain())}?${query}`).catch(() => null);
    if (!answer?.ok) {
      popup.remove();
      return;
    }
    popup.setLngLat(lngLat).setDOMContent(told(await answer.json())).addTo(map);
  });
}

function told(cell) {
  const strong = { echo: `${cell.dBZ} dBZ`, 'no echo': 'No echo', 'not seen': 'Not seen by any radar' }[cell.state];
  const seen = cell.ageS > 0 ? `seen ${cell.ageS} s before` : 'seen then';
  return h('div', {},
    h('strong', {}, strong),
    h('span', {}, `${utc(Date.parse(cell.issueTime))}Z${cell.radars.length ? `, ${seen}` : ''}`),
    cell.radars.length > 0 && h('span', {}, `Radars here: ${cell.radars.join(', ')}`),
    cell.note && h('small', {}, cell.note),
  );
}
