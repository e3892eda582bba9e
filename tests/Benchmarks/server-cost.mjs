// node server-cost.mjs FOLDER ROOMS: compares the load generator's answers off-N.json and required-N.json, and keeps the figures.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { figure } from '../EndToEnd/lib/figures.mjs';

const [folder, rooms] = process.argv.slice(2);
const megabits = 1.5 * Number(rooms);                    // one publisher in each room: 1.39 Mbit/s of video and 40 kbit/s of audio, on the wire
const median = list => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const read = policy => readdirSync(folder).filter(name => name.startsWith(`${policy}-`)).map(name => JSON.parse(readFileSync(join(folder, name), 'utf8')));
const off = read('off'), on = read('required');
for (const run of [...off, ...on])
  if (run.ok === false || !(run.fwd_pps > 0)) throw new Error(`a run failed: ${JSON.stringify(run)}`);
const cores = runs => median(runs.map(run => run.srv_cpu_us_per_pkt * run.fwd_pps / 1e6));
const p99 = runs => runs.map(run => run.lat_us.p99);
const ms = list => list.map(us => (us / 1000).toFixed(2)).join(', ');
const share = (cores(on) - cores(off)) / megabits * 100;
const test = 'tests/Benchmarks/recording.sh';
figure('cost-server', [
  { line: 'Cost', what: `one core's share per 1 Mbit/s, whole server, recording on against off, ${rooms} tracks, median of ${on.length}`, value: `${share.toFixed(3)} %`, gate: '<= 0.2 %', test },
  { line: 'Cost', what: 'forwarding latency p99 with recording off, each run', value: `${ms(p99(off))} ms`, gate: 'the noise', test },
  { line: 'Cost', what: 'forwarding latency p99 with recording on, each run', value: `${ms(p99(on))} ms`, gate: 'within the noise', test },
  { line: 'Cost', what: 'packets lost on the way with recording on, worst', value: `${Math.max(...on.map(run => run.loss_pct))} %`, gate: '0 %', test },
]);
console.log(`recording on: ${share.toFixed(3)} % of a core per 1 Mbit/s; p99 off ${ms(p99(off))} ms, on ${ms(p99(on))} ms`);
// Latency: better than the worst run without recording, by half at most, or the noise is larger than what is looked for.
const lost = Math.max(...on.map(run => run.loss_pct)) > Math.max(...off.map(run => run.loss_pct));
if (share > 0.2 || lost || median(p99(on)) > 1.5 * Math.max(...p99(off))) process.exit(1);
