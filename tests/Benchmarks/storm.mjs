// node storm.mjs, in a namespace of its own: 200 viewers of another room join within five seconds while fifty watch. Server and generators share all cores.
// Environment: LOAD, SFU_FIGURES, SFU_STORM_RUNS (3), SFU_STORM_JOINS (200), SFU_STORM_SECONDS (5), SFU_STORM_VIEWERS (50), SFU_STORM_SETTLE (15).
import { availableParallelism } from 'node:os';
import { until } from '../EndToEnd/lib/wait.mjs';
import { delivered, enough } from './lib/delivery.mjs';
import { finish, needGenerator, Runs, setting } from './lib/load.mjs';
import { environment, start } from './lib/own-server.mjs';
import { median } from './lib/stats.mjs';

const test = 'tests/Benchmarks/storm.mjs', line = 'Join storm';
needGenerator();
const joins = setting('SFU_STORM_JOINS', 200), within = setting('SFU_STORM_SECONDS', 5), viewers = setting('SFU_STORM_VIEWERS', 50);
const settle = setting('SFU_STORM_SETTLE', 15), secs = within + 20;
const all = availableParallelism() > 1 ? `0-${availableParallelism() - 1}` : '0';
const runs = new Runs('storm');
const outside = [];                                      // runs in which the joins were not inside the window that was measured

for (let n = 1; n <= setting('SFU_STORM_RUNS', 3); n++) {
  const server = await start(all);
  try {
    const env = environment(server);
    const watching = runs.make({ name: 'watching', case: `1x${viewers}`, run: n, scenario: `1x${viewers}`, secs, settle, env: { ...env, RATE: 50 } })
      .then(run => ({ run, endedAt: performance.now() }));
    await until(async () => await server.metric('sfu_transports', 'protocol="udp"') >= viewers + 1, { what: 'the viewers', timeout: 60_000, every: 200 });
    const joinedAt = performance.now();
    await until(() => performance.now() > joinedAt + (settle + 2) * 1000, { what: 'the window', timeout: (settle + 10) * 1000 });
    const startedAt = performance.now();
    await runs.make({
      name: 'joining', case: `${joins} in ${within} s`, run: n, scenario: 'custom', secs: 2, settle: 1,
      options: ['--rooms', '1', '--pubs', '1', '--subs', String(joins), '--conc', '64', '--room-prefix', 'storm'], env: { ...env, RATE: joins / within },
    });
    const leftAt = performance.now(), { endedAt } = await watching;
    if (startedAt < endedAt - secs * 1000 || leftAt > endedAt) outside.push(n);
  } finally {
    await server.stop();
  }
}
const joined = runs.well('joining'), watched = runs.well('watching');
const worst = joined.length > 0 ? Math.max(...joined.map(run => run.join_ms.max)) : NaN, lost = watched.length > 0 ? Math.max(...watched.map(run => run.lost)) : NaN;
const count = joined.length > 0 ? Math.min(...joined.map(run => run.join_ms.n)) : 0, middle = (list, value) => { const found = median(list.map(value)); return found >= 0 ? found.toFixed(0) : 'not measured'; };
const share = Math.min(...watched.map(run => delivered(run, viewers)));
const rows = [
  { line, what: `the slowest of ${joins} joins in ${within} s, worst of ${joined.length} runs, ms (first byte of signalling to DTLS done)`, value: joined.length > 0 ? worst.toFixed(0) : 'not measured', gate: '<= 2000 ms, every join', met: worst <= 2000 && count === joins, test },
  { line, what: 'joins: p50; p99, ms', value: `${middle(joined, run => run.join_ms.p50)}; ${middle(joined, run => run.join_ms.p99)}`, gate: 'reported', test },
  { line, what: `packets that ${viewers} running viewers lost meanwhile, worst run`, value: Number.isFinite(lost) ? `${lost}` : 'not measured', gate: '0', met: lost === 0, test },
  { line, what: 'of what was sent to them, forwarded, worst run', value: watched.length > 0 ? `${(100 * share).toFixed(1)} %` : 'not measured', gate: `>= ${100 * enough} %: no video left out`, met: watched.length > 0 && share >= enough, test },
  { line, what: 'their latency p50; p99; longest, us', value: ['p50', 'p99', 'max'].map(q => middle(watched, run => run.lat_us[q])).join('; '), gate: 'reported', test },
  ...runs.rows(line, test),
];
if (outside.length > 0) rows.push({ line, what: 'runs whose joins were not inside the measured window', value: outside.join(', '), gate: 'none', met: false, test });
finish('storm', rows);
