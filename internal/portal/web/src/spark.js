// A chain's last hour as a small chart: workers as a filled step, waiting orders as a line.
import { svg } from './dom.js';

const width = 132;
const height = 34;

const hour = 3600e3;

// spark draws what is known of the last hour. Loads come when they change, so each holds until the next.
export function spark(loads) {
  const end = Math.max(Date.now(), Date.parse(loads.at(-1)?.time ?? 0));
  const history = loads.filter((l, i) => i === loads.length - 1 || Date.parse(loads[i + 1].time) > end - hour);
  if (history.length) history.push({ ...history.at(-1), time: new Date(end).toISOString() });
  const root = svg('svg', { class: 'spark', viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none', role: 'img', 'aria-label': describe(history) });
  if (history.length < 2) {
    root.append(svg('path', { class: 'spark-base', d: `M0 ${height - 1}H${width}` }));
    return root;
  }
  const start = Math.max(Date.parse(history[0].time), end - hour);
  const x = (load) => ((width * Math.max(Date.parse(load.time) - start, 0)) / Math.max(end - start, 1)).toFixed(1);
  const scale = (values) => {
    const top = Math.max(1, ...values);
    return (v) => (height - 1 - ((height - 5) * v) / top).toFixed(1);
  };
  const workers = scale(history.map((l) => Math.max(l.workers, l.target)));
  const waiting = scale(history.map((l) => l.waiting));
  let step = `M0 ${workers(history[0].workers)}`;
  let line = `M0 ${waiting(history[0].waiting)}`;
  for (const l of history.slice(1)) {
    step += `H${x(l)}V${workers(l.workers)}`;
    line += `H${x(l)}V${waiting(l.waiting)}`;
  }
  root.append(
    svg('path', { class: 'spark-base', d: `M0 ${height - 0.5}H${width}` }),
    svg('path', { class: 'spark-fill', d: `${step}V${height}H0Z` }),
    svg('path', { class: 'spark-step', d: step }),
    svg('path', { class: 'spark-wait', d: line }),
  );
  return root;
}

function describe(history) {
  const counts = history.map((l) => l.workers);
  return counts.length ? `workers between ${Math.min(...counts)} and ${Math.max(...counts)}, now ${counts.at(-1)}` : 'no workers yet';
}
