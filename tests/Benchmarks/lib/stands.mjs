// A thread that goes before all others says when a core stood still.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { root } from './load.mjs';

/** Stands of a core as the witness writes them, line by line; what is no such line is left out. @returns {{ end: number, ms: number }[]} `end`: Unix time, seconds */
export const standsOf = text => [...text.matchAll(/^\{"end":([\d.]+),"ms":([\d.]+)\}$/gm)].map(([, end, ms]) => ({ end: Number(end), ms: Number(ms) }));

/**
 * For how long a core stood still within a time.
 * @param {{ end: number, ms: number }[]} stands
 * @param {number} from Unix time, seconds
 * @param {number} to
 * @returns {number} seconds
 */
export const stoodStill = (stands, from, to) => stands.reduce((sum, { end, ms }) => sum + Math.max(0, Math.min(end, to) - Math.max(end - ms / 1000, from)), 0);

/** Watches a core with priority 99 of SCHED_FIFO, above the server's 1, which needs root (tests/Benchmarks/CoreWitness.cs). It ends by itself after `seconds`. */
export const witness = (cpu, seconds) => ['chrt', '-f', '99', 'taskset', '-c', cpu, 'dotnet', join(root, 'tests/Benchmarks/bin/Release/net10.0/Sfu.Benchmarks.dll'),
  'witness', String(Math.ceil(seconds))];

/**
 * Has a core watched.
 * @param {string[]} command a `witness`
 * @returns {{ ready: Promise<boolean>, ended: Promise<void>, stop: () => { end: number, ms: number }[] | undefined }} `ready`: whether it began; `stop` ends it:
 *   what it saw, or undefined when it did not watch until then
 */
export function watchCore(command) {
  const child = spawn(command[0], command.slice(1), { stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '', hasEnded = false;
  const ended = new Promise(resolve => {
    child.on('error', resolve);
    child.on('close', resolve);
  }).then(() => { hasEnded = true; });
  const begun = new Promise(resolve => child.stdout.on('data', chunk => {
    out += chunk;
    if (out.startsWith('watching\n')) resolve(true);
  }));
  return {
    ready: Promise.race([begun, ended.then(() => out.startsWith('watching\n'))]),
    ended,
    stop: () => {
      const isWatched = !hasEnded && out.startsWith('watching\n');
      child.kill();
      return isWatched ? standsOf(out) : undefined;
    },
  };
}
