// The whole data directory is on a disk that fills during a call of two browsers: what is refused at each limit of RECORDING.md section 7, and that
// the last room suffices to tell everybody, end the call and seal it. The rooms' log is on the same disk.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { BadDisk } from './lib/bad-disk.mjs';
import { Capture } from './lib/capture.mjs';
import { launchChromium, newPage } from './lib/browsers.mjs';
import { figure } from './lib/figures.mjs';
import { keepMessages, RecordedCall, recording, suspended } from './lib/recorded-call.mjs';
import { Server } from './lib/server.mjs';
import { together } from './lib/together.mjs';
import { until } from './lib/wait.mjs';

const endsAfter = 15_000;                                // ms
const anyAmount = 2 ** 50;                               // bytes: on a small disk the share decides
const rows = [];
let disk, server, chromium, capture;

before(async () => {
  disk = new BadDisk(512, { whole: true });
  [server, chromium] = await together(Server.start({
    'Recording:Policy': 'required', 'Recording:LogFileSize': 1 << 20, 'Media:Workers': 1, 'Media:TcpPort': -1,
    'Recording:Disk:NoDerivationsAbove': 0.75, 'Recording:Disk:NoNewRecordingsAbove': 0.85, 'Recording:Disk:ClosedAbove': 0.97,
    'Recording:Disk:NoDerivationsBelow': anyAmount, 'Recording:Disk:NoNewRecordingsBelow': anyAmount, 'Recording:Disk:ClosedBelow': anyAmount,
  }, { data: disk.folder }), launchChromium());
  capture = await Capture.start(server.settings['Media:UdpPort']);
});
after(async () => {
  await chromium?.close();
  await server?.stop();
  disk?.remove();
  await capture?.stop();                                 // last: one that lost packets fails the file
  figure('disk-limits', rows.map(row => ({ line: 'Disk', ...row, test: 'tests/EndToEnd/disk-limits.test.mjs' })));
});

const says = (page, text) => page.evaluate(text => document.body.innerText.includes(text), text);

const begin = room => RecordedCall.begin({ server, chromium, capture, data: disk.folder }, room);

/** Waits until the server says what the disk may be used for. */
const level = number => until(async () => await server.metric('sfu_recording_disk_level') === number,
  { what: `level ${number} of the disk`, timeout: 5000, every: 50, describe: () => `${JSON.stringify(disk.use)}\n${server.log.slice(-3000)}` });

/** What could not be recorded in a room, the newest first. */
const impossible = async room => (await server.call('GET', `/v1/impossibilities?room=${room}`)).impossibilities;

test('the disk fills: playable files, new calls and the running call give way one after the other, and all come back', { timeout: 150_000 }, async () => {
  const call = await begin('running');
  await call.remember();
  const derive = async () => {
    const response = await server.ask('POST', `/v1/recordings/${call.recording.id}/derivations`, { kind: 'track' });
    return { status: response.status, retryAfter: response.headers.get('retry-after'), ...await response.json() };
  };
  await level(0);
  assert.equal((await derive()).code, 'bad_state');      // nothing but that no segment is signed yet

  disk.fillTo(0.78);
  await level(1);
  const refused = await derive();
  assert.equal(refused.status, 507);
  assert.equal(refused.code, 'disk_full');
  assert.equal(refused.retryAfter, '60');
  assert.match(refused.detail, /^The disk of recordings is 7\d\.\d % full, with \d+ MiB free; beyond 75 % no playable files are made/);
  assert.equal((await server.fetch('/healthz/ready')).status, 200);

  disk.fillTo(0.88);
  await level(2);
  const late = await newPage(chromium);
  await late.evaluateOnNewDocument(keepMessages);
  await late.goto(server.page('late', 'cid'));
  await until(async () => (await late.evaluate(() => window.testMessages)).find(one => one.type === 'error' && one.code === 'recording_unavailable'),
    { what: 'the refusal', timeout: 10_000, every: 50, describe: () => server.log.slice(-3000) });
  await until(() => says(late, 'This call must be recorded and cannot be at the moment'), { what: 'the reason on the page', timeout: 5000, every: 50 });
  await late.close();
  const [kept] = await impossible('late');
  assert.deepEqual([kept.kind, kept.cause, kept.identities], ['join_refused', 'disk_full', ['cid']]);
  const ready = await server.fetch('/healthz/ready');
  assert.equal(ready.status, 503);
  assert.match(await ready.text(), /disk_full/);
  await call.flows(Date.now());
  assert.equal(await server.metric('sfu_recording_lease_fresh'), 1);

  // Somebody makes room in time: the call goes on.
  let at = Date.now();
  disk.fillTo(0.98);
  const firstTold = await call.told('recording', suspended, at, 10_000);
  await level(3);
  await capture.seen(firstTold);
  const heldAfter = (call.lastSent(at, firstTold) ?? at) - at;
  at = Date.now();
  disk.empty(0.98);
  await call.told('recording', recording, at, 10_000);
  await call.flows(at);

  at = Date.now();
  disk.fillTo(0.98);
  const toldAt = await call.told('recording', suspended, at, 10_000);
  const closedAt = await call.told('room_closed', message => message.reason === 'recording_unavailable', at, 30_000);
  assert.ok(Math.abs(closedAt - toldAt - endsAfter) <= 2500, `the call ended ${closedAt - toldAt} ms after it was held`);
  for (const page of call.pages)
    await until(() => says(page, 'This call must be recorded and cannot be at the moment'), { what: 'the reason on the page', timeout: 5000, every: 50 });
  const result = await call.settle({ delete: false });
  assert.equal(result.manifest.endReason, 'recording_unavailable');
  const records = await impossible('running');
  assert.deepEqual(records.map(one => [one.kind, one.cause]), [['call_ended', 'disk_full'], ['held', 'disk_full']]);
  assert.ok(records.every(one => one.recording === call.recording.id));
  assert.equal(await server.metric('sfu_recording_failures_total', 'kind="log"'), 0);      // no write has failed: the limit came before

  disk.empty();
  await level(0);
  const again = await begin('after');
  await again.remember();
  assert.equal(again.recording.state, 'active');
  console.log(`limits: held ${heldAfter.toFixed(0)} ms after the disk passed 97 %, ended ${closedAt - toldAt} ms after that was told, ${result.forwarded} passed on, ${result.missing} unrecorded, ${result.verdict}`);
  rows.push({ what: 'at 97 %: media held after the disk came to it', value: `${heldAfter.toFixed(0)} ms`, gate: '<= 2 s' });
  rows.push({ what: 'at 97 %: call ended after it was held', value: `${((closedAt - toldAt) / 1000).toFixed(1)} s`, gate: '15 s' });
  rows.push({ what: 'at 97 %: packets passed on, and of them unrecorded', value: `${result.forwarded}, ${result.missing}`, gate: '0' });
  assert.ok(heldAfter <= 2000, `media was passed on for ${heldAfter} ms`);
});
