// What the benchmarks compute of what they measure. Needs nothing but Node: no load generator, no npm package.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { carried, delivered, receivers } from './lib/delivery.mjs';
import { disturbed } from './lib/disturbed.mjs';
import { ciphers, forwarded, limits, single } from './lib/limit.mjs';
import { answer, Runs } from './lib/load.mjs';
import { between, isQuiet, others, ticks } from './lib/machine.mjs';
import { peerRows } from './lib/peer-rows.mjs';
import { longPauses, memoryKinds, pauses, pausesBetween, total } from './lib/process.mjs';
import { run } from './lib/run.mjs';
import { inWindow, memorySlope, soakRows } from './lib/soak-rows.mjs';
import { standsOf, stoodStill, waitByStands, watchCore } from './lib/stands.mjs';
import { blocks, median, percentile, regression, spread } from './lib/stats.mjs';
import { makers, table } from '../figures.mjs';

test('medians and percentiles of odd, even and no values', () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 2, 3]), 2.5);
  assert.ok(Number.isNaN(median([])));
  const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);
  assert.deepEqual([0, 0.5, 0.99, 1].map(share => percentile(hundred, share)), [1, 50, 99, 100]);
  assert.ok(Number.isNaN(percentile([], 0.5)));
  assert.equal(spread([90, 100, 120]), 0.3);
});

test('a regression finds the slope of a line exactly and says how sure it is of a noisy one', () => {
  const exact = regression([[0, 50], [1, 52], [2, 54]]);
  assert.deepEqual([exact.slope, exact.at0, exact.error], [2, 50, 0]);
  const noisy = regression([[0, 1], [1, -1], [2, 1], [3, -1]]);
  assert.ok(Math.abs(noisy.slope + 0.4) < 1e-9 && noisy.error > 0.4, JSON.stringify(noisy));
  assert.ok(Number.isNaN(regression([[0, 1], [1, 2]]).error));
  assert.deepEqual(blocks([[0, 1], [1, 3], [2, 5], [3, 7], [4, 9]], 2), [[0.5, 2], [2.5, 6]]);
});

test('lines of the C programs are read, and the lowest batch of sending counts', () => {
  const udp = single('# datagram 1228 B\n[drop] sendmmsg batch 8 (50 dests)                       2500 ns  (calm blocks 3 of 3, p90 1, all 1)\n'
    + '[drop] sendmmsg batch 32 (50 dests)                      2400 ns  (calm blocks 3 of 3, p90 1, all 1)\nrecvmmsg 32      512 ns  (calm blocks 1 of 1, p90 5, all 6)\n');
  const crypto = ciphers('c          EVP CTR + SHA1 copied state     1200B protect    980 ns  unprotect    990 ns (calm 21/21 all 1/1 p10 1/1)\n');
  const found = limits(udp, single('ipsec-mb CTR+HMAC-SHA1 mb K=1 1200B   1500 ns  (calm x'), crypto);
  assert.equal(found['out: send, 1 packet a message'][0], 2400);
  assert.equal(found['in: receive, 32 waiting'][0], 512);
  assert.equal(found['out: protect AES-CM, alone'][0], 980);
  assert.equal(found['in: unprotect AES-CM'][0], 990);
  assert.ok(Number.isNaN(found['out: send, 4 packets a message'][0]));
  assert.equal(forwarded('C mb    gcm gsomm  sw N=50 k=1  pl=1200 med    2718 all    2766 ns/out-pkt calm 21 of 28 p90 3005'), 2718);
  assert.ok(Number.isNaN(forwarded('')));
});

test('a run of the load generator that fails, says nothing or nonsense, or takes too long is a failed one with its reason', () => {
  const ended = { code: 0, out: '', err: '', isLate: false };
  assert.equal(answer({ ...ended, out: 'noise\n{"ok":true,"fwd_pps":5}\n' }).ok, true);
  assert.equal(answer({ ...ended, out: '{"fwd_pps":5}' }).ok, true);
  assert.equal(answer({ ...ended, out: '{"ok":false}' }).ok, false);
  assert.deepEqual(answer({ ...ended, code: 4, err: 'a\nserver ended early' }), { ok: false, error: 'ended with 4 and no answer: server ended early' });
  assert.deepEqual(answer({ ...ended, code: 1, out: '{"ok":true,"last_error":"room full"}' }), { ok: false, error: 'room full', last_error: 'room full' });
  assert.match(answer({ ...ended, code: null, isLate: true }).error, /took too long/);
  assert.equal(answer({ ...ended, out: '{"ok":tr' }).ok, false);
});

