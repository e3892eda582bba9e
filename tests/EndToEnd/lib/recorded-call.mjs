// A recorded call of two browsers: what each is told and gets, and whether what the server passed on is in the evidence.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { newPage } from './browsers.mjs';
import { archived, numbers } from './chain.mjs';
import { unrecorded } from './forwarded.mjs';
import { verify } from './journal.mjs';
import { until } from './wait.mjs';

/** The verdict when every manifest has its time-stamp, which may come after the seal: exit code 5 until then. */
export const stamped = (server, folder, data) => until(async () => {
  const judged = await verify(server, folder, data);
  return judged.code !== 5 && judged;
}, { what: 'the time-stamps', timeout: 20_000, every: 250, describe: () => server.log.slice(-3000) });

/** Keeps what the server says on a page's WebSocket, in `window.testMessages`: for `evaluateOnNewDocument`. */
/* c8 ignore start: runs in the page */
export function keepMessages() {
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

/** What the server tells of a recording. */
export const suspended = message => message.state === 'suspended', recording = message => message.state === 'recording';

/** Two browsers in a room that hear and see each other. */
export class RecordedCall {
  /** Begins one; `around` is `{ server, chromium, capture, data }`, `data` the server's data directory. */
  static async begin(around, room) {
    const call = Object.assign(new RecordedCall(), around, { room, begun: Date.now() });
    const { server, chromium } = call;
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
    }, { what: 'sound and picture of both', timeout: 30_000, every: 100, describe: () => this.pages.map(page => page.errors.join('\n')).join('\n') + this.server.log.slice(-3000) });
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
      { what: `${type} at both`, timeout, every: 50, describe: () => this.server.log.slice(-4000) })));
    return Math.max(...all.map(message => message.at));
  }

  /** When the last packet of the call went out in a stretch of time. */
  lastSent(from, to) { return this.capture.packets.findLast(packet => !packet.toServer && packet.at >= from && packet.at <= to && this.out.has(packet.ssrc))?.at; }

  async remember() {
    this.streamPairs = await this.pairs();
    assert.equal(this.streamPairs.length, 4, JSON.stringify(this.streamPairs));
    this.out = new Set(this.streamPairs.map(pair => pair.to));
    this.recording = (await this.server.call('GET', `/v1/recordings?room=${this.room}`)).recordings[0];
  }

  /** Ends the call, waits for the seal, and compares what went out with what is there. */
  async settle({ delete: deletes = true } = {}) {
    if (deletes) await this.server.call('DELETE', `/v1/rooms/${this.room}`);
    await Promise.all(this.pages.map(page => page.close()));
    const sealed = await until(async () => {
      const one = await this.server.call('GET', `/v1/recordings/${this.recording.id}`);
      return one.state === 'sealed' && one;
    }, { what: 'the seal', timeout: 30_000, every: 200, describe: () => this.server.log.slice(-4000) });
    const { code, report } = await stamped(this.server, sealed.folder, this.data);
    assert.ok(code === 0 || code === 1, `${report.verdict} ${JSON.stringify(report.findings)}`);
    const chunks = await archived(sealed.id, sealed.folder), kept = numbers(chunks);
    const result = unrecorded(this.capture.packets.filter(packet => packet.at >= this.begun), this.streamPairs, kept);
    assert.ok(result.forwarded > 50, JSON.stringify(result));
    assert.equal(result.missing, 0, `${result.missing} of ${result.forwarded} packets were passed on and are not recorded: ${JSON.stringify(result.where)}`);
    // The measure itself notices when a third of the evidence is not there.
    const part = numbers(chunks.filter((_, n) => n % 3 > 0));
    assert.ok(unrecorded(this.capture.packets.filter(packet => packet.at >= this.begun), this.streamPairs, part).missing > 0);
    return { ...result, verdict: report.verdict, manifest: JSON.parse(await readFile(join(sealed.folder, 'recording.json'), 'utf8')) };
  }
}
