// kill -9 of the server at random moments of a call of two browsers: what it costs, judged by a capture of the loopback device and by sfu-verify.
// SFU_KILLS: how often (10).
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Server } from './lib/server.mjs';
import { Capture } from './lib/capture.mjs';
import { archived, numbers } from './lib/chain.mjs';
import { decode } from './lib/decode.mjs';
import { verify } from './lib/journal.mjs';
import { launchChromium, newPage } from './lib/browsers.mjs';
import { figure } from './lib/figures.mjs';
import { together } from './lib/together.mjs';
import { pause, until } from './lib/wait.mjs';

const kills = Number(process.env.SFU_KILLS ?? 10);
const maxTail = 300;                                     // ms, the issue's gate
const room = 'killed';
let server, chromium, capture, sealedFolder;

before(async () => {
  [server, chromium] = await together(Server.start({ 'Recording:Policy': 'required', 'Media:Workers': 1, 'Media:TcpPort': -1 }), launchChromium());
  capture = await Capture.start(server.settings['Media:UdpPort']);
});
after(async () => {
  await chromium?.close();
  await server?.stop();
  await capture?.stop();                                // last: one that lost packets fails the file
});

const recording = async () => (await server.call('GET', `/v1/recordings?room=${room}`)).recordings[0];

/** Streams of a page's connections from one on; those of a server that is gone go on sending for a while. */
const streams = (page, type, first) => page.evaluate(async (type, first) => {
  const rows = [];
  for (const connection of window.testPeerConnections.slice(first)) {
    if (connection.connectionState !== 'connected') continue;
    (await connection.getStats()).forEach(s => { if (s.type === type) rows.push({ ssrc: s.ssrc, kind: s.kind, packets: s.packetsSent ?? s.packetsReceived }); });
  }
  return rows;
}, type, first);
const connections = page => page.evaluate(() => window.testPeerConnections.length);

/** Waits until each of both hears and sees the other by a connection of this server. */
async function flows(pages, first) {
  await until(async () => {
    for (const [i, page] of pages.entries()) {
      const rows = (await streams(page, 'inbound-rtp', first[i])).filter(row => row.packets >= 10);
      if (!['audio', 'video'].every(kind => rows.some(row => row.kind === kind))) return false;
    }
    return true;
  }, { what: 'sound and picture of both', timeout: 60_000, every: 100, describe: () => pages.map(page => page.errors.join('\n')).join('\n') + server.log.slice(-3000) });
}

/** What a kill cost: of each stream of which the viewer got something, from its last archived packet to the last one that had come when the server still forwarded. */
function tails(sent, chunks, from, killedAt) {
  const seen = capture.packets.filter(packet => packet.at >= from && packet.at <= killedAt);
  const alive = seen.filter(packet => !packet.toServer && packet.bytes > 40).at(-1).at;        // the server worked until then, at least
  const kept = numbers(chunks);
  return sent.map(({ ssrc, kind }) => {
    const own = seen.filter(packet => packet.toServer && packet.ssrc === ssrc && packet.at <= alive);
    const archive = kept.get(ssrc) ?? new Set();
    const last = own.findLastIndex(packet => archive.has(packet.sequence));
    return { ssrc, kind, lost: own.length === 0 ? 0 : own.at(-1).at - own[Math.max(last, 0)].at, missing: own.length - 1 - last, own: own.length, kept: archive.size };
  });
}

/** The log and the evidence as the kill left them: the chain, what the verifier says, and what is missing of each stream. */
async function judge(at, state, id, sent, begun, killedAt) {
  const evidence = join(at, 'evidence'), log = join(at, 'log');
  await cp(state.folder, evidence, { recursive: true });
  await cp(join(server.data, 'recorder', 'wal', 'node'), log, { recursive: true });
  const chunks = await archived(id, evidence, log);        // throws where the chain does not hold
  const { code, report } = await verify(server, evidence);
  assert.equal(code, 2, `right after a kill: ${report.verdict} ${JSON.stringify(report.findings)}`);
  const cost = tails(sent, chunks, begun, killedAt);
  assert.ok(cost.length >= 4, JSON.stringify(sent));
  await rm(at, { recursive: true, force: true });
  return { cost, chunks: chunks.length };
}

