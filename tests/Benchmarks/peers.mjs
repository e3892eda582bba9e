// node peers.mjs: the published server beside Janus under an independent load generator, one run after the other, repetitions outermost.
// The server has one core and the generator the other, except where a scenario ends in /all: there the server may have all of them.
// The configuration of Janus that is dearer in the first round is left out of the others. What the machine disturbed is made again, up to twice.
// Environment: LOAD, SFU_FIGURES, SFU_FORWARD_RUNS (3), SFU_FORWARD_SECONDS (10), SFU_FORWARD_SETTLE (45: our methods are compiled while they are used;
// Janus has 15), SFU_FORWARD_MEND (1: goes on with the runs on file and only makes again what was disturbed), SFU_FORWARD_SCENARIOS,
// JANUS_LIBS (folder of a libsrtp2.so.1 on OpenSSL, Janus at its best; built when it is not given).
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { finish, folder, needGenerator, Runs, setting, work } from './lib/load.mjs';
import { peerRows } from './lib/peer-rows.mjs';
import { run } from './lib/run.mjs';

const test = 'tests/Benchmarks/peers.mjs';
needGenerator();
const secs = setting('SFU_FORWARD_SECONDS', 10), settle = setting('SFU_FORWARD_SETTLE', 45), peerSettle = Math.min(settle, 15);
const scenarios = (process.env.SFU_FORWARD_SCENARIOS ?? '1x50/gcm 1x50/cm 10x10/cm 20x5-audio/cm 1x200/cm/all').split(' ');
const libs = process.env.JANUS_LIBS ?? join(work, 'janus-libs'), missing = [];
const hasLibs = async () => existsSync(join(libs, 'libsrtp2.so.1'))
  || (await run([join(folder, 'peers/janus/libsrtp-openssl.sh'), libs], { seconds: 300 })).code === 0;
const hasJanus = (await run(['sh', '-c', 'command -v janus'], { seconds: 10 })).code === 0;
if (!hasJanus) missing.push('Janus is not installed: nothing to compare with');
const peers = hasJanus ? ['janus-loops'] : [];
if (hasJanus && await hasLibs()) peers.unshift('janus-ossl');
else if (hasJanus) missing.push('janus-ossl, Janus at its best, could not be built: only janus-loops is compared with');

const goesOn = setting('SFU_FORWARD_MEND', 0) === 1;
const runs = new Runs('peers', goesOn), cheapest = new Map();
const make = (one, n, name, peer) => {
  const [scenario, srtp, cores] = one.split('/');
  return runs.make({
    name, case: one, run: n, peer, scenario, srtp, pin: cores !== 'all', secs, settle: peer === 'sfu' ? settle : peerSettle, env: { JANUS_LIBS: libs },
  });
};
for (let n = 1; n <= setting('SFU_FORWARD_RUNS', 3) && !goesOn; n++) {
  for (const one of scenarios) {
    await make(one, n, 'sfu', 'sfu');
    const made = [];
    for (const peer of cheapest.get(one) ?? peers) made.push(await make(one, n, peer, peer));
    const best = made.filter(run => run.ok && run.fwd_pps > 0).sort((a, b) => a.srv_cpu_us_per_pkt - b.srv_cpu_us_per_pkt)[0];
    if (best) cheapest.set(one, [best.name]);
    await make(one, n, 'sfu-again', 'sfu');              // the same once more: how far two runs of one thing differ
  }
}
await runs.mend(run => make(run.case, run.run, run.name, run.peer));
const rows = [...scenarios.flatMap(one => peerRows(runs, one, peers, test)), ...runs.rows('Peers', test)];
if (missing.length > 0) rows.push({ line: 'Peers', what: 'what is missing', value: missing.join('; '), gate: 'none', met: false, test });
finish('peers', rows);