test('a program is run to its end or ended at its time, and one that is not there is said', async () => {
  const well = await run(['sh', '-c', 'echo $A; echo e >&2; exit 3'], { seconds: 30, env: { A: 'b' } });
  assert.deepEqual([well.code, well.out, well.err, well.isLate], [3, 'b\n', 'e\n', false]);
  const late = await run(['sleep', '60'], { seconds: 0.1 });
  assert.deepEqual([late.code, late.isLate], [null, true]);
  assert.equal((await run(['/no/such/program'], { seconds: 30 })).code, null);
});

test('how quiet a machine is comes from its ticks, and what neither server nor generator took is others\'', () => {
  const use = between(ticks('cpu  100 0 100 800 0 0 0 0 0 0\n'), ticks('cpu  110 0 110 870 0 0 0 10 0 0\n'));
  assert.deepEqual(use, { busy: 30, stolen: 10 });
  assert.equal(isQuiet(use), false);
  assert.deepEqual([isQuiet({ busy: 3, stolen: 0 }), isQuiet({ busy: 15, stolen: 0 }), isQuiet({ busy: 15, stolen: 0 }, 20), isQuiet({ busy: 0, stolen: 2 })], [true, false, true, false]);
  assert.equal(others({ machine_busy_pct: 60, srv_cpu_pct: 50, gen_cpu_pct: 30 }, 2), 20);
  assert.ok(Number.isNaN(others({})));
});

test('a run is disturbed when the generator needs more than in another of the same scenario and server, whatever the server needs', () => {
  const made = (peer, one, gen_us_per_pkt, more) => ({ ok: true, peer, case: one, gen_us_per_pkt, ...more });
  const calm = [made('sfu', '1x50/gcm', 4, { srv_cpu_us_per_pkt: 9 }), made('sfu', '1x50/gcm', 6, { srv_cpu_us_per_pkt: 90 }), made('janus', '1x50/gcm', 7), made('sfu', '1x50/cm', 9)];
  assert.deepEqual(disturbed(calm), []);
  const loud = made('sfu', '1x50/gcm', 6.1, { srv_cpu_us_per_pkt: 1 });
  assert.deepEqual(disturbed([...calm, loud]), [loud]);
  assert.deepEqual(disturbed([...calm, { ...loud, isSetAside: true }, { ...loud, ok: false }, made('sfu', '1x50/gcm', undefined)]), []);
  const cheapest = made('sfu', '1x50/gcm', 3.9, { isSetAside: true });
  assert.deepEqual(disturbed([calm[1], cheapest]), [calm[1]]);
  assert.deepEqual(disturbed([]), []);
});

test('what was disturbed is made again twice at most, stays on file and counts no more', async () => {
  const figures = mkdtempSync(join(tmpdir(), 'runs-')), before = process.env.SFU_FIGURES;
  try {
    process.env.SFU_FIGURES = figures;
    const of = (n, gen_us_per_pkt) => ({ ok: true, name: 'sfu', peer: 'sfu', case: 'a', run: n, srv_cpu_us_per_pkt: n, gen_us_per_pkt });
    writeFileSync(join(figures, 'x-runs.jsonl'), [of(1, 4), of(2, 9), of(3, 5)].map(one => `${JSON.stringify(one)}\n`).join(''));
    const runs = new Runs('x', true), made = [];
    await runs.mend(async run => {
      made.push(run.run);
      runs.all.push(of(made.length + 10, made.length === 1 ? 3 : 8));      // so calm that 5 was not; then loud again
    });
    assert.deepEqual(made, [2, 3]);
    assert.deepEqual(runs.well('sfu').map(kept => kept.run), [1, 11, 12]);
    assert.deepEqual(runs.well('sfu', 'a', true).map(kept => kept.run), [1, 2, 3, 11, 12]);
    assert.deepEqual(new Runs('x', true).all.filter(kept => kept.isSetAside).map(kept => kept.run), [2, 3]);
    assert.equal(runs.rows('X', 't')[0].value, 'sfu a run 2 (2 us), sfu a run 3 (3 us)');
    assert.deepEqual(new Runs('x').all, []);
    assert.ok(!existsSync(join(figures, 'x-runs.jsonl')));
  } finally {
    if (before === undefined) delete process.env.SFU_FIGURES;
    else process.env.SFU_FIGURES = before;
    rmSync(figures, { recursive: true });
  }
});