/** Has playable files made, and every frame of them decoded; returns their number. */
async function play(id) {
  const { id: derivation } = await server.call('POST', `/v1/recordings/${id}/derivations`, { kind: 'track' });
  const made = await until(async () => {
    const now = await server.call('GET', `/v1/derivations/${derivation}`);
    assert.notEqual(now.state, 'failed', JSON.stringify(now));
    return now.state === 'ready' && now;
  }, { what: 'the files', timeout: 240_000, every: 250, describe: () => server.log.slice(-3000) });
  const files = made.files.filter(file => /\.(webm|mkv|mp4|ogg)$/.test(file.name));
  assert.ok(files.length > 0, JSON.stringify(made.files));
  for (const file of files) {
    const path = join(sealedFolder, 'derived', derivation, file.name);
    await decode(path);
  }

  return files.length;
}

test(`${kills} kills at random moments: at most ${maxTail} ms of tail each, one recording, every frame decodes`, { timeout: 300_000 + kills * 20_000 }, async () => {
  const ann = await newPage(chromium), bob = await newPage(chromium), pages = [ann, bob];
  const folder = await mkdtemp(join(tmpdir(), 'sfu-kill-')), all = [];
  try {
    await ann.goto(server.page(room, 'ann'));
    await bob.goto(server.page(room, 'bob'));
    let begun = Date.now(), first = [0, 0], id;
    for (let n = 1; n <= kills; n++) {
      await flows(pages, first);
      const state = await recording();
      id ??= state.id;
      assert.equal(state.id, id, 'the recording goes on as the same one');
      const sent = (await Promise.all(pages.map((page, i) => streams(page, 'outbound-rtp', first[i])))).flat().filter(stream => stream.packets > 0);
      const moment = Math.random() * 1500;
      await pause(moment);
      const killedAt = Date.now();
      await server.kill('SIGKILL');
      await capture.seen(killedAt);
      const { cost, chunks } = await judge(join(folder, `${n}`), state, id, sent, begun, killedAt);
      console.log(`kill ${n} after ${moment.toFixed(0)} ms: ${cost.map(one => `${one.kind} ${one.lost.toFixed(0)} ms (${one.missing} of ${one.own})`).join(', ')}; ${chunks} chunks`);
      for (const one of cost) assert.ok(one.lost <= maxTail, `kill ${n}: ${one.lost.toFixed(0)} ms of ${one.kind} lost: ${JSON.stringify(one)}`);
      all.push(Math.max(...cost.map(one => one.lost)));
      first = await Promise.all(pages.map(connections));
      begun = Date.now();
      await server.restart();
    }
    await flows(pages, first);
    assert.equal((await recording()).id, id);
    await Promise.all(pages.map(page => page.close()));
    await server.call('DELETE', `/v1/rooms/${room}`);
    const sealed = await until(async () => {
      const one = await server.call('GET', `/v1/recordings/${id}`);
      return one.state === 'sealed' && one;
    }, { what: 'the recording to be sealed', timeout: 60_000, every: 200, describe: () => server.log.slice(-5000) });
    sealedFolder = sealed.folder;
    const { code, report } = await until(async () => {
      const judged = await verify(server, sealed.folder);
      return judged.code !== 5 && judged;                  // TIME_UNATTESTED: a time-stamp may come after the seal
    }, { what: 'the time-stamps', timeout: 20_000, every: 250, describe: () => server.log.slice(-3000) });
    assert.equal(code, 1, JSON.stringify(report.findings));       // VALID_WITH_GAPS: the kills are declared
    const manifest = JSON.parse(await readFile(join(sealed.folder, 'recording.json'), 'utf8'));
    assert.equal(manifest.interruptions.length, kills);
    assert.equal((await archived(id, sealed.folder)).length, manifest.chain.chunks);
    const files = await play(id);
    const worst = `${Math.max(...all).toFixed(0)} ms`, median = `${all.sort((a, b) => a - b)[all.length >> 1].toFixed(0)} ms`;
    console.log(`${kills} kills: worst ${worst}, median ${median}; ${report.packets} packets, ${files} files decode, ${report.verdict}`);
    figure(`kill-${kills}`, [
      { line: 'Kill', what: `tail lost of any stream, ${kills} kills, worst`, value: worst, gate: `<= ${maxTail} ms` },
      { line: 'Kill', what: `tail lost, ${kills} kills, median`, value: median, gate: `<= ${maxTail} ms` },
      { line: 'Kill', what: 'verdict before the restart, after it and sealed', value: `TRUNCATED, ${report.verdict}`, gate: 'never TAMPERED' },
      { line: 'Kill', what: `derived files that ffmpeg -xerror decodes to the end`, value: `${files} of ${files}`, gate: 'all' },
    ].map(row => ({ ...row, test: 'tests/EndToEnd/kill.test.mjs' })));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
