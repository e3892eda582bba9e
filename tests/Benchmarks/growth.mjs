// node growth.mjs: what a forwarded packet and a participant cost as a call, and the number of calls, grow. The server has one core, the generator the other.
// Environment: LOAD, SFU_FIGURES, SFU_GROWTH_RUNS (3), SFU_GROWTH_SECONDS (10),
// SFU_GROWTH_SETTLE (45: methods are compiled while they are used), SFU_GROWTH_VIEWERS, SFU_GROWTH_ROOMS.
import { delivered, enough } from './lib/delivery.mjs';
import { finish, needGenerator, Runs, setting } from './lib/load.mjs';
import { median, spread } from './lib/stats.mjs';

const test = 'tests/Benchmarks/growth.mjs', perRoom = 5;
needGenerator();
const times = { pin: true, secs: setting('SFU_GROWTH_SECONDS', 10), settle: setting('SFU_GROWTH_SETTLE', 45) };
const list = (name, otherwise) => (process.env[name] ?? otherwise).split(' ').map(Number);
const viewers = list('SFU_GROWTH_VIEWERS', '1 10 50 200'), rooms = list('SFU_GROWTH_ROOMS', '1 5 20');
const runs = new Runs('growth'), caseOf = (name, count) => `${count} ${name}`;
const make = (name, count, n) => runs.make({
  name, case: caseOf(name, count), run: n, ...times,
  ...(name === 'viewers' ? { scenario: `1x${count}` } : { scenario: 'custom', options: ['--rooms', String(count), '--pubs', '1', '--subs', String(perRoom)] }),
});
for (let n = 1; n <= setting('SFU_GROWTH_RUNS', 3); n++) {
  for (const count of viewers) await make('viewers', count, n);
  for (const count of rooms) await make('rooms', count, n);
}
await runs.mend(run => make(run.name, parseInt(run.case, 10), run.run));

const rowsOf = (name, counts, what) => counts.map(count => {
  const well = runs.well(name, caseOf(name, count)).filter(run => run.fwd_pps > 0), costs = well.map(run => run.srv_cpu_us_per_pkt);
  const value = well.length === 0 ? 'not measured' : `${median(costs).toFixed(2)}; ${median(well.map(run => run.rss_kb_per_participant)).toFixed(0)}`;
  const all = runs.well(name, caseOf(name, count), true);
  const lost = Math.max(...all.map(run => run.loss_pct)), share = Math.min(...all.map(run => delivered(run, name === 'viewers' ? count : perRoom)));
  return {
    line: 'Growth', what: `${what(count)}: us of CPU per forwarded packet; kB of RSS per participant (${(100 * spread(costs)).toFixed(0)} % apart)`, value,
    gate: 'reported; 0 % lost, no video left out', met: well.length > 0 && lost === 0 && share >= enough, test, point: { name, count, us: median(costs) },
  };
});
const rows = [
  ...rowsOf('viewers', viewers, count => `1 to ${String(count).padStart(3)}`),
  ...rowsOf('rooms', rooms, count => `${String(count).padStart(2)} room${count > 1 ? 's' : ''} of 1 to ${perRoom}`), ...runs.rows('Growth', test),
];
finish('growth', rows);
