// What /proc and /metrics say of a running server.
import { readFileSync } from 'node:fs';
import { stoodStill } from './stands.mjs';

/** Resident memory in kB; NaN when the process is gone. */
export function rss(pid) {
  try { return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]); } catch { return NaN; }
}

/** Pages that it waited for the disk for (major faults, proc(5)); NaN when the process is gone. */
export function diskFaults(pid) {
  try { return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ')[9]); } catch { return NaN; }
}

/** Reads the resident memory each second. @returns {{ points: [number, number, number][], stop: () => void }} seconds since now, kB, major faults */
export function watchRss(pid) {
  const points = [], start = performance.now();
  const timer = setInterval(() => points.push([(performance.now() - start) / 1000, rss(pid), diskFaults(pid)]), 1000);
  return { points, stop: () => clearInterval(timer) };
}

/**
 * What resident memory is of, in kB, by a text of /proc/PID/smaps: `files` and the code in them; `compiled`: what the runtime compiled (its memory for
 * that is a shared one); `malloc`: the C library's heap, and its arenas, which begin at a multiple of 64 MB; `rest`: the managed heap and the stacks.
 */
export function memoryKinds(smaps) {
  const kinds = { files: 0, compiled: 0, malloc: 0, rest: 0 };
  let kind = 'rest';
  for (const line of smaps.split('\n')) {
    const mapping = /^([0-9a-f]+)-[0-9a-f]+ \S+ \S+ \S+ \S+\s*(.*)$/.exec(line);
    if (mapping) {
      const [, start, name] = mapping;
      kind = name.startsWith('/memfd:') ? 'compiled' : name === '[heap]' || name === '' && BigInt(`0x${start}`) % 0x4000000n === 0n ? 'malloc'
        : name.startsWith('/') ? 'files' : 'rest';
    }
    const resident = /^Rss:\s+(\d+) kB/.exec(line);
    if (resident) kinds[kind] += Number(resident[1]);
  }
  return kinds;
}

/** Reads the kinds of memory each minute. @returns {{ points: [number, object][], stop: () => void }} seconds since now, kinds */
export function watchKinds(pid) {
  const points = [], start = performance.now();
  const timer = setInterval(() => {
    try { points.push([(performance.now() - start) / 1000, memoryKinds(readFileSync(`/proc/${pid}/smaps`, 'utf8'))]); } catch { /* the process is gone */ }
  }, 60_000);
  return { points, stop: () => clearInterval(timer) };
}

/** Sum over the labels of each series of a text of /metrics whose name matches. @returns {number} NaN when there is none */
export function total(text, name) {
  const values = [...text.matchAll(new RegExp(`^(?:${name})(?:\\{[^}]*\\})? (\\S+)`, 'gm'))].map(([, value]) => Number(value));
  return values.length === 0 ? NaN : values.reduce((sum, value) => sum + value, 0);
}

/**
 * What the runtime counted of its pauses, and the last long one. A histogram of ours when there is one, else the runtime's meter, which knows their number and sum only.
 * @param {string} text of /metrics
 * @returns {{ count: number, seconds: number, upTo: Map<number, number>, kinds: Map<string, Map<number, number>>, lastLong?: number, lastLongAt?: number }}
 *   `upTo`: pauses not longer than so many seconds; empty without a histogram; `kinds`: the same of each kind of collection; `lastLong` in seconds, of
 *   the last pause longer than 5 ms, over at `lastLongAt`, Unix time
 */
export function pauses(text) {
  const upTo = new Map(), kinds = new Map();
  for (const [, labels, count] of text.matchAll(/^sfu_gc_pause\w*_bucket\{([^}]*)\} (\S+)/gm)) {
    const edge = /le="([^"]+)"/.exec(labels)[1], kind = /kind="([^"]+)"/.exec(labels)?.[1] ?? '', at = edge === '+Inf' ? Infinity : Number(edge);
    upTo.set(at, (upTo.get(at) ?? 0) + Number(count));
    if (!kinds.has(kind)) kinds.set(kind, new Map());
    kinds.get(kind).set(at, Number(count));
  }
  const lastLong = total(text, 'sfu_gc_pause_last_long_seconds'), lastLongAt = total(text, 'sfu_gc_pause_last_long_timestamp_seconds');
  if (upTo.size > 0) return { count: upTo.get(Infinity), seconds: total(text, 'sfu_gc_pause\\w*_sum'), upTo, kinds, lastLong, lastLongAt };
  return { count: total(text, 'system_runtime_dotnet_gc_collections'), seconds: total(text, 'system_runtime_dotnet_gc_pause_time'), upTo, kinds };
}

/** From the end of a collection to when the server has noticed it: its finalizers' thread waits for the core like any other. */
const noticed = 0.01;

/**
 * Which pauses were longer than a limit.
 * @param {(ReturnType<typeof pauses> & { at: number })[]} readings one after the other; `at` in ms
 * @param {number} limit seconds, an edge of the histogram
 * @param {{ end: number, ms: number }[]} [stands] when the core stood still (stands.mjs), if that was watched
 * @returns {string[]} of each time between two readings that had one: kind of collection, how many if several, the second since the first reading, and of the
 *   last of them how long it was and for how long of that the core stood still
 */
export function longPauses(readings, limit, stands) {
  const over = (reading, kind) => (reading.kinds.get(kind)?.get(Infinity) ?? 0) - (reading.kinds.get(kind)?.get(limit) ?? 0);
  const ms = seconds => `${(1000 * seconds).toFixed(1)} ms`;
  const about = ({ lastLong, lastLongAt }, before) => {
    if (!(lastLong > limit && lastLongAt > before.lastLongAt)) return '';
    const still = stands && Math.min(lastLong, stoodStill(stands, lastLongAt - lastLong - noticed, lastLongAt));
    return ` (${ms(lastLong)}, ${stands ? `the core stood still for ${ms(still)} of it` : 'the core was not watched'})`;
  };
  return readings.slice(1).flatMap((reading, i) => {
    const said = [...reading.kinds.keys()].flatMap(kind => {
      const more = over(reading, kind) - over(readings[i], kind);
      return more > 0 ? [`${kind}${more > 1 ? ` x${more}` : ''} ${Math.round((reading.at - readings[0].at) / 1000)}`] : [];
    });
    return said.map((one, n) => one + (n === said.length - 1 ? about(reading, readings[i]) : ''));
  });
}

/**
 * Whether pauses were longer than a limit.
 * @param {ReturnType<typeof pauses>[]} readings one after the other
 * @param {number} limit seconds
 * @returns {{ count: number, seconds: number, over: number, how: string }} `over`: how many were, NaN when that is not known; `how` says from what
 */
export function pausesBetween(readings, limit) {
  const first = readings[0], last = readings.at(-1), count = last.count - first.count, seconds = last.seconds - first.seconds;
  const edge = [...last.upTo.keys()].filter(at => at <= limit).sort((a, b) => b - a)[0];
  if (edge !== undefined) return { count, seconds, over: count - (last.upTo.get(edge) - (first.upTo.get(edge) ?? 0)), how: `longer than ${edge * 1000} ms` };
  const most = Math.max(0, ...readings.slice(1).map((reading, i) => reading.seconds - readings[i].seconds));
  return { count, seconds, over: most <= limit ? 0 : NaN, how: `at most ${(most * 1000).toFixed(1)} ms together between two readings` };
}
