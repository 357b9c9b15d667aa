/** What a camera wrote into a photo: where and when. Photos come from anywhere, so every step is checked against the end.

   Source: Exif 2.32 (JEITA CP-3451), TIFF 6.0: APP1 segment of a JPEG, image directory, GPS directory, Exif directory;
   HEIC: ISO/IEC 14496-12 (8.11, meta box) and 23008-12 (A.2.1, Exif item); PNG 3rd edition (11.3.4.5, eXIf); WebP
   container specification (RIFF, EXIF chunk). */

/** A JPEG has its directories before the picture; the others anywhere. */
const HEAD_BYTES = 256 * 1024;
const WHOLE_BYTES = 12 * 2 ** 20;

const SEGMENTS = 64;
/** Boxes, chunks and items of one file; more is somebody playing. */
const PIECES = 4096;
const ENTRIES = 256;
const ENTRY_BYTES = 12;
const APP1 = 0xe1;
const [SOI, EOI, SOS] = [0xffd8, 0xd9, 0xda];
/** Four letters, as they stand in a file. */
const [EXIF, RIFF, WEBP, PNG] = [0x45786966, 0x52494646, 0x57454250, 0x89504e47];
const [CHUNK_PNG, CHUNK_WEBP] = [0x65584966, 0x45584946];
const [FTYP, META, IINF, INFE] = [0x66747970, 0x6d657461, 0x69696e66, 0x696e6665];
const [ILOC, IDAT] = [0x696c6f63, 0x69646174];
const TAGS = { exif: 0x8769, gps: 0x8825, taken: 0x9003, offset: 0x9011 };
const GPS = { latRef: 1, lat: 2, lonRef: 3, lon: 4 };
const [ASCII, LONG, RATIONAL] = [2, 4, 5];
const TIME = /^(\d{4}):(\d\d):(\d\d) (\d\d:\d\d:\d\d)$/;
const ZONE = /^[+-]\d\d:\d\d$/;

/**
 * Read place and time of a file, and no more of it than that needs.
 * @param {Blob} file
 * @returns {Promise<ReturnType<typeof facts>>}
 */
export async function factsOf(file) {
  const head = await file.slice(0, HEAD_BYTES).arrayBuffer();
  const isWhole = file.size <= HEAD_BYTES || isJPEG(new DataView(head));
  return facts(isWhole ? head : await file.slice(0, WHOLE_BYTES).arrayBuffer());
}

/**
 * Read place and time.
 * @param {ArrayBuffer} buffer A file of any kind; of a JPEG the beginning is enough.
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

const isJPEG = (view) => view.byteLength >= 4 && view.getUint16(0) === SOI;

/** Find the TIFF block, wherever this kind of file keeps it. */
function tiffIn(view) {
  if (view.byteLength < 16) return null;
  const spot = spotIn(view);
  if (!spot) return null;
  const size = Math.min(spot.size, view.byteLength - spot.at);
  return size >= 8 ? tiffOf(new DataView(view.buffer, view.byteOffset + spot.at, size)) : null;
}

function spotIn(view) {
  if (isJPEG(view)) return inJPEG(view);
  if (view.getUint32(0) === PNG) return inPNG(view);
  if (view.getUint32(0) === RIFF && view.getUint32(8) === WEBP) return inWebP(view);
  return view.getUint32(4) === FTYP ? inHEIC(view) : null;
}

function inJPEG(view) {
  let at = 2;
  for (let seen = 0; seen < SEGMENTS && at + 10 <= view.byteLength; seen += 1) {
    if (view.getUint8(at) !== 0xff) return null;
    const marker = view.getUint8(at + 1);
    if (marker === SOS || marker === EOI) return null;
    const length = view.getUint16(at + 2);
    if (length < 2) return null;
    if (marker === APP1 && view.getUint32(at + 4) === EXIF)
      return { at: at + 10, size: length - 8 };
    at += 2 + length;
  }
  return null;
}

function inPNG(view) {
  let at = 8;
  for (let seen = 0; seen < PIECES && at + 12 <= view.byteLength; seen += 1) {
    const size = view.getUint32(at);
    if (view.getUint32(at + 4) === CHUNK_PNG) return { at: at + 8, size };
    at += 12 + size;
  }
  return null;
}

