// node peers.mjs: the published server beside Janus under an independent load generator, one run after the other, repetitions outermost.
// The server has one core and the generator the other, except where a scenario ends in /all: there the server may have all of them.
// Environment: LOAD, SFU_FIGURES, SFU_FORWARD_RUNS (3), SFU_FORWARD_SECONDS (10), SFU_FORWARD_SETTLE (30: until methods are compiled),
// SFU_FORWARD_SCENARIOS, JANUS_LIBS (folder of a libsrtp2.so.1 on OpenSSL, Janus at its best; built when it is not given).
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { finish, folder, needGenerator, Runs, setting, work } from './lib/load.mjs';
import { peerRows } from './lib/peer-rows.mjs';
import { run } from './lib/run.mjs';

const test = 'tests/Benchmarks/peers.mjs';
needGenerator();
const times = { secs: setting('SFU_FORWARD_SECONDS', 10), settle: setting('SFU_FORWARD_SETTLE', 30) };
const scenarios = (process.env.SFU_FORWARD_SCENARIOS ?? '1x50/gcm 1x50/cm 10x10/cm 20x5-audio/cm 1x200/cm/all').split(' ');
const libs = process.env.JANUS_LIBS ?? join(work, 'janus-libs'), missing = [];
const hasLibs = async () => existsSync(join(libs, 'libsrtp2.so.1'))
  || (await run([join(folder, 'peers/janus/libsrtp-openssl.sh'), libs], { seconds: 300 })).code === 0;
const hasJanus = (await run(['sh', '-c', 'command -v janus'], { seconds: 10 })).code === 0;
if (!hasJanus) missing.push('Janus is not installed: nothing to compare with');
const peers = hasJanus ? ['janus-loops'] : [];
if (hasJanus && await hasLibs()) peers.unshift('janus-ossl');
else if (hasJanus) missing.push('janus-ossl, Janus at its best, could not be built: only janus-loops is compared with');

const runs = new Runs('peers');
for (let n = 1; n <= setting('SFU_FORWARD_RUNS', 3); n++) {
  for (const one of scenarios) {
    const [scenario, srtp, cores] = one.split('/');
    const make = (name, peer) => runs.make({ name, case: one, run: n, peer, scenario, srtp, pin: cores !== 'all', ...times, env: { JANUS_LIBS: libs } });
    await make('sfu', 'sfu');
    for (const peer of peers) await make(peer, peer);
    await make('sfu-again', 'sfu');                      // the same once more: how far two runs of one thing differ
  }
}
const rows = [...scenarios.flatMap(one => peerRows(runs, one, peers, test)), ...runs.rows('Peers', test)];
if (missing.length > 0) rows.push({ line: 'Peers', what: 'what is missing', value: missing.join('; '), gate: 'none', met: false, test });
finish('peers', rows);
