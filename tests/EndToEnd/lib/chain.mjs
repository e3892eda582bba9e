// Reads chunks of the recorder by docs/evidence.md sections 2 to 4, without a key: headers, side indexes, checksums and the chain.
import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';

const headerSize = 64, tagSize = 16, crcSize = 4, entrySize = 44;

const table = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let bit = 0; bit < 8; bit++) n = n & 1 ? (n >>> 1) ^ 0x82f63b78 : n >>> 1;
  return n >>> 0;
});
const crc32c = bytes => {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = table[(crc ^ byte) & 0xff] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
};

const hash = (...parts) => parts.reduce((sum, part) => sum.update(part), createHash('sha256')).digest();

/** The link before the first chunk. */
export const firstLink = recording => hash('SFUJ1', Buffer.from(recording.replaceAll('-', ''), 'hex'));

/** Whole frames at the beginning of a file; a torn or foreign one ends it. */
export function* frames(bytes) {
  for (let at = 0; at + headerSize <= bytes.length;) {
    const header = bytes.subarray(at, at + headerSize);
    if (header.toString('latin1', 0, 4) !== 'SFUJ' || header[4] !== 1) return;
    const kind = header[5], isChunk = kind === 1;
    const index = header.readUInt32LE(60), body = header.readUInt32LE(56);
    const size = headerSize + index + body + (isChunk ? tagSize : 0) + crcSize;
    if (at + size > bytes.length) return;
    const frame = bytes.subarray(at, at + size), covered = frame.subarray(0, size - crcSize);
    if (crc32c(covered) !== frame.readUInt32LE(size - crcSize)) return;
    yield {
      kind, covered, at, flags: header.readUInt16LE(6), recording: header.toString('hex', 8, 24), track: header.readUInt32LE(24),
      chunk: Number(header.readBigUInt64LE(32)), index: isChunk ? sideIndex(frame.subarray(headerSize, headerSize + index)) : [],
      body: frame.subarray(headerSize + index, headerSize + index + body),
    };
    at += size;
  }
}

function sideIndex(bytes) {
  const streams = [];
  if (bytes.length === 0) return streams;
  let at = 4;
  for (let left = bytes.readUInt16LE(0); left > 0; left--) {
    const [ssrc, first, last] = [0, 4, 8].map(offset => bytes.readUInt32LE(at + offset));
    const packets = bytes.readUInt32LE(at + 12), holes = [];
    const count = bytes.readUInt16LE(at + entrySize - 4);
    at += entrySize;
    for (let i = 0; i < count; i++, at += 8) holes.push([bytes.readUInt32LE(at), bytes.readUInt32LE(at + 4)]);
    streams.push({ ssrc, first, last, packets, holes });
  }
  return streams;
}

/** What is archived of a recording, in its folder and in the log of the node: chunks in order, each linked to the one before. */
export async function archived(recording, folder, log) {
  const chunks = [];
  let link = firstLink(recording);
  const take = frame => {
    if (frame.chunk !== chunks.length) return false;
    link = hash(link, frame.covered);
    chunks.push({ ...frame, hash: link.toString('hex') });
    return true;
  };
  for (const name of (await list(join(folder, 'seg', 'node'))).filter(name => name.endsWith('.sfuj'))) {
    for (const frame of frames(await readFile(join(folder, 'seg', 'node', name)))) {
      if (!take(frame)) throw new Error(`${name}: chunk ${frame.chunk} where ${chunks.length} belongs`);
    }
  }
  const id = recording.replaceAll('-', '');
  for (const name of log ? (await list(log)).filter(name => name.endsWith('.wal')).sort(byAge) : []) {
    for (const frame of frames(await readFile(join(log, name)))) {
      if (frame.recording !== id) continue;
      // The head of a file says what was on the disk before it: what the file before holds beyond is written again here.
      if (frame.kind === 130) cutBack(JSON.parse(frame.body.toString()), chunks, hash => { link = hash; });
      if (frame.kind === 1) take(frame);
    }
  }
  return chunks;
}

/** Files of the log are called START-N.wal. */
function byAge(left, right) {
  const [a, b] = [left, right].map(name => name.slice(0, -4).split('-').map(Number));
  return a[0] - b[0] || a[1] - b[1];
}

function cutBack(state, chunks, setLink) {
  if (typeof state.next !== 'number' || state.next > chunks.length) return;
  if (state.next > 0 && chunks[state.next - 1].hash !== state.hash.toLowerCase()) throw new Error(`the log says another hash for chunk ${state.next - 1}`);
  chunks.length = state.next;
  setLink(Buffer.from(state.hash, 'hex'));
}

/** Sequence numbers (16 bits) of each SSRC that chunks hold. */
export function numbers(chunks) {
  const streams = new Map();
  for (const { ssrc, first, last, holes } of chunks.flatMap(chunk => chunk.index)) {
    const set = streams.get(ssrc) ?? streams.set(ssrc, new Set()).get(ssrc);
    for (let n = first; n <= last; n++) if (!holes.some(([from, to]) => n >= from && n <= to)) set.add(n & 0xffff);
  }
  return streams;
}

const list = async folder => {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error;
  }
};
