// The clock of the data, and times as people read them.

let clock = { dataTime: null, wallTime: 0, pace: 0, ended: false };
let ahead = 0; // ms by which the server's clock is ahead of the browser's

export function setClock(c) {
  clock = {
    dataTime: c.dataTime ? Date.parse(c.dataTime) : null,
    wallTime: c.wallTime ? Date.parse(c.wallTime) : 0,
    pace: c.pace,
    ended: c.ended,
  };
}

export function setServerTime(ms) {
  const off = ms - Date.now();
  ahead = Math.abs(off) > 2000 ? off : 0;
}

export const hasData = () => clock.dataTime !== null;
export const hasEnded = () => clock.ended;
export const pace = () => clock.pace;

// now gives the time in the data in ms, or null before the first scan.
export function now() {
  if (clock.dataTime === null || clock.ended || clock.pace === 0) return clock.dataTime;
  return clock.dataTime + Math.max(Date.now() + ahead - clock.wallTime, 0) * clock.pace;
}

const pad = (n) => String(n).padStart(2, '0');

export function utc(ms, seconds = false) {
  const d = new Date(ms);
  return `${pad(d.getUTCHours())}:${pad(d.getUTCMinutes())}${seconds ? ':' + pad(d.getUTCSeconds()) : ''}`;
}

const dateFormat = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });
const localFormat = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', timeZoneName: 'short' });

export const date = (ms) => dateFormat.format(ms);
export const local = (ms) => localFormat.format(ms);
export const isUTC = () => new Date().getTimezoneOffset() === 0;

// span gives a length of time in the unit that fits.
export function span(seconds) {
  const s = Math.max(Math.round(seconds), 0);
  if (s < 100) return `${s} s`;
  if (s < 100 * 60) return `${Math.round(s / 60)} min`;
  if (s < 48 * 3600) return `${Math.round(s / 3600)} h`;
  return `${Math.round(s / 86400)} d`;
}