function inWebP(view) {
  let at = 12;
  for (let seen = 0; seen < PIECES && at + 8 <= view.byteLength; seen += 1) {
    const size = view.getUint32(at + 4, true);
    if (view.getUint32(at) === CHUNK_WEBP) {
      // Some writers bring the JPEG's "Exif\0\0" along.
      const lead = size >= 6 && view.getUint32(at + 8) === EXIF ? 6 : 0;
      return { at: at + 8 + lead, size: size - lead };
    }
    at += 8 + size + (size % 2);
  }
  return null;
}

/** A HEIC lists its items: one is of the type "Exif", and a table says where its bytes are. */
function inHEIC(view) {
  const meta = box(view, META, 0, view.byteLength);
  if (!meta) return null;
  const from = meta.from + 4;
  const id = exifItem(view, box(view, IINF, from, meta.to));
  const table = box(view, ILOC, from, meta.to);
  const found = id !== null && table && placeOfItem(view, table, id);
  if (!found) return null;
  const at = found.isInside
    ? (box(view, IDAT, from, meta.to)?.from ?? Infinity) + found.at
    : found.at;
  // The item begins with the way to its TIFF header.
  const lead = 4 + view.getUint32(at);
  return { at: at + lead, size: found.size - lead };
}

/** Find a box of a type between two places: where its content begins and ends. */
function box(view, type, from, to) {
  let at = from;
  for (let seen = 0; seen < PIECES && at + 8 <= to; seen += 1) {
    const short = view.getUint32(at);
    const lead = short === 1 ? 16 : 8;
    const size = short === 1 ? large(view, at + 8) : short || to - at;
    if (size < lead) return null;
    if (view.getUint32(at + 4) === type) return { from: at + lead, to: Math.min(at + size, to) };
    at += size;
  }
  return null;
}

const large = (view, at) => view.getUint32(at) * 2 ** 32 + view.getUint32(at + 4);

/** The number of the item that holds the Exif block; null where there is none. */
function exifItem(view, list) {
  if (!list) return null;
  let at = list.from + (view.getUint8(list.from) ? 8 : 6);
  for (let seen = 0; seen < PIECES; seen += 1) {
    const entry = box(view, INFE, at, list.to);
    if (!entry) return null;
    const isLong = view.getUint8(entry.from) >= 3;
    const type = view.getUint32(entry.from + (isLong ? 10 : 8));
    if (type === EXIF) {
      return isLong ? view.getUint32(entry.from + 4) : view.getUint16(entry.from + 4);
    }
    at = entry.to;
  }
  return null;
}

/** Look an item up in the table of places; of an item in several pieces the first is taken. */
function placeOfItem(view, { from, to }, wanted) {
  const version = view.getUint8(from);
  const sizes = view.getUint16(from + 4);
  const [ofOffset, ofLength, ofBase] = [sizes >> 12, (sizes >> 8) & 15, (sizes >> 4) & 15];
  const ofIndex = version ? sizes & 15 : 0;
  const wide = version < 2 ? 2 : 4;
  const number = (at, bytes) => {
    if (bytes === 8) return large(view, at);
    return (
      { 0: () => 0, 2: () => view.getUint16(at), 4: () => view.getUint32(at) }[bytes]?.() ?? NaN
    );
  };
  const count = Math.min(number(from + 6, wide), PIECES);
  let at = from + 6 + wide;
  for (let item = 0; item < count && at < to; item += 1) {
    const id = number(at, wide);
    const method = version ? view.getUint16(at + wide) & 15 : 0;
    at += wide + (version ? 4 : 2);
    const base = number(at, ofBase);
    const extents = view.getUint16(at + ofBase);
    at += ofBase + 2;
    if (id === wanted && extents && method < 2) {
      const offset = base + number(at + ofIndex, ofOffset);
      return {
        at: offset,
        size: number(at + ofIndex + ofOffset, ofLength),
        isInside: method === 1,
      };
    }
    at += extents * (ofIndex + ofOffset + ofLength);
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
