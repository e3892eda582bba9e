// When a core stood still: served no timer, whatever ran on it. Only what goes on with interrupts off makes that, in the kernel or in the machine below it.
// A thread of the highest priority that wakes each millisecond would tell it too, but the server may be slower beside it: 700 viewers for a minute had a p99 of
// 4.5 and 5.4 ms with it, 1.4 to 3.8 in three runs without, 1.5 twice with this.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './run.mjs';

const period = 1, told = 0.3;                            // ms: of the timer; the shortest stand that is told
const limits = { end: 10, read: 120 };                   // s

/**
 * Stands by the moments at which a timer was served. Of a stand it knows all but at most the timer's period.
 * @param {string} text of `perf script -F time`: a line for each, CLOCK_MONOTONIC in seconds, in order
 * @param {number} offset from that clock to Unix time, seconds
 * @returns {{ end: number, ms: number }[]} those longer than 0.3 ms; `end`: Unix time, seconds
 */
export function standsOf(text, offset) {
  const stands = [];
  let last;
  for (const line of text.split('\n')) {
    const at = Number.parseFloat(line);
    if (Number.isNaN(at)) continue;
    const ms = 1000 * (at - last) - period;
    if (ms > told) stands.push({ end: at + offset, ms });
    last = at;
  }
  return stands;
}

/**
 * For how long a core stood still within a time.
 * @param {{ end: number, ms: number }[]} stands
 * @param {number} from Unix time, seconds
 * @param {number} to
 * @returns {number} seconds
 */
export const stoodStill = (stands, from, to) => stands.reduce((sum, { end, ms }) => sum + Math.max(0, Math.min(end, to) - Math.max(end - ms / 1000, from)), 0);

/**
 * What one packet in so many waits by the stands alone: whatever comes in one waits until its end, and then until what came before it is sent, as a fluid.
 * @param {{ end: number, ms: number }[]} stands in order, apart from each other
 * @param {number} seconds in which they were seen
 * @param {number} share of the packets that wait longer, 0 to 1; they come evenly
 * @param {number} [busy] share of its time that the core needs for them, 0 to less than 1; with 0 what they wait at least
 * @returns {number} ms
 */
export function waitByStands(stands, seconds, share, busy = 0) {
  const pieces = [];                                       // of time: how long, and the wait of who comes first and last in it, ms
  let owed = 0, from = -Infinity;                          // what is still to be sent, ms of work, at a time
  const send = until => {
    const ms = Math.min(1000 * (until - from), owed / (1 - busy)), rest = owed - ms * (1 - busy);
    if (ms > 0) pieces.push({ ms, first: owed, last: rest });
    [owed, from] = [rest, until];
  };
  for (const { end, ms } of stands) {
    send(end - ms / 1000);
    pieces.push({ ms, first: owed + ms, last: owed + ms * busy });
    [owed, from] = [owed + ms * busy, end];
  }
  send(Infinity);
  const late = wait => pieces.reduce((sum, { ms, first, last }) => sum + ms * (wait <= last ? 1 : wait >= first ? 0 : (first - wait) / (first - last)), 0);
  let low = 0, high = Math.max(0, ...pieces.map(({ first }) => first));
  while (high - low > 1e-6) {
    const middle = (low + high) / 2;
    if (late(middle) > 1000 * seconds * share) low = middle;
    else high = middle;
  }
  return high;
}

/** Each millisecond that a core serves its timer, into a file: perf, which needs root. It ends by itself after `seconds`. */
export const record = (cpu, perfCpu, seconds, file) => ['taskset', '-c', perfCpu, 'perf', 'record', '-q', '-o', file, '-k', 'CLOCK_MONOTONIC', '-e', 'cpu-clock',
  '-c', String(period * 1_000_000), '-C', cpu, '--', 'sleep', String(Math.ceil(seconds))];

/**
 * Watches a core.
 * @param {string} cpu which
 * @param {string} perfCpu which core has the work of it, some thousandths
 * @param {number} seconds at most
 * @param {(file: string) => string[]} [command] that writes it into a file; tests have others
 * @returns {{ stop: () => Promise<{ end: number, ms: number }[] | undefined> }} `stop` ends it: what it saw, or undefined when it did not watch until then
 */
export function watchCore(cpu, perfCpu, seconds, command = file => record(cpu, perfCpu, seconds, file)) {
  const folder = mkdtempSync(join(tmpdir(), 'sfu-stands-')), file = join(folder, 'perf.data'), [program, ...args] = command(file);
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  let hasEnded = false;
  const ended = new Promise(resolve => {
    child.on('error', resolve);
    child.on('exit', resolve);
  }).then(() => { hasEnded = true; });
  return {
    stop: async () => {
      const wasWatching = !hasEnded;
      if (wasWatching) child.kill('SIGINT');
      const killer = setTimeout(() => child.kill('SIGKILL'), 1000 * limits.end);
      await ended;
      clearTimeout(killer);
      const offset = Date.now() / 1000 - Number(process.hrtime.bigint()) / 1e9;
      const said = wasWatching ? await run(['perf', 'script', '-i', file, '-F', 'time'], { seconds: limits.read }) : { code: null };
      rmSync(folder, { recursive: true });
      return said.code === 0 ? standsOf(said.out, offset) : undefined;
    },
  };
}
