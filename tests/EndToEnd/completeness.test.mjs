// The gap list of a recording against a capture at the sender's end, at 0, 2, 5 and 10 % loss: packet by packet, from code apart from the server's.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { readFile } from 'node:fs/promises';
import { Server } from './lib/server.mjs';
import { launchChromium, newPage } from './lib/browsers.mjs';
import { Capture, numbersTo } from './lib/capture.mjs';
import { figure } from './lib/figures.mjs';
import { decrypt, isStamped, recordType, rtp, verify } from './lib/journal.mjs';
import { LossyWire } from './lib/lossy-wire.mjs';
import { together } from './lib/together.mjs';
import { until } from './lib/wait.mjs';

const rates = [0, 2, 5, 10];
const inside = '127.0.0.1', udpPort = 7990, repairedByRtx = 1;
let server, chromium, wire, capture;

before(async () => {
  // The server is on loopback and believes to have the wire's address: whatever clients send goes through the wire.
  [server, chromium] = await together(Server.start({
    'Recording:Policy': 'required', 'Media:Address': inside, 'Media:UdpPort': udpPort, 'Media:TcpPort': -1, 'Media:Workers': 1,
  }), launchChromium());
  wire = await LossyWire.start(Server.host, inside, [udpPort]);
  capture = await Capture.start(udpPort);
});
after(async () => {
  await capture?.stop();
  wire?.close();
  await chromium?.close();
  await server?.stop();
});

/** Publishes the page's camera and microphone by WHIP, with RTX or so that what is lost stays lost; returns its SSRCs. */
const publish = (page, room, identity, hasRepair) => page.evaluate(async ({ endpoint, token, hasRepair }) => {
  window.media ??= await navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 320, height: 180, frameRate: 15 } });
  const connection = new RTCPeerConnection();
  const codecs = RTCRtpSender.getCapabilities('video').codecs.filter(c => c.mimeType === 'video/VP8' || (hasRepair && c.mimeType === 'video/rtx'));
  for (const track of window.media.getTracks()) {
    const transceiver = connection.addTransceiver(track, { direction: 'sendonly', streams: [window.media] });
    if (track.kind === 'video') transceiver.setCodecPreferences(codecs);
  }
  await connection.setLocalDescription();
  const offer = hasRepair ? connection.localDescription.sdp : connection.localDescription.sdp.replace(/a=rtcp-fb:\d+ nack\r\n/g, '');
  const answer = await fetch(endpoint, { method: 'POST', body: offer, headers: { 'content-type': 'application/sdp', authorization: `Bearer ${token}` } });
  if (answer.status !== 201) throw new Error(`${answer.status} ${await answer.text()}`);
  await connection.setRemoteDescription({ type: 'answer', sdp: await answer.text() });
}, { endpoint: `${server.base}/whip/${room}`, token: server.token(identity, room, { canPublish: true, roomCreate: true }), hasRepair });

/** What each connection of the page sends: `{ kind: { ssrc, packets } }`. */
const sending = page => page.evaluate(async () => Promise.all(window.testPeerConnections.map(async connection => {
  const kinds = {};
  (await connection.getStats()).forEach(s => { if (s.type === 'outbound-rtp') kinds[s.kind] = { ssrc: s.ssrc, packets: s.packetsSent }; });
  return kinds;
})));

/** 16-bit numbers in the order of capture to extended ones, next to a known extended number (RFC 3550 appendix A.1). */
function extend(numbers, near) {
  let highest = near;
  return numbers.map(number => {
    let step = (number - highest) & 0xffff;
    if (step >= 0x8000) step -= 0x10000;
    const extended = highest + step;
    if (extended > highest) highest = extended;
    return extended;
  });
}

const expand = ranges => ranges.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, i) => first + i));
const sorted = numbers => [...numbers].sort((a, b) => a - b);

/** The numbers of each stream of a track that the journal holds: `Map(number to marks)`. */
function archivedOf(records, track, stream) {
  const numbers = new Map();
  let highest = stream.firstSeq;
  for (const record of records) {
    if (record.type !== recordType.rtp || record.track !== track.no) continue;
    const packet = rtp(record.payload);
    if (packet.ssrc !== stream.ssrc) continue;
    const [extended] = extend([packet.number], highest);
    highest = Math.max(highest, extended);
    assert.ok(!numbers.has(extended), `number ${extended} of ${stream.ssrc} is there twice`);
    numbers.set(extended, record.marks);
  }
  return numbers;
}

