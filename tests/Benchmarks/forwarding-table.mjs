// node forwarding-table.mjs RUNS.jsonl: medians of the load generator's answers, as figures. A run that lost packets or failed is said, never left out.
import { readFileSync } from 'node:fs';
import { figure } from '../EndToEnd/lib/figures.mjs';

const runs = readFileSync(process.argv[2], 'utf8').trim().split('\n').map(line => JSON.parse(line));
const test = 'tests/Benchmarks/forwarding.sh';
const gates = { '1x50/gcm': [0.25, 5], '1x50/cm': [0.35, 8], '10x10/cm': [0.35, 8], '20x5-audio/cm': [0.35, 8], '1x200/cm': [0.25, null] };
const median = list => (list.length === 0 ? NaN : [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)]);
const well = (name, one) => runs.filter(run => run.name === name && run.case === one && run.ok !== false && run.fwd_pps > 0);
const cost = (name, one) => median(well(name, one).map(run => run.srv_cpu_us_per_pkt));
const loss = (name, one) => Math.max(...well(name, one).map(run => run.loss_pct));
const rows = [], label = one => one.replace('/', ', AES-').replace(/cm$/, 'CM').replace(/gcm$/i, 'GCM');
let missed = 0;

for (const one of Object.keys(gates).filter(one => runs.some(run => run.case === one && run.name === 'sfu'))) {
  const [ratio, aim] = gates[one];
  const peers = ['janus-ossl', 'janus-loops'].filter(name => well(name, one).length > 0);
  const best = peers.sort((a, b) => cost(a, one) - cost(b, one))[0];
  const ours = cost('sfu', one), again = cost('sfu-again', one), theirs = best ? cost(best, one) : NaN;
  const isMet = ours / theirs <= ratio && loss('sfu', one) === 0;
  missed += isMet ? 0 : 1;
  rows.push({
    line: label(one), what: `us of CPU per forwarded packet: ours, ours again, ${best ?? 'Janus (no run went well)'}; ratio`,
    value: `${ours.toFixed(1)}, ${again.toFixed(1)}, ${theirs.toFixed(1)}; ${(ours / theirs).toFixed(2)}`, gate: `ratio <= ${ratio}${aim ? `, aim <= ${aim} us` : ''}`, test,
  }, {
    line: label(one), what: `forwarded per second, and lost in the worst run: ours; ${best ?? 'Janus'}`,
    value: `${median(well('sfu', one).map(run => run.fwd_pps)).toFixed(0)}, ${loss('sfu', one)} %; ${best ? `${median(well(best, one).map(run => run.fwd_pps)).toFixed(0)}, ${loss(best, one)} %` : '-'}`,
    gate: '0 %', test,
  }, {
    line: label(one), what: `latency p50 / p99, us: ours; ${best ?? 'Janus'}`,
    value: ['sfu', best].filter(Boolean).map(name => ['p50', 'p99'].map(q => median(well(name, one).map(run => run.lat_us[q])).toFixed(0)).join(' / ')).join('; '), gate: 'reported', test,
  });
}

const grown = [...new Set(runs.filter(run => run.name === 'growth').map(run => run.case))];
if (grown.length > 0) {
  rows.push({ line: 'Growth', what: `us of CPU per forwarded packet: ${grown.join(', ')}`, value: grown.map(one => cost('growth', one).toFixed(1)).join(', '), gate: 'falls', test });
}

const failed = runs.filter(run => run.ok === false || !(run.fwd_pps > 0)).map(run => `${run.name} ${run.case} run ${run.run}`);
if (failed.length > 0) rows.push({ line: 'Runs', what: 'runs that did not go well', value: failed.join(', '), gate: 'none', test });
figure('forwarding', rows);
for (const row of rows) console.log(`${row.line}: ${row.what}: ${row.value} (${row.gate})`);
process.exit(missed + failed.length > 0 ? 1 : 0);
