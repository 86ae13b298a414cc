// Polygons for the shown frame: of the newest issue at every lead time, of past issues at the analysis.
import { showAreas, showCoverage } from './map.js';

let newest = null; // {issue, levels, byLead}
let domain = '';
const past = new Map(); // issue time in ms → promise of features
let asked = null; // the frame that is waited for

const minutes = (ms) => Math.round(ms / 60000);

export async function loadAreas(name, levels) {
  if (name !== domain) {
    newest = null;
    past.clear();
    domain = name;
  }
  const answer = await fetch(`/v1/areas/${encodeURIComponent(name)}`).catch(() => null);
  if (!answer?.ok || name !== domain) {
    if (!newest) showCoverage(null);
    return;
  }
  const got = await answer.json();
  newest = { issue: Date.parse(got.issueTime), levels, byLead: Map.groupBy(got.features, (f) => minutes(f.properties.leadMinutes * 60000)) };
  showCoverage(got.coverage);
  if (asked) drawAreas(asked);
}

// drawAreas shows the polygons of a frame's time.
export async function drawAreas(frame) {
  asked = frame;
  if (!frame || !newest) {
    showAreas([], [0]);
    return;
  }
  if (frame.time >= newest.issue) {
    showAreas(newest.byLead.get(minutes(frame.time - newest.issue)) ?? [], newest.levels);
    return;
  }
  const features = await analysis(frame.time);
  if (asked === frame) showAreas(features, newest.levels);
}

function analysis(time) {
  if (!past.has(time)) {
    if (past.size > 120) past.delete(past.keys().next().value);
    const query = new URLSearchParams({ issueTime: new Date(time).toISOString(), leadMinutes: '0' });
    past.set(time, fetch(`/v1/areas/${encodeURIComponent(domain)}?${query}`)
      .then((answer) => (answer.ok ? answer.json() : { features: [] }))
      .then((got) => got.features, () => []));
  }
  return past.get(time);
}
