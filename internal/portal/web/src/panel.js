// The panel: what the weather is, who was told what, how the radars and the workers are.
import { $, h, oncePerFrame, svg } from './dom.js';
import { explain } from './explain.js';
import { spark } from './spark.js';
import { state, on } from './store.js';
import { hasData, hasEnded, now, span, utc } from './time.js';

let domain = '';

export function startPanel() {
  const parts = [
    ['load regime trigger radar', weather], ['load notice', alerts], ['load radar clock line', radars],
    ['load chain load spending', chains], ['load decision', log], ['load dead', dead],
  ];
  for (const [kinds, draw] of parts) on(kinds, oncePerFrame(draw));
  setInterval(() => {
    radars();
    weather();
  }, 1000);
}

export function setPanelDomain(name) {
  domain = name;
  weather();
}

// asked is a name that shows, when it is pressed, all of a decision.
const asked = (kind, of, text) => h('button', { type: 'button', class: 'plain', onclick: () => explain(kind, of) }, text);

const none = (text) => h('p', { class: 'none' }, text);

// icon is a sign that tells a state by its shape, beside the colour.
export function icon(kind) {
  const shapes = {
    ok: 'M3.5 8.500l3 3 6-7', late: 'M8 2.500l6 11H2zM8 7v3M8 11.800v.2', silent: 'M4 4l8 8M12 4l-8 8',
    now: 'M8 1.500L14.5 8 8 14.5 1.5 8zM8 5v3.500M8 10.800v.2', ahead: 'M8 2a6 6 0 1 0 .01 0M8 4.500V8l2.5 1.5',
    unknown: 'M5.5 6a2.5 2.5 0 1 1 3.5 2.300c-.7.3-1 .7-1 1.500M8 12.300v.2', end: 'M3.5 8.500l3 3 6-7',
  };
  return svg('svg', { class: 'sign', viewBox: '0 0 16 16', 'aria-hidden': 'true' }, svg('path', { d: shapes[kind] ?? shapes.unknown }));
}

const words = { clear: 'Clear', stratiform: 'Stratiform', convective: 'Convective', unknown: 'Unknown' };
const sentence = (text) => (text ? text[0].toUpperCase() + text.slice(1) : '');

// freshness gives the worse of what was decided and what the age says: a decider may be silent, too.
export function freshness(radar) {
  const rank = { ok: 0, late: 1, silent: 2 };
  const age = (now() - Date.parse(radar.lastScan)) / 1000;
  const cadence = radar.cadenceS || 120;
  const byAge = !radar.lastScan ? 'silent' : hasEnded() ? 'ok' : age > 10 * cadence ? 'silent' : age > 3 * cadence ? 'late' : 'ok';
  const decided = radar.freshness in rank ? radar.freshness : 'ok';
  return { state: rank[decided] > rank[byAge] ? decided : byAge, age, cadence: radar.cadenceS };
}

function weather() {
  const regime = state.regimes.find((r) => r.domain === domain);
  const open = state.triggers.filter((t) => t.open && t.domain === domain);
  const strongest = Math.max(...state.radars.map((r) => r.maxDBZ ?? -32), -32);
  const value = regime?.value ?? 'unknown';
  const pill = $('pill');
  pill.dataset.regime = value;
  pill.replaceChildren(h('i', { 'aria-hidden': 'true' }), words[value] ?? sentence(value));
  $('weather').replaceChildren(
    h('div', { class: 'regime', 'data-regime': value },
      h('div', {}, h('strong', {}, words[value] ?? sentence(value)), regime && h('span', { class: 'since' }, `since ${utc(Date.parse(regime.since))}Z`)),
      strongest > 5 && h('div', { class: 'figure' }, h('strong', {}, String(Math.round(strongest))), h('span', {}, 'dBZ strongest')),
    ),
    h('p', { class: 'reason' }, regime?.reason ? sentence(regime.reason) : situation(strongest)),
    ...(open.length ? [h('ul', { class: 'triggers', 'aria-label': 'Open triggers' }, open.map(trigger))] : [h('p', { class: 'none' }, 'No trigger is open.')]),
  );
}

function trigger(t) {
  return h('li', {}, h('i', { 'aria-hidden': 'true' }), h('div', {}, asked('trigger', t.name, t.name), h('span', { class: 'since' }, `open since ${utc(Date.parse(t.since))}Z`), h('p', {}, t.reason)));
}

// situation says in a sentence what can be said without a regime.
export function situation(strongest) {
  if (!hasData() || state.radars.length === 0) return 'No data yet: waiting for the first scan.';
  const ages = state.radars.map(freshness);
  const bad = ages.filter((f) => f.state !== 'ok').length;
  const last = `last scan ${span(Math.min(...ages.map((f) => f.age)))} ago`;
  if (bad === ages.length) return `No fresh data: ${last}. What the map shows is old.`;
  const radars = bad ? `${bad} of ${ages.length} radars late` : 'radars ok';
  return strongest < 5 ? `No echo: ${radars}, ${last}.` : `Echo in sight: ${radars}, ${last}.`;
}

const urgency = (n) => (n.state === 'end' ? 'end' : n.leadMinutes > 0 ? 'ahead' : 'now');