const answers = (name, one, list) => list.map(more => ({ name, case: one, ok: true, pub_pps: 200, fwd_pps: 10_000, loss_pct: 0, srv_cpu_us_per_pkt: 4, lat_us: { p50: 1, p99: 2 }, ...more }));
const fake = made => ({ well: (name, one, all) => made.filter(run => run.name === name && run.case === one && (all || !run.isSetAside)) });

test('our server stands beside the cheapest peer, and loss or a ratio above the gate misses it', () => {
  const janus = [...answers('janus-ossl', '1x50/gcm', [{ srv_cpu_us_per_pkt: 16 }]), ...answers('janus-loops', '1x50/gcm', [{ srv_cpu_us_per_pkt: 20 }])];
  const good = peerRows(fake([...answers('sfu', '1x50/gcm', [{}, {}, { srv_cpu_us_per_pkt: 9 }]), ...janus]), '1x50/gcm', ['janus-loops', 'janus-ossl'], 't');
  assert.deepEqual([good[0].ratio, good[0].met, good[0].reaches, good[1].met], ['0.25', true, true, true]);
  assert.match(good[0].beside, /16.00 \(janus-ossl\)/);
  const bad = peerRows(fake([...answers('sfu', '1x50/gcm', [{ srv_cpu_us_per_pkt: 6, loss_pct: 0.01 }]), ...janus]), '1x50/gcm', ['janus-ossl'], 't');
  assert.deepEqual([bad[0].met, bad[0].reaches, bad[1].met, bad[4].met], [false, false, false, true]);
  const shed = peerRows(fake([...answers('sfu', '1x50/gcm', [{}, { fwd_pps: 9_000 }]), ...janus]), '1x50/gcm', ['janus-ossl'], 't');
  assert.deepEqual([shed[1].met, shed[4].value, shed[4].met], [true, '90.0 %', false]);
  const aside = { isSetAside: true, srv_cpu_us_per_pkt: 99, loss_pct: 0.01, fwd_pps: 9_000 };
  const again = peerRows(fake([...answers('sfu', '1x50/gcm', [{}, aside]), ...janus]), '1x50/gcm', ['janus-ossl'], 't');
  assert.deepEqual([again[0].ratio, again[1].value, again[1].met, again[4].met], ['0.25', '0.010 %', false, false]);
  const alone = peerRows(fake(answers('sfu', '1x50/gcm', [{}])), '1x50/gcm', ['janus-ossl'], 't');
  assert.deepEqual([alone[0].met, alone[0].beside], [false, 'no run of Janus went well']);
  const none = peerRows(fake(janus), '1x50/gcm', ['janus-ossl'], 't');
  assert.deepEqual([none[0].met, none[1].met, none[4].met], [false, false, false]);
});

test('what viewers did not get is seen where the load generator reports no loss, and ends the steps of capacity', () => {
  assert.deepEqual(['1x50/gcm', '10x10/cm', '20x5-audio/cm', '1x200/cm/all'].map(receivers), [50, 9, 4, 200]);
  assert.equal(delivered({ pub_pps: 200, fwd_pps: 9000 }, 50), 0.9);
  const step = (subs, fwd_pps, more) => ({ subs, fwd_pps, loss_pct: 0, join_fail: 0, ...more });
  assert.equal(carried([step(100, 20_100), step(200, 40_000), step(400, 59_065), step(600, 120_000)]).subs, 200);
  assert.equal(carried([step(100, 20_000), step(200, 40_000)]).subs, 200);
  assert.equal(carried([step(100, 20_000), step(200, 40_000, { loss_pct: 0.2 })]).subs, 100);
  assert.equal(carried([step(100, 20_000, { join_fail: 1 })]), undefined);
  assert.equal(carried([]), undefined);
});

const text = (sum, buckets) => buckets.map(([edge, n]) => `sfu_gc_pause_seconds_bucket{le="${edge}"} ${n}`).join('\n') + `\nsfu_gc_pause_seconds_sum ${sum}\n`;

