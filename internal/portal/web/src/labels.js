// Names on the map as drawn images: MapLibre places them without collisions, and no glyph server is needed.
import { colors, standing, theme } from './theme.js';

const ratio = 2;
const family = '"Inter Variable", system-ui, sans-serif';
const fonts = {
  city1: `600 12.5px ${family}`, city2: `500 11.5px ${family}`, city3: `500 10.5px ${family}`, city4: `500 10px ${family}`,
  county: `500 9px ${family}`, radar: `600 10.5px ${family}`, place: `600 11.5px ${family}`,
};

// An id is theme|kind|extra|text; the map asks for it when it first needs it.
export const labelId = (kind, extra, text) => ['concat', `${theme}|${kind}|`, extra, '|', text];

export function draw(map, id) {
  const [, kind, extra, ...rest] = id.split('|');
  const painter = painters[kind];
  if (!painter || map.hasImage(id)) return;
  const { width, height, paint } = painter(rest.join('|'), extra);
  const canvas = new OffscreenCanvas(Math.ceil(width * ratio), Math.ceil(height * ratio));
  const ctx = canvas.getContext('2d');
  ctx.scale(ratio, ratio);
  paint(ctx);
  map.addImage(id, ctx.getImageData(0, 0, canvas.width, canvas.height), { pixelRatio: ratio });
}

const ruler = new OffscreenCanvas(1, 1).getContext('2d');

function measure(font, text, spacing = 0) {
  ruler.font = font;
  return ruler.measureText(text).width + spacing * text.length;
}

function write(ctx, font, text, x, y, color, spacing = 0) {
  const c = colors();
  ctx.font = font;
  ctx.letterSpacing = `${spacing}px`;
  ctx.textBaseline = 'middle';
  ctx.lineJoin = 'round';
  ctx.lineWidth = 3;
  ctx.strokeStyle = c.halo;
  ctx.strokeText(text, x, y);
  ctx.fillStyle = color;
  ctx.fillText(text, x, y);
}

// beside draws a mark with a name to its right or left. The image is as wide on the other side: the mark is its middle.
function beside(font, text, color, mark, left = false) {
  const half = measure(font, text) + 14;
  return {
    width: half * 2, height: 22,
    paint: (ctx) => {
      ctx.save();
      ctx.translate(half, 11);
      mark(ctx);
      ctx.restore();
      write(ctx, font, text, left ? 4 : half + 10, 11.5, color);
    },
  };
}

function dot(color, radius) {
  return (ctx) => {
    ctx.beginPath();
    ctx.arc(0, 0, radius, 0, 2 * Math.PI);
    ctx.fillStyle = color;
    ctx.fill();
    ctx.lineWidth = 1.5;
    ctx.strokeStyle = colors().halo;
    ctx.stroke();
  };
}

function dish(color) {
  return (ctx) => {
    ctx.beginPath();
    ctx.arc(0, 0, 7, 0, 2 * Math.PI);
    ctx.fillStyle = colors().halo;
    ctx.fill();
    ctx.strokeStyle = color;
    ctx.lineWidth = 1.6;
    for (const r of [3.2, 6.2]) {
      ctx.beginPath();
      ctx.arc(0, 0, r, -Math.PI * 0.9, -Math.PI * 0.1);
      ctx.stroke();
    }
    ctx.beginPath();
    ctx.arc(0, 0, 1.6, 0, 2 * Math.PI);
    ctx.fillStyle = color;
    ctx.fill();
  };
}

// pin is a diamond where a hazard is or comes, a ring where nothing is known, a disc where it is clear.
function pin(state) {
  const color = standing[theme][state] ?? standing[theme].unknown;
  return (ctx) => {
    ctx.beginPath();
    if (state === 'now' || state === 'ahead') {
      ctx.moveTo(0, -7);
      ctx.lineTo(7, 0);
      ctx.lineTo(0, 7);
      ctx.lineTo(-7, 0);
      ctx.closePath();
    } else ctx.arc(0, 0, 5, 0, 2 * Math.PI);
    ctx.fillStyle = state === 'unknown' ? colors().halo : color;
    ctx.fill();
    ctx.lineWidth = 2;
    ctx.strokeStyle = state === 'unknown' ? color : colors().halo;
    ctx.stroke();
  };
}

const painters = {
  city: (text, rank) => beside(fonts['city' + rank] ?? fonts.city4, text, rank < 3 ? colors().text : colors().quiet, dot(colors().quiet, rank < 2 ? 3 : 2.2)),
  radar: (text, state) => beside(fonts.radar, text, colors().radar, dish(state === 'ok' ? colors().radar : standing[theme][state === 'late' ? 'ahead' : 'now']), true),
  place: (text, state) => beside(fonts.place, text, colors().text, pin(state)),
  county: (text) => ({
    width: measure(fonts.county, text, 1.2) + 8, height: 14,
    paint: (ctx) => write(ctx, fonts.county, text, 4, 7.5, colors().quiet, 1.2),
  }),
  hatch: () => ({
    width: 12, height: 12,
    paint: (ctx) => {
      ctx.strokeStyle = colors().hatch;
      ctx.lineWidth = 1.4;
      for (const x of [-12, 0, 12]) {
        ctx.beginPath();
        ctx.moveTo(x - 1, 13);
        ctx.lineTo(x + 13, -1);
        ctx.stroke();
      }
    },
  }),
};
