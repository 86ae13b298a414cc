// Pictures, fetched once and decoded before they are shown.

const blobs = new Map(); // key → promise of the file; small
const bitmaps = new Map(); // key → promise of the decoded picture; large, so only those around the shown one
const keepBitmaps = 24;

function blob(key) {
  if (!blobs.has(key)) {
    const asked = fetch(`/v1/pictures/${key}.png`).then((answer) => {
      if (!answer.ok) throw new Error(`picture: ${answer.status}`);
      return answer.blob();
    });
    asked.catch(() => blobs.delete(key));
    blobs.set(key, asked);
  }
  return blobs.get(key);
}

// picture gives a decoded picture.
export function picture(key) {
  const had = bitmaps.get(key);
  bitmaps.delete(key); // the order of the map is the order of use
  const asked = had ?? blob(key).then((file) => createImageBitmap(file));
  if (!had) asked.catch(() => bitmaps.delete(key));
  bitmaps.set(key, asked);
  for (const old of bitmaps.keys()) {
    if (bitmaps.size <= keepBitmaps) break;
    bitmaps.get(old).then((bitmap) => bitmap.close(), () => null);
    bitmaps.delete(old);
  }
  return asked;
}

// prefetch fetches the files of a loop one after the other, newest need first, and forgets those that left it.
export async function prefetch(keys) {
  const wanted = new Set(keys);
  for (const key of blobs.keys()) if (!wanted.has(key)) blobs.delete(key);
  for (const key of keys) await blob(key).catch(() => null);
}