test('pauses come from the histogram of the runtime\'s events, else from its meter, which bounds them', () => {
  const first = pauses(text(0.01, [['0.001', 3], ['0.005', 3], ['+Inf', 3]])), last = pauses(text(0.03, [['0.001', 5], ['0.005', 6], ['+Inf', 7]]));
  const between = pausesBetween([first, last], 0.005);
  assert.deepEqual([between.count, between.over, between.how], [4, 1, 'longer than 5 ms']);
  const kinds = (at, young, background) => ({ at, ...pauses([['young', young], ['background', background]].map(([kind, over]) =>
    `sfu_gc_pause_seconds_bucket{kind="${kind}",le="0.005"} 3\nsfu_gc_pause_seconds_bucket{kind="${kind}",le="+Inf"} ${3 + over}\n`).join('')) });
  const readings = [kinds(1000, 1, 0), kinds(6000, 1, 0), kinds(11_000, 2, 2), kinds(16_000, 3, 2)];
  assert.deepEqual(longPauses(readings, 0.005), ['young 10', 'background x2 10', 'young 15']);
  assert.deepEqual([pausesBetween(readings, 0.005).over, pausesBetween(readings, 0.005).count], [4, 4]);
  const meter = (n, seconds) => pauses(`system_runtime_dotnet_gc_collections{g="gen0"} ${n}\nsystem_runtime_dotnet_gc_collections{g="gen1"} 1\nsystem_runtime_dotnet_gc_pause_time ${seconds}\n`);
  assert.equal(pausesBetween([meter(1, 0.010), meter(2, 0.012), meter(3, 0.016)], 0.005).over, 0);
  assert.ok(Number.isNaN(pausesBetween([meter(1, 0.010), meter(3, 0.020)], 0.005).over));
  assert.ok(Number.isNaN(pausesBetween([pauses(''), pauses('')], 0.005).count));
  assert.ok(Number.isNaN(total('', 'x')));
});

test('of a long pause it is said for how long of it the core stood still', () => {
  const stands = standsOf('    0.000: \n    0.001: \n\n    0.0059: \n    0.007: \n    0.0101: \n    0.011: \nnoise\n    0.051: \n', 100);
  assert.deepEqual(stands.map(({ end, ms }) => [end, Number(ms.toFixed(3))]), [[100.0059, 3.9], [100.0101, 2.1], [100.051, 39]]);
  assert.deepEqual([[100, 101], [100.004, 100.009], [100.0101, 100.012]].map(([from, to]) => Number(stoodStill(stands, from, to).toFixed(6))), [0.045, 0.0029, 0]);
  const reading = (at, over, lastLong, lastLongAt) => ({ at, ...pauses(`sfu_gc_pause_seconds_bucket{kind="young",le="0.005"} 3\nsfu_gc_pause_seconds_bucket{kind="young",le="+Inf"} ${3 + over}\n`
    + `sfu_gc_pause_last_long_seconds ${lastLong}\nsfu_gc_pause_last_long_timestamp_seconds ${lastLongAt}\n`) });
  const readings = [reading(0, 0, 0.02, 90), reading(5000, 1, 0.0053, 100.007), reading(10_000, 2, 0.007, 100.05), reading(15_000, 3, 0.006, 150), reading(20_000, 3, 0.006, 150)];
  assert.deepEqual(longPauses(readings, 0.005, stands), ['young 5 (5.3 ms, the core stood still for 3.9 ms of it)', 'young 10 (7.0 ms, the core stood still for 7.0 ms of it)',
    'young 15 (6.0 ms, the core stood still for 0.0 ms of it)']);
  assert.match(longPauses(readings, 0.005)[0], /5.3 ms, the core was not watched/);
});

test('what one packet in so many waits follows from the stands', () => {
  const stands = [10, 40, 30].map((ms, i) => ({ end: i, ms })), near = (actual, ms) => assert.ok(Math.abs(actual - ms) < 1e-5, `${actual} instead of ${ms}`);
  for (const [share, ms] of [[0, 40], [0.005, 35], [0.01, 30], [0.03, 20], [0.05, 10], [0.07, 10 / 3], [0.08, 0], [0.5, 0]])
    near(waitByStands(stands, 1, share), ms);
  near(waitByStands([], 1, 0.001), 0);
});

