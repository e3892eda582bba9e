// The main job: two Chromium, one Firefox and one aiortc in one room; everybody sees and hears everybody else through the server.
// A capture of both sides of the server says that no frame is missing or was held, and so of a freeze whose it was. What came late to the
// server, because its sender stood still, counts against nobody.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { Server } from './lib/server.mjs';
import { inbound, launchChromium, launchFirefox, newPage, outbound, selectedPair } from './lib/browsers.mjs';
import { Capture } from './lib/capture.mjs';
import { freezes, passage, unplayed } from './lib/passage.mjs';
import { AiortcClient } from './lib/python-client.mjs';
import { together } from './lib/together.mjs';
import { pause, until } from './lib/wait.mjs';

const fps = 15, seconds = 30, room = 'call', workers = 8;
const mostHeld = 150;                                    // ms: what makes a freeze is more
let server, chromium, firefox, capture;

before(async () => {
  [server, chromium, firefox] = await together(Server.start(), launchChromium(), launchFirefox());
  capture = await Capture.start(...Array.from({ length: workers }, (_, i) => server.settings['Media:UdpPort'] + i));
});
after(async () => {
  await Promise.allSettled([AiortcClient.endAll(), chromium?.close(), firefox?.close()]);
  await server?.stop();
  await capture?.stop();                                 // last: one that lost packets fails the file
});

/** Rows that carry media now: a section whose producer has left keeps its last figures. */
const live = rows => rows.filter(r => r.packetsReceived > 0 && (r.direction === 'recvonly' || r.direction === 'sendrecv'));
const ofKind = (rows, kind) => live(rows).filter(r => r.kind === kind);

