// What the server says: the state at load, then each change as it comes.
import { setServerTime } from './time.js';

const listeners = new Map(); // kind → functions

export const state = {
  clock: {}, domains: [], legend: [], radars: [], loops: [], areas: [], regimes: [], triggers: [],
  chains: [], places: [], notices: [], decisions: [], lines: [], spending: null, dead: { count: 0, latest: [] },
};

// on calls a function after a change of any of the kinds, and after every load as "load".
export function on(kinds, listener) {
  for (const kind of kinds.split(' ')) {
    if (!listeners.has(kind)) listeners.set(kind, []);
    listeners.get(kind).push(listener);
  }
}

function emit(kind, value) {
  for (const listener of listeners.get(kind) ?? []) listener(value);
}

function put(list, key, value, also = key) {
  const at = list.findIndex((v) => v[key] === value[key] && v[also] === value[also]);
  if (at < 0) {
    list.push(value);
    list.sort((a, b) => String(a[key]).localeCompare(String(b[key])));
  } else list[at] = value;
}

const merge = {
  clock: (v) => { state.clock = v; },
  radar: (v) => put(state.radars, 'name', v),
  loop: (v) => put(state.loops, 'domain', v, 'product'),
  areas: (v) => put(state.areas, 'domain', v),
  regime: (v) => put(state.regimes, 'domain', v),
  trigger: (v) => put(state.triggers, 'name', v, 'domain'),
  chain: (v) => put(state.chains, 'name', v),
  line: (v) => put(state.lines, 'source', v),
  load: ({ name, load }) => {
    const chain = state.chains.find((c) => c.name === name) ?? { name, dropped: 0, history: [] };
    chain.now = load;
    chain.history = [...chain.history.slice(-239), load];
    put(state.chains, 'name', chain);
  },
  places: (v) => { state.places = v; },
  notice: (v) => { state.notices = [v, ...state.notices].slice(0, 60); },
  decision: (v) => { state.decisions = [v, ...state.decisions].slice(0, 40); },
  dead: (v) => { state.dead = v; },
  spending: (v) => { state.spending = v; },
};

let source = null;
let retry = null;

export async function connect() {
  clearTimeout(retry);
  source?.close();
  try {
    const answer = await fetch('/v1/state', { cache: 'no-store' });
    if (!answer.ok) throw new Error(`state: ${answer.status}`);
    setServerTime(Date.parse(answer.headers.get('Date')));
    const { eventId, ...loaded } = await answer.json();
    Object.assign(state, { spending: null }, loaded);
    emit('load');
    listen(eventId);
  } catch {
    emit('link', 'lost');
    retry = setTimeout(connect, 2000);
  }
}

function listen(after) {
  source = new EventSource('/v1/events?after=' + encodeURIComponent(after));
  source.onopen = () => emit('link', 'live');
  source.onerror = () => {
    emit('link', 'lost');
    if (source.readyState === EventSource.CLOSED) retry = setTimeout(connect, 2000);
  };
  source.addEventListener('reload', connect);
  for (const kind of Object.keys(merge)) {
    source.addEventListener(kind, (e) => {
      const value = JSON.parse(e.data);
      merge[kind](value);
      emit(kind, value);
    });
  }
}
