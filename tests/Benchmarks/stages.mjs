// node stages.mjs: nanoseconds of each stage of forwarding beside the limit that C programs find on the same core in the same minutes.
// Environment: SFU_STAGE_ROUNDS (3): C and C# alternate this often; SFU_LIMIT_BUDGET (0.3): seconds of each measurement in C; LIMIT; SFU_FIGURES.
import { join } from 'node:path';
import { build, ciphers, limits, measure, pinned, single } from './lib/limit.mjs';
import { finish, root, setting } from './lib/load.mjs';
import { run } from './lib/run.mjs';
import { median, spread } from './lib/stats.mjs';

const test = 'tests/Benchmarks/stages.mjs', rounds = setting('SFU_STAGE_ROUNDS', 3), budget = setting('SFU_LIMIT_BUDGET', 0.3);
const missing = await build();
if (missing) console.log(missing);
const ours = new Map(), theirs = new Map(), goals = new Map(), failures = [];
let engine = 'unknown';
const add = (map, key, value) => { if (!Number.isNaN(value)) map.set(key, [...(map.get(key) ?? []), value]); };

for (let round = 1; round <= rounds; round++) {
  console.log(`round ${round} of ${rounds}`);
  if (!missing) {
    const [udp, mb, crypto] = [await measure('udp', ['1228'], { budget }), await measure('ipsecmb', [], { budget }), await measure('crypto', ['c'], { budget })];
    if (!udp || !mb || !crypto) failures.push(`round ${round} in C`);
    for (const [stage, [ns, by]] of Object.entries(limits(single(udp), single(mb), ciphers(crypto)))) {
      add(theirs, stage, ns);
      theirs.by = { ...theirs.by, [stage]: by };
    }
  }
  const { code, out, err } = await run(pinned('dotnet', join(root, 'tests/Benchmarks/bin/Release/net10.0/Sfu.Benchmarks.dll'), 'stages'), { seconds: 240 });
  if (code !== 0) failures.push(`round ${round} of ours (${err.trim().split('\n')[0]})`);
  for (const line of out.trim().split('\n').filter(Boolean)) {
    const said = JSON.parse(line);
    if (said.engine) engine = said.engine;
    else { add(ours, said.stage, said.ns); goals.set(said.stage, said.goal); }
  }
}

const rows = [];
for (const [stage, values] of ours) {
  const ns = median(values), limit = median(theirs.get(stage) ?? []), goal = goals.get(stage);
  rows.push({
    line: 'Stages', what: `${stage}, ns (${(100 * spread(values)).toFixed(0)} % apart)`, value: ns.toFixed(0),
    beside: limit > 0 ? `${limit.toFixed(0)} (${theirs.by[stage]}; ${(100 * spread(theirs.get(stage))).toFixed(0)} % apart)` : missing || theirs.by?.[stage] ? 'not measured' : 'no program in C',
    ratio: limit > 0 ? (ns / limit).toFixed(2) : '-', gate: goal === 'reported' ? goal : `<= ${goal} on Zen 4`, test,
  });
}
if (missing) failures.push(missing);
if (ours.size === 0) failures.push('nothing of ours was measured');
rows.push({ line: 'Stages', what: 'cipher engine', value: engine, gate: 'reported', test });
if (failures.length > 0) rows.push({ line: 'Stages', what: 'what failed', value: failures.join('; '), gate: 'none', met: false, test });
finish('stages', rows);
