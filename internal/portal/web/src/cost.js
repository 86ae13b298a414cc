// The cost: what workers have cost in this period of the budget, and what they will, by cloud.
import { $, h, oncePerFrame } from './dom.js';
import { state, on } from './store.js';
import { utc } from './time.js';

export function startCost() {
  on('load spending', oncePerFrame(cost));
}

// amount writes money or hours with the digits that count: prices of seconds are small.
export function amount(v) {
  if (v === 0) return '0';
  return Math.abs(v) < 100 ? String(Number(v.toPrecision(3))) : Math.round(v).toLocaleString('en');
}

const day = (t) => new Date(t).toLocaleDateString('en', { month: 'short', day: 'numeric', timeZone: 'UTC' });

function cost() {
  const s = state.spending;
  if (!s) {
    $('cost-count').textContent = '';
    $('cost').replaceChildren(h('p', { class: 'none' }, 'Nothing has been counted yet.'));
    return;
  }
  $('cost-count').textContent = `this ${s.period}, until ${day(s.until)} ${utc(Date.parse(s.until))}Z`;
  const share = s.limit > 0 ? s.spent / s.limit : 0;
  const figure = (value, text) => h('div', {}, h('strong', {}, amount(value)), h('span', {}, text));
  $('cost').replaceChildren(
    s.refused.length > 0 && h('p', { class: 'spent', role: 'alert' }, `The budget is spent: nothing is ordered of ${s.refused.join(', ')}.`) || '',
    h('div', { class: 'costs' }, figure(s.spent, s.limit > 0 ? `of ${amount(s.limit)} spent` : 'spent, no limit'), figure(s.perHour, 'an hour now'), figure(s.forecast, 'forecast')),
    s.limit > 0 && bar(share, s) || '',
    ...clouds(s).map(([name, c]) => h('div', { class: 'cloud' }, h('b', {}, name), h('span', { class: 'num' }, `${c.workers} worker${c.workers === 1 ? '' : 's'}`),
      h('span', { class: 'quiet' }, `${amount(c.seconds / 3600)} h`), h('span', { class: 'num' }, amount(c.spent)), h('span', { class: 'quiet' }, `→ ${amount(c.forecast)}`))),
  );
}

function bar(share, s) {
  const state = share >= 1 ? 'silent' : share >= 0.8 ? 'late' : 'ok';
  const meter = h('i', { class: 'meter budget', 'data-state': state, role: 'img', 'aria-label': `${Math.round(100 * share)} % of the budget spent` }, h('i', {}), h('b', {}));
  meter.firstChild.style.width = `${Math.min(100, 100 * share)}%`;
  meter.lastChild.style.left = `${Math.min(100, (100 * s.forecast) / s.limit)}%`;
  return meter;
}

// clouds adds up the chains of each cloud.
function clouds(s) {
  const sums = new Map();
  for (const row of s.rows) {
    const c = sums.get(row.cloud) ?? { workers: 0, seconds: 0, spent: 0, forecast: 0 };
    for (const key of Object.keys(c)) c[key] += row[key];
    sums.set(row.cloud, c);
  }
  return [...sums];
}
