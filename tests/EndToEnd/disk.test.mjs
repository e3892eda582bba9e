// The recorder's disk runs full, refuses, or hangs during calls of two browsers: what the policy does, when, and that nothing unrecorded was passed on.
// What was passed on is told by a capture of the loopback device, what was recorded by the evidence.
import { after, afterEach, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BadDisk } from './lib/bad-disk.mjs';
import { Capture } from './lib/capture.mjs';
import { launchChromium, newPage } from './lib/browsers.mjs';
import { figure } from './lib/figures.mjs';
import { unrecorded } from './lib/forwarded.mjs';
import { archived, numbers } from './lib/chain.mjs';
import { verify } from './lib/journal.mjs';
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

const counted = async (name, labels) => await server.metric(name, labels) ?? 0;

/** The verdict when every manifest has its time-stamp, which may come after the seal: exit code 5 until then. */
const stamped = folder => until(async () => {
  const judged = await verify(server, folder, disk.folder);
  return judged.code !== 5 && judged;
}, { what: 'the time-stamps', timeout: 20_000, every: 250, describe: () => server.log.slice(-3000) });

/** Keeps what the server says on a page's WebSocket. */
/* c8 ignore start: runs in the page */
function keepMessages() {
  const Original = window.WebSocket;
  window.testMessages = [];
  window.WebSocket = class extends Original {
    constructor(...args) {
      super(...args);
      this.addEventListener('message', event => { if (typeof event.data === 'string') window.testMessages.push({ at: Date.now(), ...JSON.parse(event.data) }); });
    }
  };
}
/* c8 ignore stop */

/** Two browsers in a room that hear and see each other. */
class Call {
  static async begin(room) {
    const call = new Call();
    call.room = room;
    call.begun = Date.now();
    call.pages = [await newPage(chromium), await newPage(chromium)];
    for (const [i, page] of call.pages.entries()) {
      await page.evaluateOnNewDocument(keepMessages);
      await page.goto(server.page(room, ['ann', 'bob'][i]));
    }
    await call.flows(0);
    return call;
  }

  /** Waits until each of both gets sound and picture that came after a moment. */
  async flows(since) {
    const start = await this.received();
    await until(async () => {
      const now = await this.received();
      return now.every((streams, i) => ['audio', 'video'].every(kind => streams.some(one =>
        one.kind === kind && one.packets >= (since === 0 ? 0 : start[i].find(was => was.ssrc === one.ssrc)?.packets ?? 0) + 10)));
    }, { what: 'sound and picture of both', timeout: 30_000, every: 100, describe: () => this.pages.map(page => page.errors.join('\n')).join('\n') + server.log.slice(-3000) });
  }

  received() { return Promise.all(this.pages.map(page => this.streams(page, 'inbound-rtp'))); }

  streams(page, type) {
    return page.evaluate(async type => {
      const found = [];
      for (const connection of window.testPeerConnections) {
        if (connection.connectionState === 'closed') continue;
        (await connection.getStats()).forEach(s => { if (s.type === type) found.push({ ssrc: s.ssrc, kind: s.kind, packets: s.packetsReceived ?? s.packetsSent }); });
      }
      return found;
    }, type);
  }

  /** Which stream of one is which of the other. */
  async pairs() {
    const sent = await Promise.all(this.pages.map(page => this.streams(page, 'outbound-rtp'))), got = await this.received();
    return [0, 1].flatMap(i => got[i].map(({ ssrc, kind }) => ({ kind, to: ssrc, from: sent[1 - i].find(one => one.kind === kind && one.packets > 0)?.ssrc })));
  }

  /** Waits for an event of the server on both pages, from a moment on. */
  async told(type, test, since, timeout) {
    const all = await Promise.all(this.pages.map(page => until(
      async () => (await page.evaluate(() => window.testMessages)).find(message => message.kind === type && message.at >= since && test(message)),
      { what: `${type} at both`, timeout, every: 50, describe: () => server.log.slice(-4000) })));
    return Math.max(...all.map(message => message.at));
  }

  /** When the last packet of the call went out in a stretch of time. */
  lastSent(from, to) { return capture.packets.findLast(packet => !packet.toServer && packet.at >= from && packet.at <= to && this.out.has(packet.ssrc))?.at; }