test('what came while a core stood still is to be sent after it, beside what comes then', () => {
  const one = [{ end: 1, ms: 40 }];                        // half busy: who comes last in it waits for 20 ms, and 40 ms later nobody does
  for (const [share, ms] of [[0, 40], [0.01, 30 + 5 / 3], [0.06, 20 - 40 / 6], [0.08, 0]]) {
    const wait = waitByStands(one, 1, share, 0.5), late = Math.max(0, Math.min(40, (40 - wait) * 2)) + Math.max(0, 40 - wait * 2);
    assert.ok(Math.abs(late - 1000 * share) < 1e-4, `${share}: ${wait}`);
    if (share === 0 || share === 0.08) assert.ok(Math.abs(wait - ms) < 1e-5, `${share}: ${wait}`);
  }
  const twice = [{ end: 1, ms: 40 }, { end: 1.06, ms: 40 }]; // 20 ms later 10 are left: 50 for the first who comes then, 30 for the last, and 60 ms later none
  assert.ok(Math.abs(waitByStands(twice, 2, 0, 0.5) - 50) < 1e-5);
  assert.ok(Math.abs(waitByStands(twice, 2, 0.08, 0.5)) < 1e-5);
  assert.ok(waitByStands(twice, 2, 0.0799, 0.5) > 0);
});

test('a core that was not watched until the end was not watched', async () => {
  const commands = [['no-such-program'], ['sh', '-c', 'exit 0'], ['sleep', '30']]; // the last leaves nothing that could be read
  for (const command of commands) assert.equal(await watchCore('0', '0', 30, () => command).stop(), undefined, command.join(' '));
});

test('the slope of memory is taken within the window and beside its noise', () => {
  const flat = Array.from({ length: 120 }, (_, i) => [i, 1000 + (i * 7) % 5]), growing = flat.map(([at, kb]) => [at, kb + 10 * at]);
  assert.deepEqual(inWindow([[0, 1], [1, 2], [2, NaN], [3, 4], [4, 5]], 3, 1), [[1, 2], [3, 4]]);
  assert.ok(memorySlope(flat, 100).slope <= memorySlope(flat, 100).noise);
  const slope = memorySlope(growing, 100);
  assert.ok(Math.abs(slope.slope - 600) < 5 && slope.slope > slope.noise, JSON.stringify(slope));
});

test('steps of memory that stay for minutes are rarely taken for a leak, and a leak beneath them is seen', () => {
  let state = 12_345;
  const random = () => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31;
  const run = leak => {                                      // two heaps that are large or cut, each for three minutes in the mean
    const heaps = [random() < 0.5, random() < 0.5];
    return memorySlope(Array.from({ length: 610 }, (_, at) => {
      heaps.forEach((_, i) => { if (random() < 1 / 180) heaps[i] = !heaps[i]; });
      return [at, 250_000 + 200 * heaps.filter(Boolean).length + leak * at / 60 + 4 * random()];
    }), 600);
  };
  const taken = leak => Array.from({ length: 1000 }, () => run(leak)).filter(({ slope, noise }) => slope > noise).length;
  assert.ok(taken(0) < 100, `${taken(0)} of 1,000 that only step`);
  assert.ok(taken(150) > 900, `${taken(150)} of 1,000 that leak 150 kB a minute`);
});

test('resident memory is told apart by the mappings it is in', () => {
  const smaps = [
    ['55d0-55e0 r-xp 00000000 fe:00 1 /usr/lib/libc.so.6', 100], ['7fce74000000-7fce740cd000 rw-p 00000000 00:00 0 ', 7], ['7fce75000000-7fce740cd000 rw-p 00000000 00:00 0 ', 30],
    ['55f0-55ff rw-p 00000000 00:00 0 [heap]', 5], ['7f00-7f01 rw-s 00000000 00:01 9 /memfd:doublemapper (deleted)', 20], ['7ffe-7fff rw-p 00000000 00:00 0 [stack]', 3],
  ].map(([mapping, kb]) => `${mapping}\nSize: 999 kB\nRss:     ${kb} kB\n`).join('');
  assert.deepEqual(memoryKinds(smaps), { files: 100, compiled: 20, malloc: 12, rest: 33 });
});

