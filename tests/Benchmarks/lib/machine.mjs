// node lib/machine.mjs: says in a few words how quiet the machine is right now, looking for three seconds.
import { cpus } from 'node:os';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** CPU time since the start of the machine, in ticks: busy, stolen by the host, all. */
export function ticks(text = readFileSync('/proc/stat', 'utf8')) {
  const [user, nice, system, idle, wait, irq, soft, stolen] = text.split('\n')[0].trim().split(/\s+/).slice(1).map(Number);
  const all = user + nice + system + idle + wait + irq + soft + stolen;
  return { busy: all - idle - wait, stolen, all };
}

/** Percent of the machine that was busy and stolen between two readings. */
export function between(before, after) {
  const all = Math.max(1, after.all - before.all);
  return { busy: 100 * (after.busy - before.busy) / all, stolen: 100 * (after.stolen - before.stolen) / all };
}

/** Whether others take too little to disturb a measurement: at most so many percent of the machine, and next to nothing that the host takes back. */
export const isQuiet = ({ busy, stolen }, most = 10) => busy <= most && stolen <= 1;

/** Percent of the machine that neither the server nor the load generator used in a run of the load generator; of an answer that does not say, NaN. */
export const others = (run, cores = cpus().length) => Math.max(0, run.machine_busy_pct - (run.srv_cpu_pct + run.gen_cpu_pct) / cores);

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const before = ticks();
  await pause(3000);
  const use = between(before, ticks());
  console.log(`${isQuiet(use) ? 'quiet before' : 'NOT QUIET before'}: others took ${use.busy.toFixed(0)} %, the host ${use.stolen.toFixed(0)} %`);
}
