// node forwarder.mjs: a worker's whole path from socket to socket beside the forwarder in C with the same engine, receivers, packets in a turn
// and bytes in a datagram. For each case the one in C runs just before and just after ours. Both count only what ran while the core was calm; of the
// rounds, the medians are compared.
// Environment: SFU_FORWARDER_ROUNDS (3), SFU_LIMIT_BUDGET (0.5): seconds of each measurement in C; LIMIT; SFU_FIGURES.
import { join } from 'node:path';
import { build, forwarded, measure, pinned } from './lib/limit.mjs';
import { finish, root, setting } from './lib/load.mjs';
import { run } from './lib/run.mjs';
import { median, spread } from './lib/stats.mjs';

const test = 'tests/Benchmarks/forwarder.mjs', rounds = setting('SFU_FORWARDER_ROUNDS', 3), budget = setting('SFU_LIMIT_BUDGET', 0.5), allowed = 1.3;
const cases = ['gcm', 'cm'].flatMap(suite => [1, 4, 10].map(k => ({ suite, k, ours: [], cold: [], before: [], after: [] })));
const missing = await build(), failures = missing ? [missing] : [];
const inC = async (one, list) => {
  const ns = missing ? NaN : forwarded(await measure('fwd', ['mb', one.suite, 'gsomm', '50', String(one.k), '1200', 'sw', '61'], { budget }));
  one[list].push(ns);
  if (!missing && !(ns > 0)) failures.push(`fwd ${one.suite} ${one.k}`);
};

for (let round = 1; round <= rounds; round++) {
  for (const one of cases) {
    console.log(`round ${round} of ${rounds}: ${one.suite} ${one.k}`);
    await inC(one, 'before');
    const program = join(root, 'tests/Benchmarks/bin/Release/net10.0/Sfu.Benchmarks.dll');
    const { code, out, err } = await run(pinned('dotnet', program, 'forwarder', one.suite, String(one.k)), { seconds: 100 });
    if (code !== 0) failures.push(`round ${round} of ours (${err.trim().split('\n')[0]})`);
    const said = code === 0 ? JSON.parse(out) : { ns: NaN, coldNs: NaN };
    one.ours.push(said.ns);
    one.cold.push(said.coldNs);
    await inC(one, 'after');
  }
}

const rows = cases.map(one => {
  const ours = median(one.ours), both = [...one.before, ...one.after], limit = median(both), ratio = ours / limit;
  const again = median(one.after) / median(one.before);
  return {
    line: 'Whole forwarder', what: `1 to 50, AES-${one.suite.toUpperCase()}, ${one.k} packet${one.k > 1 ? 's' : ''} in a turn, ns per packet sent`,
    value: ours > 0 ? `${ours.toFixed(0)} (rounds: ${one.ours.map(ns => ns.toFixed(0)).join(', ')})` : 'not measured',
    beside: limit > 0 ? `${limit.toFixed(0)} (fwd mb ${one.suite} gsomm 50 ${one.k} 1200 sw; ${(100 * spread(both)).toFixed(0)} % apart, after / before ours ${again.toFixed(2)})` : 'not measured',
    ratio: ratio > 0 ? ratio.toFixed(2) : '-', gate: `ratio <= ${allowed}`, met: ratio <= allowed, test,
  };
});
rows.push({
  line: 'Whole forwarder', what: 'the same where other data has driven it out of the caches before each turn, AES-GCM 1, 4, 10; AES-CM 1, 4, 10, ns',
  value: cases.map(one => median(one.cold)).map(ns => (ns > 0 ? ns.toFixed(0) : 'not measured')).join(', '), gate: 'reported', test,
});
if (failures.length > 0) rows.push({ line: 'Whole forwarder', what: 'what failed', value: failures.join('; '), gate: 'none', met: false, test });
finish('forwarder', rows);
