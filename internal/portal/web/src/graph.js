// The chains as a tree: each below the one that makes what it is ordered on.
import { $, h, oncePerFrame } from './dom.js';
import { on, state } from './store.js';
import { span } from './time.js';

let steps = [];

export function startGraph() {
  on('load', read);
  on('trigger', oncePerFrame(draw));
}

async function read() {
  try {
    const answer = await fetch('/v1/chains', { cache: 'no-store' });
    if (answer.ok) steps = await answer.json();
  } catch { /* the next load asks again */ }
  draw();
}

function draw() {
  const open = steps.filter(isOpen).length;
  $('graph-count').textContent = steps.length ? `${open} of ${steps.length} open` : '';
  $('graph').replaceChildren(steps.length ? branch('') : h('p', { class: 'none' }, 'No chain is in the config.'));
}

const isOpen = (step) => step.triggers.some((name) => state.triggers.some((t) => t.name === name && t.open));

function branch(from) {
  const below = steps.filter((s) => (s.from ?? '') === from);
  return below.length > 0 && h('ul', { class: from ? 'branch' : 'branch root' }, below.map((s) => h('li', {}, box(s), branch(s.chain))));
}

function box(step) {
  const open = isOpen(step);
  return h('div', { class: 'node', 'data-open': open, title: details(step) },
    h('i', { 'aria-hidden': 'true' }), h('b', {}, step.chain), h('span', { class: 'visually-hidden' }, open ? 'open' : 'closed'),
    h('span', { class: 'makes' }, step.makes.length > 2 ? `${step.makes[0]} … ${step.makes.at(-1)}` : step.makes.join(', ')),
    h('span', { class: 'rank' }, step.essential && h('span', { class: 'tag' }, 'essential'), String(step.priority)));
}

function details(step) {
  const lines = [
    `Ordered on ${step.takes}${step.everySeconds ? `, one each ${span(step.everySeconds)}` : ''}${step.everyN > 1 ? `, each ${step.everyN}.` : ''}`,
    `Makes ${step.makes.join(', ') || 'nothing'}`,
    `Priority ${step.priority} of 100`,
    step.deadlineSeconds && `To be done within ${span(step.deadlineSeconds)}`,
    step.most && `At most ${step.most} orders of a ${step.per || 'chain'} in hand`,
    step.triggers.length ? `Opened by ${step.triggers.join(', ')}` : 'No trigger opens it',
  ];
  return lines.filter(Boolean).join('\n');
}
