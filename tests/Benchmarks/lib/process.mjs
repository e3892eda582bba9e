// What /proc and /metrics say of a running server.
import { readFileSync } from 'node:fs';

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

/** Sum over the labels of each series of a text of /metrics whose name matches. @returns {number} NaN when there is none */
export function total(text, name) {
  const values = [...text.matchAll(new RegExp(`^(?:${name})(?:\\{[^}]*\\})? (\\S+)`, 'gm'))].map(([, value]) => Number(value));
  return values.length === 0 ? NaN : values.reduce((sum, value) => sum + value, 0);
}

/**
 * What the runtime counted of its pauses. A histogram of ours when there is one, else the runtime's meter, which knows their number and sum only.
 * @param {string} text of /metrics
 * @returns {{ count: number, seconds: number, upTo: Map<number, number> }} `upTo`: pauses not longer than so many seconds; empty without a histogram
 */
export function pauses(text) {
  const upTo = new Map();
  for (const [, edge, count] of text.matchAll(/^sfu_gc_pause\w*_bucket\{[^}]*le="([^"]+)"[^}]*\} (\S+)/gm)) {
    const at = edge === '+Inf' ? Infinity : Number(edge);
    upTo.set(at, (upTo.get(at) ?? 0) + Number(count));
  }
  if (upTo.size > 0) return { count: upTo.get(Infinity), seconds: total(text, 'sfu_gc_pause\\w*_sum'), upTo };
  return { count: total(text, 'system_runtime_dotnet_gc_collections'), seconds: total(text, 'system_runtime_dotnet_gc_pause_time'), upTo };
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