const kinds = { start: 'Start', update: 'Update', end: 'End' };

function alerts() {
  const list = state.notices;
  $('alerts-count').textContent = list.length ? String(list.length) : '';
  if (!list.length) {
    $('alerts').replaceChildren(none('Nobody had to be told anything yet.'));
    return;
  }
  $('alerts').replaceChildren(...list.slice(0, 30).map((n) => h('article', { class: 'alert', 'data-state': urgency(n) },
    icon(urgency(n)),
    h('div', {},
      h('header', {}, h('b', {}, n.place), h('span', { class: 'tag' }, kinds[n.state] ?? n.state), h('time', {}, utc(Date.parse(n.issueTime)) + 'Z')),
      h('p', {}, n.text || sentence(n.reason))),
  )));
}

function radars() {
  const list = state.radars;
  const ok = list.filter((r) => freshness(r).state === 'ok').length;
  $('radars-count').textContent = list.length ? `${ok} of ${list.length} ok` : '';
  const away = state.lines.filter((l) => l.value === 'down')
    .map((l) => h('p', { class: 'away' }, `Source ${l.source}: its server has not answered since ${utc(Date.parse(l.since), true)}Z. ${sentence(l.reason)}`));
  if (!list.length) {
    $('radars').replaceChildren(...away, none('No data yet: waiting for the first scan.'));
    return;
  }
  $('radars').replaceChildren(...away, ...list.map((r) => {
    const f = freshness(r);
    const meter = h('i', { class: 'meter', 'aria-hidden': 'true' }, h('i', {}));
    meter.firstChild.style.width = `${f.state === 'silent' ? 100 : Math.min(100, (100 * f.age) / (3 * (f.cadence || 120)))}%`;
    const age = r.lastScan ? (hasEnded() ? `last ${utc(Date.parse(r.lastScan), true)}Z` : `${span(f.age)} ago`) : 'no scan yet';
    return h('div', { class: 'row radar', 'data-state': f.state, title: r.reason || null },
      icon(f.state), h('b', {}, r.name), h('span', { class: 'state' }, f.state),
      h('span', { class: 'num' }, age), h('span', { class: 'quiet' }, f.cadence ? `every ${span(f.cadence)}` : 'cadence unknown'), meter);
  }));
}

function chains() {
  const list = state.chains.filter((c) => c.history.length || c.reason);
  const workers = list.reduce((sum, c) => sum + (c.now?.workers ?? 0), 0);
  $('chains-count').textContent = list.length ? `${workers} worker${workers === 1 ? '' : 's'}` : '';
  if (!list.length) {
    $('chains').replaceChildren(none('No workers: none are needed before the weather calls for them.'));
    return;
  }
  const figure = (value, text) => h('span', { class: 'fig' }, h('b', {}, String(value)), text);
  $('chains').replaceChildren(...list.map((c) => h('div', { class: 'chain', title: c.reason || null },
    h('div', { class: 'chain-name' }, c.reason ? asked('scale', c.name, c.name) : h('b', {}, c.name), state.spending?.refused.includes(c.name) && h('span', { class: 'tag warn' }, 'budget spent'), c.dropped > 0 && h('span', { class: 'tag warn' }, `${c.dropped} dropped`)),
    spark(c.history),
    h('div', { class: 'figs' }, figure(wanted(c.now), 'workers'), figure(c.now?.waiting ?? 0, 'waiting'), figure(c.now?.running ?? 0, 'running')),
  )));
}

// wanted gives how many workers a chain has, and shall have where that differs.
const wanted = (load) => (!load ? 0 : load.workers === load.target ? load.workers : `${load.workers} of ${load.target}`);

const decided = { regime: 'Weather', trigger: 'Trigger', scale: 'Workers', freshness: 'Radar', dropped: 'Dropped', source: 'Source', line: 'Source', config: 'Config', cloud: 'Cloud', budget: 'Budget' };

function log() {
  const list = state.decisions.slice(0, 14);
  if (!list.length) {
    $('log').replaceChildren(none('Nothing has been decided yet.'));
    return;
  }
  $('log').replaceChildren(...list.map((d) => h('div', { class: 'entry', 'data-kind': d.kind },
    h('time', { title: `${d.time} by the wall clock${d.dataTime ? `, ${d.dataTime} in the data` : ''}` }, utc(Date.parse(d.time))),
    h('div', {}, asked(d.kind, d.id, `${decided[d.kind] ?? d.kind} ${d.subject}`), h('span', { class: 'change' }, d.was ? `${d.was} → ${d.value}` : d.value), h('p', {}, d.kind === 'trigger' ? d.reason : sentence(d.reason))),
  )));
}

function dead() {
  const { count, latest } = state.dead;
  $('dead-count').textContent = count ? `${count} set aside` : '';
  $('dead-count').classList.toggle('warn', count > 0);
  if (!count) {
    $('dead').replaceChildren();
    return;
  }
  $('dead').replaceChildren(h('details', { class: 'dead' },
    h('summary', {}, `${count} could not be processed`),
    h('ul', {}, latest.slice(0, 6).map((d) => h('li', {}, h('b', {}, d.name), h('span', {}, `${d.stage}: ${d.reason}`)))),
  ));
}