  async remember() {
    this.streamPairs = await this.pairs();
    assert.equal(this.streamPairs.length, 4, JSON.stringify(this.streamPairs));
    this.out = new Set(this.streamPairs.map(pair => pair.to));
    this.recording = (await server.call('GET', `/v1/recordings?room=${this.room}`)).recordings[0];
  }

  /** Ends the call, waits for the seal, and compares what went out with what is there. */
  async settle({ delete: deletes = true } = {}) {
    if (deletes) await server.call('DELETE', `/v1/rooms/${this.room}`);
    await Promise.all(this.pages.map(page => page.close()));
    const sealed = await until(async () => {
      const one = await server.call('GET', `/v1/recordings/${this.recording.id}`);
      return one.state === 'sealed' && one;
    }, { what: 'the seal', timeout: 30_000, every: 200, describe: () => server.log.slice(-4000) });
    const { code, report } = await stamped(sealed.folder);
    assert.ok(code === 0 || code === 1, `${report.verdict} ${JSON.stringify(report.findings)}`);
    const chunks = await archived(sealed.id, sealed.folder), kept = numbers(chunks);
    const result = unrecorded(capture.packets.filter(packet => packet.at >= this.begun), this.streamPairs, kept);
    assert.ok(result.forwarded > 50, JSON.stringify(result));
    assert.equal(result.missing, 0, `${result.missing} of ${result.forwarded} packets were passed on and are not recorded: ${JSON.stringify(result.where)}`);
    // The measure itself notices when a third of the evidence is not there.
    const part = numbers(chunks.filter((_, n) => n % 3 > 0));
    assert.ok(unrecorded(capture.packets.filter(packet => packet.at >= this.begun), this.streamPairs, part).missing > 0);
    return { ...result, verdict: report.verdict, manifest: JSON.parse(await readFile(join(sealed.folder, 'recording.json'), 'utf8')) };
  }
}

const suspended = message => message.state === 'suspended', recording = message => message.state === 'recording';

/** The fault begins; the media is held and everybody is told; all is well again, and the call goes on. */
async function goesOn(name, room, begin, end, { measured = true } = {}) {
  const call = await Call.begin(room);
  await call.remember();
  const before = await counted('sfu_recording_phases_total', 'phase="suspended"');
  const at = Date.now();
  begin();
  const toldAt = await call.told('recording', suspended, at, 30_000);
  await capture.seen(toldAt);
  const stoppedAt = call.lastSent(at, toldAt) ?? at;
  if (measured) assert.ok(stoppedAt - at <= heldWithin, `${name}: media was passed on for ${stoppedAt - at} ms`);
  await pause(1500);                                     // held means held
  const late = call.lastSent(toldAt, Date.now());
  assert.ok((late ?? 0) <= toldAt + 100, `${name}: media was passed on ${late - toldAt} ms after everybody was told that it is held\n${server.log.slice(-3000)}`);
  assert.equal(await counted('sfu_recording_phases_total', 'phase="suspended"'), before + 1);
  const healed = Date.now();
  end();
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
  const call = await Call.begin('refused');
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
  const again = await Call.begin('refused-then-not');
  await again.remember();
  await again.settle();
  console.log(`write errors: held ${(stoppedAt - at).toFixed(0)} ms after the fault, ended ${closedAt - toldAt} ms after that was told, ${result.forwarded} passed on, ${result.missing} unrecorded, ${result.verdict}`);
  rows.push({ line: 'Disk', what: 'write errors: media held after the fault', value: `${(stoppedAt - at).toFixed(0)} ms`, gate: '<= 2 s' });
  rows.push({ line: 'Disk', what: 'write errors: call ended after it was held', value: `${((closedAt - toldAt) / 1000).toFixed(1)} s`, gate: '15 s' });
});

test('"best_effort": the call goes on through write errors and a kill, and the gap is declared', { timeout: 120_000 }, async () => {
  const room = 'besteffort';
  await server.call('POST', '/v1/rooms', { name: room, recording: 'best_effort' });
  const call = await Call.begin(room);
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
  const { code, report } = await stamped(sealed.folder);
  assert.equal(code, 1, `${report.verdict} ${JSON.stringify(report.findings)}`);    // VALID_WITH_GAPS
});
