// Dark and light: what the system prefers, until the person chooses. The map cannot read CSS, so its colours are here.

const stored = () => {
  try {
    return localStorage.getItem('theme');
  } catch {
    return null; // storage may be forbidden
  }
};
const prefers = matchMedia('(prefers-color-scheme: light)');
const changed = [];

export let theme = stored() ?? (prefers.matches ? 'light' : 'dark');
document.documentElement.dataset.theme = theme;

export const onTheme = (listener) => changed.push(listener);

export function toggleTheme() {
  set(theme === 'dark' ? 'light' : 'dark');
  try {
    localStorage.setItem('theme', theme);
  } catch {
    // then it holds for this visit
  }
}

prefers.addEventListener('change', (e) => {
  if (!stored()) set(e.matches ? 'light' : 'dark');
});

function set(to) {
  theme = to;
  document.documentElement.dataset.theme = to;
  for (const listener of changed) listener();
}

const palettes = {
  dark: {
    sea: '#070c13', land: '#0e1621', county: '#1c2836', state: '#41546b', hatch: 'rgba(148,170,196,.10)', veil: 'rgba(128,128,136,.17)',
    edge: 'rgba(148,178,210,.55)', ring: 'rgba(120,190,235,.22)', text: '#c9d6e4', quiet: '#5d7187', halo: 'rgba(7,12,19,.9)',
    radar: '#7fd3ff', low: '#7ef0c4', high: '#ff5fa8', domain: 'rgba(148,178,210,.28)',
  },
  light: {
    sea: '#d5dde5', land: '#f4f6f8', county: '#dfe5ec', state: '#9fb0c2', hatch: 'rgba(60,80,104,.13)', veil: 'rgba(128,128,136,.17)',
    edge: 'rgba(58,86,118,.55)', ring: 'rgba(20,100,160,.24)', text: '#22303f', quiet: '#8496a9', halo: 'rgba(255,255,255,.92)',
    radar: '#0b6fb8', low: '#00785a', high: '#c0116b', domain: 'rgba(58,86,118,.3)',
  },
};

export const colors = () => palettes[theme];

// The colours of states are the same on the map and in the panel.
export const standing = {
  dark: { clear: '#4ade80', ahead: '#fbbf24', now: '#fb5563', unknown: '#94a3b8' },
  light: { clear: '#15803d', ahead: '#b45309', now: '#cf1f36', unknown: '#64748b' },
};