test('a soak misses its gates when it failed, and p99.9 is a gate only where the idle machine allows it', () => {
  const idle = p999 => ({ ok: true, lat_us: { p50: 50, p99: 90, p999 } });
  const memory = Array.from({ length: 60 }, (_, i) => [i, 1000 + i % 2]), reading = pauses(text(0, [['0.005', 1], ['+Inf', 1]]));
  const m = { rooms: 1, perRoom: 50, limit: { viewers: 100, packets: 20000, stopped: 'loss' }, viewers: 50, seconds: 40, ahead: 20, saysP999: true, before: idle(500), after: idle(600), memory, readings: [reading, reading],
    stands: [{ end: 1, ms: 3.5 }, { end: 2, ms: 11 }, { end: 3, ms: 2.5 }] };
  const lat_us = { p50: 100, p99: 900, p999: 11_000 }, sent = { pub_pps: 200, fwd_pps: 10_000, srv_cpu_pct: 50 };
  const rows = soakRows({ ...m, run: { ok: true, lost: 0, lat_us, ...sent } }, 't'), find = (list, part) => list.find(row => row.what.includes(part));
  assert.deepEqual(['packets lost', 'of what was sent', 'p50, us', 'p99, us', 'p99.9', 'slope', 'pauses'].map(part => find(rows, part).met), [true, true, true, true, false, true, true]);
  assert.match(find(rows, 'load: viewers').value, /; 60; 40$/);
  assert.equal(find(rows, 'worker was busy'), undefined);
  const readings = [[0.3, 1], [0.4, 1], [0.7, 0], [0.5, 1]].map(([busy, realTime]) => ({ ...reading, busy, realTime }));
  assert.equal(find(soakRows({ ...m, readings, run: { ok: true, lost: 0, lat_us, ...sent } }, 't'), 'worker was busy').value, '40 %, 70 %, 70 %; 1 of 4');
  assert.equal(find(rows, 'core stood still').value, '2, 1, 1; 11.0');
  assert.equal(find(rows, 'this alone makes').value, '0 and 0; 0 and 0');
  assert.equal(find(soakRows({ ...m, stands: [{ end: 1, ms: 100 }], run: { ok: true, lost: 0, lat_us, ...sent } }, 't'), 'this alone makes').value, '0 and 40000; 0 and 70000');
  assert.match(find(soakRows({ ...m, stands: undefined, run: { ok: true, lost: 0, lat_us, ...sent } }, 't'), 'core stood still').value, /not measured/);
  const loud = soakRows({ ...m, after: idle(90_000), run: { ok: true, lost: 0, lat_us, ...sent } }, 't');
  assert.deepEqual([find(loud, 'p99.9').met, find(loud, 'p99.9').gate], [undefined, 'reported: the machine does not allow it']);
  const grown = soakRows({ ...m, seconds: 180, memory: Array.from({ length: 200 }, (_, i) => [i, 1000]), run: { ok: true, lost: 0, lat_us, ...sent },
    kinds: [[1, { files: 1, malloc: 7 }], [9, { files: 5, malloc: 1000 }], [60, { files: 9, malloc: 1024 }], [120, { files: 9, malloc: 1030 }], [180, { files: 8, malloc: 2048 }]] }, 't');
  assert.deepEqual(['growth from', 'growth before', 'resident at the end'].map(part => find(grown, part).value), ['0 -1; 6 1018', '997', '0.0; 2.0']);
  const failed = soakRows({ ...m, readings: [], memory: [], run: { ok: false } }, 't');
  assert.deepEqual(['packets lost', 'of what was sent', 'p50, us', 'p99.9', 'slope', 'pauses'].map(part => find(failed, part).met), [false, false, false, false, false, false]);
});

test('a table with something beside its values has columns for it, and says which gates were missed and how its files were made', () => {
  const row = { line: 'A', value: '1', gate: '<= 1', test: 't' };
  const lines = table([{ ...row, what: 'b', at: 0, beside: '2', ratio: '0.5', met: true, reaches: false }, { ...row, what: 'a', at: 1, met: false }]);
  assert.match(lines[0], /Value \| Beside \| Ratio \| Gate \| Met \| By/);
  assert.match(lines[2], /\| A \| b \| 1 \| 2 \| 0.5 \| <= 1 \| yes, aim \*\*no\*\* \| `t` \|/);
  assert.match(lines[3], /\|  \| a \| 1 \|  \|  \| <= 1 \| \*\*no\*\* \|/);
  assert.deepEqual(makers([{ name: 'b', made: 'x' }, { name: 'a', made: 'x' }, { name: 'c' }]), ['- a, b: x']);
});
