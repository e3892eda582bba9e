// The recorder's disk runs full, refuses, or hangs during calls of two browsers: what the policy does, when, and that nothing unrecorded was passed on.
// What was passed on is told by a capture of the loopback device, what was recorded by the evidence.
import { after, afterEach, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BadDisk } from './lib/bad-disk.mjs';
import { Capture } from './lib/capture.mjs';
import { launchChromium } from './lib/browsers.mjs';
import { figure } from './lib/figures.mjs';
import { RecordedCall, recording, stamped, suspended } from './lib/recorded-call.mjs';
import { Server } from './lib/server.mjs';
import { pause, until } from './lib/wait.mjs';

const heldWithin = 2000, endsAfter = 15_000;              // ms, RECORDING.md section 7
const rows = [];
let disk, server, chromium, capture;

before(async () => {
  disk = new BadDisk(96);
  server = await Server.start({ 'Recording:Policy': 'required', 'Recording:LogFileSize': 256 << 10, 'Media:Workers': 1, 'Media:TcpPort': -1 },      // all media by UDP, where the capture looks
    { data: disk.folder, environment: disk.environment });
  chromium = await launchChromium();
  capture = await Capture.start(server.settings['Media:UdpPort']);
});
after(async () => {
  await chromium?.close();
  disk?.heal();
  await server?.stop();
  disk?.remove();
  await capture?.stop();                                // last: one that lost packets fails the file
  figure('disk', rows.map(row => ({ ...row, test: 'tests/EndToEnd/disk.test.mjs' })));
});

// A case that fails leaves its call and its fault to nobody.
afterEach(async () => {
  disk.heal();
  disk.empty();
  for (const page of (await chromium.pages()).slice(1)) await page.close();
});

/** Two browsers in a room of the server on the bad disk. */
const begin = room => RecordedCall.begin({ server, chromium, capture, data: disk.folder }, room);

const counted = async (name, labels) => await server.metric(name, labels) ?? 0;

/** The fault begins; the media is held and everybody is told; all is well again, and the call goes on. */
async function goesOn(name, room, breaks, mends, { measured = true } = {}) {
  const call = await begin(room);
  await call.remember();
  const before = await counted('sfu_recording_phases_total', 'phase="suspended"');
  const at = Date.now();
  breaks();
  const toldAt = await call.told('recording', suspended, at, 30_000);
  await capture.seen(toldAt);
  const stoppedAt = call.lastSent(at, toldAt) ?? at;
  if (measured) assert.ok(stoppedAt - at <= heldWithin, `${name}: media was passed on for ${stoppedAt - at} ms`);
  await pause(1500);                                     // held means held
  const late = call.lastSent(toldAt, Date.now());
  assert.ok((late ?? 0) <= toldAt + 100, `${name}: media was passed on ${late - toldAt} ms after everybody was told that it is held\n${server.log.slice(-3000)}`);
  assert.equal(await counted('sfu_recording_phases_total', 'phase="suspended"'), before + 1);
  const healed = Date.now();
  mends();
  await call.told('recording', recording, healed, 14_000);
  await call.flows(healed);
  const wellAfter = Date.now() - healed;
  const result = await call.settle();
  console.log(`${name}: held ${(stoppedAt - at).toFixed(0)} ms after the fault, told after ${toldAt - at} ms, flows ${wellAfter} ms after it, ${result.forwarded} passed on, ${result.missing} unrecorded, ${result.verdict}`);
  rows.push({ line: 'Disk', what: `${name}: packets passed on, and of them unrecorded`, value: `${result.forwarded}, ${result.missing}`, gate: '0' });
  if (measured) rows.push({ line: 'Disk', what: `${name}: media held after the fault`, value: `${(stoppedAt - at).toFixed(0)} ms`, gate: '<= 2 s' });
  return result;
}

test('the disk runs full: media is held, and flows again when there is room', { timeout: 120_000 }, async () => {
  await goesOn('disk full', 'full', () => disk.fill(), () => disk.empty(), { measured: false });      // the log's file has some room left
});

