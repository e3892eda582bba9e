// node memory.mjs: resident memory of the server per receive-only participant and per publisher: the slope over servers with different numbers of them,
// so that what a server needs by itself does not count. A publisher counts with its room and its ring of packets.
// Environment: LOAD, SFU_FIGURES, SFU_MEMORY_RUNS (3), SFU_MEMORY_SECONDS (5), SFU_MEMORY_SETTLE (10), SFU_MEMORY_VIEWERS, SFU_MEMORY_PUBLISHERS.
import { finish, needGenerator, Runs, setting } from './lib/load.mjs';
import { median, regression } from './lib/stats.mjs';

const test = 'tests/Benchmarks/memory.mjs';
needGenerator();
const times = { secs: setting('SFU_MEMORY_SECONDS', 5), settle: setting('SFU_MEMORY_SETTLE', 10) };
const list = (name, otherwise) => (process.env[name] ?? otherwise).split(' ').map(Number);
const kinds = [
  { name: 'viewer', counts: list('SFU_MEMORY_VIEWERS', '50 100 200'), options: count => ['--rooms', '1', '--pubs', '1', '--subs', String(count)], gate: 150 },
  { name: 'publisher', counts: list('SFU_MEMORY_PUBLISHERS', '10 25 50'), options: count => ['--rooms', String(count), '--pubs', '1', '--subs', '0'], gate: 1500 },
];
const runs = new Runs('memory');
for (let n = 1; n <= setting('SFU_MEMORY_RUNS', 3); n++)
  for (const kind of kinds)
    for (const count of kind.counts) await runs.make({ name: kind.name, case: String(count), run: n, scenario: 'custom', ...times, options: kind.options(count) });

const rows = kinds.flatMap(({ name, counts, gate }) => {
  const points = runs.well(name).map(run => [Number(run.case), run.srv_rss_mb * 1024]);
  const { slope, error } = regression(points);
  const middle = counts.map(count => `${count}: ${median(points.filter(([x]) => x === count).map(([, y]) => y / 1024)).toFixed(0)}`).join(', ');
  return [{
    line: 'Memory', what: `per ${name === 'viewer' ? 'receive-only participant' : 'publisher'}, kB (slope over ${counts.join(', ')}; +- standard error)`,
    value: Number.isFinite(slope) ? `${slope.toFixed(0)} +- ${error.toFixed(0)}` : 'not measured', gate: `<= ${gate} kB`, met: slope <= gate, test,
  }, { line: 'Memory', what: `of the whole server with so many ${name}s, MB`, value: middle, gate: 'reported', test }];
});
rows.push(...runs.rows('Memory', test));
finish('memory', rows);