/** Compares one stream with the captures; returns what it found. */
function compare(where, manifest, records, seen, track, stream) {
  const name = `${where} ${track.identity} ${track.kind} ${stream.ssrc}`;
  const within = number => number >= stream.firstSeq && number <= stream.lastSeq;
  const sent = new Set(extend(seen.sent[stream.ssrc] ?? [], stream.firstSeq).filter(within));
  const arrived = new Set(extend(seen.arrived[stream.ssrc] ?? [], stream.firstSeq).filter(within));
  const archived = archivedOf(records, track, stream);
  const lost = expand(stream.lost);
  const listed = manifest.gaps.filter(gap => gap.track === track.no && gap.ssrc === stream.ssrc && gap.firstSeq !== null);

  assert.equal(sent.size, stream.lastSeq - stream.firstSeq + 1, `${name}: the capture has every number between the first and the last archived one`);
  assert.deepEqual(sorted([...sent].filter(number => !archived.has(number))), lost, `${name}: sent and not archived is what the manifest calls lost`);
  assert.deepEqual(sorted(listed.flatMap(gap => expand([[gap.firstSeq, gap.lastSeq]]))), lost, `${name}: the gaps name the lost numbers`);
  assert.deepEqual([...new Set(listed.map(gap => gap.cause))], lost.length ? ['wire_loss'] : [], `${name}: causes`);
  assert.deepEqual(stream.withheld, [], name);
  for (const number of lost) assert.ok(!arrived.has(number), `${name}: ${number} arrived at the server and is called lost`);
  const repaired = [...archived].filter(([number]) => !arrived.has(number));
  for (const [number, marks] of repaired) assert.ok(marks & repairedByRtx, `${name}: ${number} never arrived and is archived without having been repaired`);
  assert.equal(stream.archived, archived.size, `${name}: A is what the journal holds`);
  assert.equal(stream.received, stream.archived, `${name}: A == R`);
  assert.notEqual(stream.senderPackets, null, `${name}: sender reports came`);
  assert.equal(stream.senderPackets - stream.received, lost.length, `${name}: S - R is what was lost`);
  return { sent: sent.size, dropped: [...sent].filter(number => !arrived.has(number)).length, repaired: repaired.length, lost: lost.length };
}

test('the gap list is what a capture of the sender says, at 0, 2, 5 and 10 % loss', { timeout: 120_000 }, async () => {
  const page = await newPage(chromium);
  await page.goto(`${server.base}/healthz/live`);
  for (const rate of rates) {
    await publish(page, `loss-${rate}`, 'repaired', true);
    await publish(page, `loss-${rate}`, 'bare', false);
  }

  const all = await until(async () => {
    const connections = await sending(page);
    return connections.length === 2 * rates.length && connections.every(c => c.audio?.packets > 50 && c.video?.packets > 20) && connections;
  }, { what: 'everybody to send', timeout: 30_000, every: 200, describe: () => server.log.slice(-3000) });
  for (const [i, connection] of all.entries()) assert.ok(await wire.lose(connection.audio.ssrc, rates[i >> 1] / 100), 'the wire knows the sender');
  // Loss is counted in packets: until the slowest has sent enough for hundreds of them, and a few sender reports.
  await until(async () => (await sending(page)).every((c, i) => c.audio.packets > all[i].audio.packets + 600 && c.video.packets > all[i].video.packets + 150),
    { what: 'enough packets', timeout: 60_000, every: 200, describe: async () => JSON.stringify(await sending(page)) });
  // At 2 % chance alone may spare a stream, or let each of a handful of repairs be lost too.
  const lossy = all.filter((_, i) => rates[i >> 1] > 0).flatMap(connection => [connection.audio.ssrc, connection.video.ssrc]);
  await until(async () => {
    for (const ssrc of lossy) if (await wire.lost(ssrc) < 6) return false;
    return true;
  }, { what: 'some of every stream to be lost', timeout: 40_000, every: 200 });

  const rows = [];
  const recordings = await Promise.all(rates.map(async rate => {
    const room = `loss-${rate}`;
    const [running] = (await server.call('GET', `/v1/recordings?room=${room}`)).recordings;
    await server.call('DELETE', `/v1/rooms/${room}`);
    const sealed = await until(async () => {
      const one = await server.call('GET', `/v1/recordings/${running.id}`);
      return one.state === 'sealed' && one;
    }, { what: 'the recording to be sealed', timeout: 30_000, every: 200, describe: () => server.log.slice(-3000) });
    await until(() => isStamped(sealed.folder), { what: 'the time-stamps', timeout: 10_000, every: 100 });
    return { rate, folder: sealed.folder };
  }));
  await capture.stop();
  const seen = { sent: numbersTo(Server.host, capture.sent), arrived: numbersTo(inside, capture.packets) };

  for (const { rate, folder } of recordings) {
    const manifest = JSON.parse(await readFile(join(folder, 'recording.json'), 'utf8'));
    const records = await decrypt(server, folder);
    const { code, report } = await verify(server, folder);
    const total = { sent: 0, dropped: 0, repaired: 0, lost: 0 };
    assert.equal(manifest.tracks.length, 4);
    for (const track of manifest.tracks) {
      assert.equal(track.streams.length, 1);
      const found = compare(`${rate} %`, manifest, records, seen, track, track.streams[0]);
      for (const key of Object.keys(total)) total[key] += found[key];
      if (rate > 0 && track.identity === 'bare') assert.ok(found.lost > 0, `${rate} % ${track.kind}: nothing was lost`);
      if (track.identity === 'bare') assert.equal(found.repaired, 0);
    }

    if (rate > 0) assert.ok(total.repaired > 0, `${rate} %: nothing was repaired`);
    else assert.equal(total.dropped, 0);
    assert.equal(manifest.gapsOmitted, 0);
    assert.equal(code, rate === 0 ? 0 : 1, `${rate} %: ${JSON.stringify(report.findings)}`);   // VALID_COMPLETE, VALID_WITH_GAPS
    rows.push({
      line: 'Completeness', what: `${rate} % loss: sent, dropped on the wire, repaired by RTX, in the gap list`,
      value: `${total.sent}, ${total.dropped}, ${total.repaired}, ${total.lost}`, gate: 'each number as captured; A == R; S - R == lost', test: 'tests/EndToEnd/completeness.test.mjs',
    });
    console.log(rows.at(-1).what, rows.at(-1).value, report.verdict);
  }

  figure('completeness', rows);
  await page.close();
});