test('2 Chromium, 1 Firefox and 1 aiortc for 30 s: every viewer decodes every producer', { timeout: 120_000 }, async () => {
  const publishing = { canPublish: true, canSubscribe: true, roomCreate: true };
  const ann = await newPage(chromium), bob = await newPage(chromium), eve = await newPage(firefox);
  await ann.goto(server.page(room, 'ann'));
  await Promise.all([bob.goto(server.page(room, 'bob')), eve.goto(server.page(room, 'eve'))]);
  const dan = new AiortcClient('publish', `${server.base}/whip/${room}`, server.token('dan', room, publishing), { seconds: 90, fps });
  const watcher = new AiortcClient('play', `${server.base}/whep/${room}/ann`, server.token('watcher', room, { canSubscribe: true }), { seconds: 90 });
  await Promise.all([dan.connected(), watcher.connected()]);

  const pages = { ann, bob, eve };
  for (const [name, page] of Object.entries(pages)) {
    await until(async () => {
      const rows = await inbound(page);
      return ofKind(rows, 'video').filter(r => r.framesDecoded > 0).length === 3 && ofKind(rows, 'audio').length === 3;
    }, { what: `${name} to decode three videos and hear three voices`, timeout: 30_000, every: 200, describe: () => `${page.errors.join('\n')}\n${server.log.slice(-4000)}` });
  }
  await pause(2000); // the encoders' start-up, with its low frame rate, is not what is measured

  const first = await Promise.all(Object.values(pages).map(inbound));
  const sent = await Promise.all(Object.values(pages).map(outbound));
  const [danFirst, watcherFirst] = [dan.last, watcher.last];
  const began = Date.now();
  await pause(seconds * 1000);
  const ended = Date.now();
  await capture.seen(ended);
  const second = await Promise.all(Object.values(pages).map(inbound));
  const sentAfter = await Promise.all(Object.values(pages).map(outbound));
  const [danSecond, watcherSecond] = [dan.last, watcher.last];

  // The rate every producer really had: a busy machine's fake camera may give less than was asked for.
  const rate = (before, after) => {
    const [a, b] = [before, after].map(rows => rows.find(r => r.kind === 'video' && r.framesEncoded > 0));
    return (b.framesEncoded - a.framesEncoded) / ((b.at - a.at) / 1000);
  };
  const rates = [...sent.map((rows, i) => rate(rows, sentAfter[i])), (danSecond.sent - danFirst.sent) / (danSecond.t - danFirst.t)];
  const slowest = Math.min(...rates);
  const report = [], packets = capture.packets.filter(packet => packet.at >= began && packet.at <= ended);
  Object.keys(pages).forEach((name, i) => {
    const videos = ofKind(second[i], 'video');
    assert.equal(videos.length, 3, `${name} must receive the three others and never itself`);
    assert.equal(ofKind(second[i], 'audio').length, 3, `${name} must hear the three others and never itself`);
    // Which row is whose is not in the statistics: compare the sorted rates with the sorted rates of the others.
    const others = rates.filter((_, other) => other !== i).sort((x, y) => x - y);
    const decoded = videos.map(row => {
      const was = first[i].find(r => r.ssrc === row.ssrc && r.kind === 'video');
      return { fps: (row.framesDecoded - was.framesDecoded) / ((row.at - was.at) / 1000), freezes: (row.freezeCount ?? 0) - (was.freezeCount ?? 0),
        lost: row.packetsLost - was.packetsLost, asked: row.pliCount - was.pliCount, way: passage(packets, row.ssrc) };
    }).sort((x, y) => x.fps - y.fps);
    decoded.forEach((row, k) => {
      const { way } = row, through = `${way.frames} frames, ${way.missing} not passed on, at most ${way.longest.toFixed(0)} ms in the server`;
      report.push(`${name}: decodes ${row.fps.toFixed(1)} of ${others[k].toFixed(1)} fps, ${row.freezes} freezes, ${freezes(way.came)} came so; ${through}`);
      assert.ok(way.frames >= 0.5 * fps * seconds, `the capture has ${through} of a stream to ${name}`);
      if (capture.isWhole) assert.equal(way.missing, 0, `of a stream to ${name}: ${through}`);
      assert.ok(row.fps >= 0.9 * others[k], `${name} decodes ${row.fps.toFixed(2)} fps of a producer that sends ${others[k].toFixed(2)}`);
      assert.ok(way.longest <= mostHeld, `of a stream to ${name}: ${through}`);
      // With every frame through at once, and nothing lost or asked for, it was the viewer that stood still.
      const late = freezes(way.came);
      assert.ok(row.freezes <= 1 + late, `${name} saw ${row.freezes} freezes: ${through}; ${late} came so; ${row.lost} packets lost, ${row.asked} key frames asked for`);
    });
    for (const row of ofKind(second[i], 'audio')) {
      const was = first[i].find(r => r.ssrc === row.ssrc && r.kind === 'audio');
      const concealed = (row.concealedSamples - was.concealedSamples) / Math.max(1, row.totalSamplesReceived - was.totalSamplesReceived);
      const way = passage(packets, row.ssrc), late = unplayed(way.came), made = unplayed(way.left) - late;
      const told = `${(100 * concealed).toFixed(2)} %; of that late at the server ${(100 * late).toFixed(2)} %, by the server ${(100 * made).toFixed(2)} %`;
      report.push(`${name}: energy +${(row.totalAudioEnergy - was.totalAudioEnergy).toFixed(4)}, concealed ${told}`);
      if (capture.isWhole) assert.equal(way.missing, 0, `of sound to ${name}`);
      assert.ok(made < 0.01, `${name} conceals ${told}`);
      assert.ok(row.totalAudioEnergy > was.totalAudioEnergy, `${name} hears silence`);
      assert.ok(concealed < Math.max(0.05, late), `${name} conceals ${told}`);
    }
  });
  const watched = (watcherSecond.videoFrames - watcherFirst.videoFrames) / (watcherSecond.t - watcherFirst.t);
  report.push(`aiortc watching ann: ${watched.toFixed(1)} of ${rates[0].toFixed(1)} fps, energy +${(watcherSecond.energy - watcherFirst.energy).toFixed(4)}`);
  assert.ok(watched >= 0.9 * rates[0], `aiortc decodes ${watched.toFixed(1)} fps of ann's ${rates[0].toFixed(1)}: ${JSON.stringify([watcherFirst, watcherSecond])}`);
  assert.ok(watcherSecond.energy > watcherFirst.energy, 'aiortc hears silence');
  report.push(`slowest producer ${slowest.toFixed(1)} fps`);
  console.log(report.join('\n'));
  assert.ok(slowest >= 0.6 * fps, `a producer sent only ${slowest.toFixed(1)} fps: this machine is too busy to judge`);

  const pair = await selectedPair(ann);
  const ownPort = pair.remotePort - server.settings['Media:UdpPort'];   // one for each worker
  assert.ok(ownPort >= 0 && ownPort < workers, `media must pass the server, not port ${pair.remotePort}`);
  assert.equal(await dan.stop(), 200);
  assert.equal(await watcher.stop(), 200);
  await until(async () => await bob.evaluate(() => document.querySelectorAll('article.tile').length) === 3, { what: 'dan to vanish from bob\'s call', timeout: 10_000 });
});