test('the disk becomes read-only: media is held, and flows again when it can be written', { timeout: 90_000 }, async () => {
  await goesOn('read-only', 'readonly', () => disk.fail('EROFS', 'write', 'sync', 'make'), () => disk.heal());
});

test('a write hangs, and the recorder\'s thread with it: media is held, and flows again', { timeout: 90_000 }, async () => {
  await goesOn('recorder stuck', 'stuck', () => disk.fail('hang', 'write'), () => disk.heal());
});

test('every sync fails: the call ends after 15 s, the record of it stays, a new one can be had when the disk is well', { timeout: 120_000 }, async () => {
  const call = await begin('refused');
  await call.remember();
  const before = await counted('sfu_recording_impossible_total', 'kind="call_ended"');
  const at = Date.now();
  disk.fail('EIO', 'sync');
  const toldAt = await call.told('recording', suspended, at, 10_000);
  const closedAt = await call.told('room_closed', message => message.reason === 'recording_unavailable', at, 30_000);
  await capture.seen(closedAt);
  const stoppedAt = call.lastSent(at, closedAt) ?? at;
  assert.ok(stoppedAt - at <= heldWithin, `media was passed on for ${stoppedAt - at} ms`);
  assert.ok(Math.abs(closedAt - toldAt - endsAfter) <= 2500, `the call ended ${closedAt - toldAt} ms after it was held`);
  assert.equal(await counted('sfu_recording_impossible_total', 'kind="call_ended"'), before + 1);
  const [record] = (await server.call('GET', '/v1/impossibilities?room=refused')).impossibilities;
  assert.equal(record.recording, call.recording.id);
  assert.equal(record.kind, 'call_ended');
  assert.equal(record.cause, 'write_error');
  disk.heal();
  const result = await call.settle({ delete: false });
  const again = await begin('refused-then-not');
  await again.remember();
  await again.settle();
  console.log(`write errors: held ${(stoppedAt - at).toFixed(0)} ms after the fault, ended ${closedAt - toldAt} ms after that was told, ${result.forwarded} passed on, ${result.missing} unrecorded, ${result.verdict}`);
  rows.push({ line: 'Disk', what: 'write errors: media held after the fault', value: `${(stoppedAt - at).toFixed(0)} ms`, gate: '<= 2 s' });
  rows.push({ line: 'Disk', what: 'write errors: call ended after it was held', value: `${((closedAt - toldAt) / 1000).toFixed(1)} s`, gate: '15 s' });
});

test('"best_effort": the call goes on through write errors and a kill, and the gap is declared', { timeout: 120_000 }, async () => {
  const room = 'besteffort';
  await server.call('POST', '/v1/rooms', { name: room, recording: 'best_effort' });
  const call = await begin(room);
  call.recording = (await server.call('GET', `/v1/recordings?room=${room}`)).recordings[0];
  const at = Date.now();
  disk.fail('EIO', 'write', 'sync', 'make');
  await call.told('recording', suspended, at, 10_000);
  await call.flows(at);                                  // nothing is held
  await server.kill('SIGKILL');
  disk.heal();
  await server.restart();
  await call.told('recording', recording, at, 30_000);
  await server.call('DELETE', `/v1/rooms/${room}`);
  await Promise.all(call.pages.map(page => page.close()));
  const sealed = await until(async () => {
    const one = await server.call('GET', `/v1/recordings/${call.recording.id}`);
    return one.state === 'sealed' && one;
  }, { what: 'the seal', timeout: 30_000, every: 200, describe: () => server.log.slice(-4000) });
  const manifest = JSON.parse(await readFile(join(sealed.folder, 'recording.json'), 'utf8'));
  assert.equal(manifest.interruptions.length, 1);
  assert.ok(Date.parse(manifest.interruptions[0].fromUtc) <= at + 500, `the gap is declared from ${manifest.interruptions[0].fromUtc}, the disk failed at ${new Date(at).toISOString()}`);
  const { code, report } = await stamped(server, sealed.folder, disk.folder);
  assert.equal(code, 1, `${report.verdict} ${JSON.stringify(report.findings)}`);    // VALID_WITH_GAPS
});
