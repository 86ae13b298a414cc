// One decision with all that is known of it: by which rule and from which values, what led to it and what followed.
import { $, h } from './dom.js';
import { utc } from './time.js';

export function startExplain() {
  $('explain-close').addEventListener('click', () => $('explain').close());
  $('explain').addEventListener('click', (e) => e.target === $('explain') && $('explain').close()); // beside it
}

// explain shows a decision by its kind, and its id or subject.
export async function explain(kind, of) {
  $('explain-title').textContent = `${kind} ${of}`;
  $('explain-body').replaceChildren(h('p', { class: 'none' }, 'Reading what has been decided …'));
  if (!$('explain').open) $('explain').showModal();
  try {
    const answer = await fetch(`/v1/explain/${encodeURIComponent(kind)}?of=${encodeURIComponent(of)}`, { cache: 'no-store' });
    const x = await answer.json();
    if (!answer.ok) throw new Error(x.detail ?? `the server answers ${answer.status}`);
    show(x);
  } catch (err) {
    $('explain-body').replaceChildren(h('p', { class: 'error' }, String(err.message ?? err)));
  }
}

function show(x) {
  const d = x.decision;
  $('explain-title').textContent = x.title;
  $('explain-body').replaceChildren(
    h('p', { class: 'quiet' }, `${utc(Date.parse(d.time), true)}Z${d.dataTime ? `, ${utc(Date.parse(d.dataTime), true)}Z in the data` : ''} · ${d.kind} ${d.id.slice(0, 8)}`, x.state && h('span', { class: 'tag' }, ` ${x.state}`)),
    h('p', { class: 'reason' }, d.reason),
    x.inputs.length > 0 && h('h3', {}, 'From') || '',
    x.inputs.length > 0 && h('dl', {}, x.inputs.map((t) => [h('dt', {}, t.name), h('dd', {}, t.value)])) || '',
    ...steps('What led to it', x.before), ...steps('What followed', x.after),
  );
}

function steps(title, list) {
  if (!list.length) return [];
  return [h('h3', {}, title), h('ol', { class: 'steps' }, list.map((s) => h('li', {}, h('time', {}, utc(Date.parse(s.time), true)),
    s.id ? h('button', { type: 'button', class: 'plain', onclick: () => explain(s.kind, s.id) }, s.text) : h('span', {}, s.text))))];
}
