/** What a camera wrote into a JPEG: where and when. Photos come from anywhere, so every step is checked against the end.

   Source: Exif 2.32 (JEITA CP-3451), TIFF 6.0: APP1 segment, image directory, GPS directory, Exif directory. */

/** Cameras put the directories before the picture. */
export const HEAD_BYTES = 256 * 1024;

const SEGMENTS = 64;
const ENTRIES = 256;
const ENTRY_BYTES = 12;
const APP1 = 0xe1;
const [SOI, EOI, SOS] = [0xffd8, 0xd9, 0xda];
const EXIF = 0x45786966;
const TAGS = { exif: 0x8769, gps: 0x8825, taken: 0x9003, offset: 0x9011 };
const GPS = { latRef: 1, lat: 2, lonRef: 3, lon: 4 };
const [ASCII, LONG, RATIONAL] = [2, 4, 5];
const TIME = /^(\d{4}):(\d\d):(\d\d) (\d\d:\d\d:\d\d)$/;
const ZONE = /^[+-]\d\d:\d\d$/;

/**
 * Read place and time.
 * @param {ArrayBuffer} buffer The beginning of a file of any kind.
 * @returns {{place: {lat: number, lon: number} | null, taken: Date | null}} Degrees, WGS 84; without a zone in the
 *   photo its time is taken as this device's.
 */
export function facts(buffer) {
  try {
    const tiff = tiffIn(new DataView(buffer));
    return tiff ? { place: placeIn(tiff), taken: takenIn(tiff) } : nothing();
  } catch (error) {
    // DataView itself refuses to look beyond the end: such a file says nothing.
    if (error instanceof RangeError) return nothing();
    throw error;
  }
}

const nothing = () => ({ place: null, taken: null });

/** Find the TIFF block of a JPEG. */
function tiffIn(view) {
  if (view.byteLength < 4 || view.getUint16(0) !== SOI) return null;
  let at = 2;
  for (let seen = 0; seen < SEGMENTS && at + 10 <= view.byteLength; seen += 1) {
    if (view.getUint8(at) !== 0xff) return null;
    const marker = view.getUint8(at + 1);
    if (marker === SOS || marker === EOI) return null;
    const length = view.getUint16(at + 2);
    if (length < 2) return null;
    if (marker === APP1 && view.getUint32(at + 4) === EXIF) {
      const from = at + 10;
      const size = Math.min(length - 8, view.byteLength - from);
      return size >= 8 ? tiffOf(new DataView(view.buffer, view.byteOffset + from, size)) : null;
    }
    at += 2 + length;
  }
  return null;
}

function tiffOf(view) {
  const order = view.getUint16(0);
  if (order !== 0x4949 && order !== 0x4d4d) return null;
  const isLittle = order === 0x4949;
  if (view.getUint16(2, isLittle) !== 42) return null;
  const first = directory(view, view.getUint32(4, isLittle), isLittle);
  const below = (tag) => {
    const entry = first.get(tag);
    return entry?.type === LONG
      ? directory(view, view.getUint32(entry.at, isLittle), isLittle)
      : new Map();
  };
  return { view, isLittle, exif: below(TAGS.exif), gps: below(TAGS.gps) };
}

/** Read one directory: tag -> type, count, and where its value stands. */
function directory(view, from, isLittle) {
  const found = new Map();
  const count = Math.min(view.getUint16(from, isLittle), ENTRIES);
  for (let index = 0; index < count; index += 1) {
    const at = from + 2 + index * ENTRY_BYTES;
    if (at + ENTRY_BYTES > view.byteLength) break;
    found.set(view.getUint16(at, isLittle), {
      type: view.getUint16(at + 2, isLittle),
      count: view.getUint32(at + 4, isLittle),
      at: at + 8,
    });
  }
  return found;
}

function placeIn({ view, isLittle, gps }) {
  const lat = degrees(view, gps.get(GPS.lat), isLittle);
  const lon = degrees(view, gps.get(GPS.lon), isLittle);
  const south = text(view, gps.get(GPS.latRef), isLittle);
  const west = text(view, gps.get(GPS.lonRef), isLittle);
  if (!/^[NS]$/.test(south) || !/^[EW]$/.test(west)) return null;
  // Cameras without a fix write 0/0; out there is only the sea.
  if (!(lat <= 90 && lon <= 180) || (lat === 0 && lon === 0)) return null;
  return { lat: south === "S" ? -lat : lat, lon: west === "W" ? -lon : lon };
}

/** Read degrees, minutes and seconds; NaN for anything else. */
function degrees(view, entry, isLittle) {
  if (entry?.type !== RATIONAL || entry.count !== 3) return Number.NaN;
  const from = view.getUint32(entry.at, isLittle);
  const part = (index) => {
    const at = from + index * 8;
    return view.getUint32(at, isLittle) / view.getUint32(at + 4, isLittle);
  };
  const [whole, minutes, seconds] = [part(0), part(1), part(2)];
  return minutes < 60.001 && seconds < 60.001 ? whole + minutes / 60 + seconds / 3600 : Number.NaN;
}

function takenIn({ view, isLittle, exif }) {
  const said = TIME.exec(text(view, exif.get(TAGS.taken), isLittle));
  if (!said) return null;
  const zone = text(view, exif.get(TAGS.offset), isLittle);
  const [, year, month, day, clock] = said;
  const taken = new Date(`${year}-${month}-${day}T${clock}${ZONE.test(zone) ? zone : ""}`);
  return Number.isNaN(taken.getTime()) ? null : taken;
}

/** Read a short text; up to four letters stand in the entry itself. */
function text(view, entry, isLittle) {
  if (entry?.type !== ASCII || entry.count < 1 || entry.count > 32) return "";
  const from = entry.count <= 4 ? entry.at : view.getUint32(entry.at, isLittle);
  let said = "";
  for (let index = 0; index < entry.count; index += 1) {
    const code = view.getUint8(from + index);
    if (code === 0) break;
    said += String.fromCharCode(code);
  }
  return said.trim();
}
