// Codecs: whatever Chromium can send is published through the server and decoded in a second Chromium; viewers that cannot decode a
// track are told so by its reason and play the rest; H.265 and H.264 with GStreamer. The choice itself, cell by cell, is
// CodecMatrixTests; here real encoders and decoders say that what was chosen works.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { Server } from './lib/server.mjs';
import { launchChromium, newPage } from './lib/browsers.mjs';
import { GstreamerClient, PythonClient } from './lib/python-client.mjs';
import { together } from './lib/together.mjs';
import { until } from './lib/wait.mjs';

let server, sending, receiving;
const grants = { canPublish: true, canSubscribe: true, roomCreate: true };
const cb1 = 'video/H264 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f';
const opus = 'audio/opus minptime=10;useinbandfec=1';

before(async () => { [server, sending, receiving] = await together(Server.start({ 'Rooms:MaxTracks': 32 }), launchChromium(), launchChromium()); });
after(async () => {
  await PythonClient.endAll();
  await Promise.allSettled([sending?.close(), receiving?.close()]);
  await server?.stop();
});

/* c8 ignore start: runs in the page */
/** Lets a test say which codecs a page's next sections offer, `window.testCodecs`; null = all. A codec is its MIME type and parameters. */
function limitCodecs() {
  const nameOf = codec => codec.sdpFmtpLine ? `${codec.mimeType} ${codec.sdpFmtpLine}` : codec.mimeType;
  const helpers = /\/(rtx|ulpfec|flexfec-03|CN|telephone-event)$/i;
  window.testCodecs = null;
  /** What this browser encodes ('send') or decodes ('receive') by its own word; RED of video is a helper, of audio a codec. */
  window.codecsOf = direction => ['video', 'audio'].flatMap(kind =>
    (direction === 'send' ? RTCRtpSender : RTCRtpReceiver).getCapabilities(kind).codecs.map(nameOf).filter(name => !helpers.test(name) && name !== 'video/red'));
  const original = RTCPeerConnection.prototype.addTransceiver;
  RTCPeerConnection.prototype.addTransceiver = function (media, init) {
    const transceiver = original.call(this, media, init);
    const kind = media.kind ?? media;
    if (window.testCodecs === null) return transceiver;
    const capabilities = (init.direction === 'sendonly' ? RTCRtpSender : RTCRtpReceiver).getCapabilities(kind).codecs;
    transceiver.setCodecPreferences([...window.testCodecs, 'video/rtx'].flatMap(name => capabilities.filter(codec => nameOf(codec) === name)));
    return transceiver;
  };
}

/** In the page: joins with the public client and keeps what was refused. */
async function joinHere(token, codecs) {
  window.testCodecs = codecs;
  const { SfuClient } = await import('/sfu-client.js');
  const client = window.client = await SfuClient.connect({ token });
  window.refused = new Map();
  window.failures = [];
  // Chromium decodes only sound that somebody plays.
  client.on('media', ({ media }) => {
    if (media?.kind === 'audio') (window.sounds ??= []).push(Object.assign(new Audio(), { srcObject: new MediaStream([media]), autoplay: true }));
  });
  client.on('refused', ({ track, code }) => window.refused.set(track, code));
  client.on('error', error => window.failures.push(String(error)));
  client.on('ended', ({ reason }) => window.failures.push(`ended: ${reason}`));
}

/** In the page: publishes one track per list of codecs, named by the first of the list. */
async function publishHere(lists) {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [160, 90];
  const context = canvas.getContext('2d');
  let frame = 0;
  setInterval(() => {
    context.fillStyle = `hsl(${(frame * 11) % 360} 80% 50%)`;
    context.fillRect(0, 0, 160, 90);
    context.fillStyle = '#fff';
    context.fillRect((frame++ * 5) % 160, 20, 20, 20);
  }, 100);
  const picture = canvas.captureStream(10).getVideoTracks()[0];
  const audio = new AudioContext(), tone = audio.createOscillator(), out = audio.createMediaStreamDestination();
  tone.connect(out);
  tone.start();
  const receiving = window.testCodecs;
  const published = Promise.all(lists.map(list => {
    window.testCodecs = list;
    const media = list[0].startsWith('video/') ? picture.clone() : out.stream.getAudioTracks()[0].clone();
    return window.client.publish(media, { source: 'other', name: list[0] });
  }));
  window.testCodecs = receiving; // the sections are made already
  await published;
}

/** In the page: what became of every track of the others: by its name what is decoded, with which codec, or why not. */
async function tracksHere() {
  const { client, refused, failures } = window, tracks = {};
  for (const participant of client.participants.values()) {
    if (participant.id === client.self.id) continue;
    for (const { id, name, kind } of participant.tracks) {
      const row = tracks[name || kind] = { refused: refused.get(id) ?? null, codec: null, frames: 0, energy: 0 };
      const receiver = client.connection?.getReceivers().find(r => r.track === client.received.get(id));
      const stats = receiver ? [...(await receiver.getStats()).values()] : [];
      const inbound = stats.find(s => s.type === 'inbound-rtp');
      if (!inbound) continue;
      const codec = stats.find(s => s.id === inbound.codecId);
      Object.assign(row, { codec: codec && [codec.mimeType, codec.sdpFmtpLine].filter(Boolean).join(' '), frames: inbound.framesDecoded ?? 0, energy: inbound.totalAudioEnergy ?? 0, packetBytes: inbound.bytesReceived / inbound.packetsReceived });
    }
  }
  return { tracks, failures };
}

/** In the page: asks a WHEP endpoint to play with all this browser decodes. */
async function offerHere(url, token) {
  const connection = new RTCPeerConnection();
  for (const kind of ['audio', 'video']) connection.addTransceiver(kind, { direction: 'recvonly' });
  await connection.setLocalDescription();
  const answer = await fetch(url, { method: 'POST', body: connection.localDescription.sdp, headers: { authorization: `Bearer ${token}`, 'content-type': 'application/sdp' } });
  connection.close();
  return { status: answer.status, body: await answer.json() };
}
/* c8 ignore stop */

async function join(browser, room, identity, codecs = null) {
  const page = await newPage(browser);
  await page.evaluateOnNewDocument(limitCodecs);
  await page.goto(`${server.base}/healthz/live`);
  await page.evaluate(joinHere, server.token(identity, room, grants), codecs);
  return page;
}

const plays = row => row.refused === null && (row.frames > 10 || row.energy > 0.01);

/** Waits until these tracks of the others play and these are refused, and there is no other. */
async function sees(page, who, playing, refused = []) {
  let seen;
  await until(async () => {
    seen = await page.evaluate(tracksHere);
    assert.deepEqual(seen.failures, []);
    return playing.every(name => seen.tracks[name] && plays(seen.tracks[name])) && refused.every(name => seen.tracks[name]?.refused);
  }, { what: `${who} to play ${playing.join(', ')} and be refused ${refused.join(', ')}`, timeout: 40_000, every: 200, describe: () => JSON.stringify(seen, null, 1) });
  assert.deepEqual(Object.keys(seen.tracks).sort(), [...playing, ...refused].sort(), `${who} knows these tracks`);
  for (const name of refused) assert.deepEqual(seen.tracks[name], { refused: 'no_common_codec', codec: null, frames: 0, energy: 0 }, `${who}: ${name}`);
  return seen.tracks;
}

/** GStreamer decodes pictures and sound of this codec. */
async function decodes(player, codec) {
  const last = await until(() => player.last?.videoFrames > 10 && player.last.energy > 0 && player.last,
    { what: `GStreamer to decode ${codec}`, timeout: 40_000, describe: () => JSON.stringify(player.lines.at(-1)) + player.errors });
  assert.deepEqual(last.codecs, { video: codec, audio: 'OPUS' });
}

describe('codecs', { concurrency: 3 }, () => {
  test('all that Chromium sends is decoded by another one; a viewer of two codecs is refused the others', { timeout: 90_000 }, async t => {
    const publisher = await join(sending, 'all', 'ann');
    // Asked of the browser itself, so that a codec it gains is tested from then on, and one it loses fails here.
    const sent = await publisher.evaluate(() => window.codecsOf('send'));
    t.diagnostic(`Chromium encodes: ${sent.join(', ')}`);
    const families = [...new Set(sent.map(name => name.split(' ')[0]))].sort();
    assert.deepEqual(families, ['audio/G722', 'audio/PCMA', 'audio/PCMU', 'audio/opus', 'audio/red', 'video/AV1', 'video/H264', 'video/VP8', 'video/VP9']);
    await publisher.evaluate(publishHere, sent.map(name => name === 'audio/red' ? [name, opus] : [name]));

    // Constrained baseline in mode 1 takes mode 0 as well (RFC 6184 section 6.3); RED comes as the Opus it wraps.
    const decodable = sent.filter(name => name.startsWith('audio/red') || name === opus || (name.startsWith('video/H264') && name.endsWith('42e01f')));
    const [viewer, limited] = await Promise.all([join(receiving, 'all', 'bo'), join(receiving, 'all', 'cy', [cb1, opus])]);
    const [all, some] = await Promise.all([
      sees(viewer, 'bo', sent),
      sees(limited, 'cy', decodable, sent.filter(name => !decodable.includes(name))),
    ]);
    for (const name of sent) assert.equal(all[name].codec, name === 'audio/red' ? opus : name, 'the codec it is decoded with');
    for (const name of decodable) assert.equal(some[name].codec, name.startsWith('video/') ? cb1 : opus, `${name} as the limited viewer receives it`);
    // getStats names the codec inside RED. That it was RED shows in the second block of each packet, with the same sound as the plain track.
    const sizes = [all['audio/red'], all[opus], some['audio/red']].map(row => Math.round(row.packetBytes));
    assert.ok(sizes[0] > 1.6 * sizes[1] && sizes[2] < 1.2 * sizes[1], `bytes per packet: RED ${sizes[0]}, Opus ${sizes[1]}, RED taken apart ${sizes[2]}`);
    await Promise.all([publisher, viewer, limited].map(page => page.close()));
  });

  test('H.265 from GStreamer is decoded by GStreamer; Chromium is refused it and hears the sound', { timeout: 90_000 }, async () => {
    const publisher = new GstreamerClient('publish', `${server.base}/whip/hevc`, server.token('gst', 'hevc', grants), { codec: 'H265', seconds: 60 });
    await publisher.connected();
    const player = new GstreamerClient('play', `${server.base}/whep/hevc/gst`, server.token('player', 'hevc', grants), { codec: 'H265', seconds: 60 });
    const page = await join(receiving, 'hevc', 'bo');
    assert.deepEqual((await page.evaluate(() => window.codecsOf('receive'))).filter(name => /H265/i.test(name)), [], 'a Chromium that decodes H.265 has to play it here');
    const [seen] = await Promise.all([sees(page, 'bo', ['audio'], ['video']), decodes(player, 'H265')]);
    assert.equal(seen.audio.codec.split(' ')[0], 'audio/opus');
    const whep = await page.evaluate(offerHere, `${server.base}/whep/hevc/gst`, server.token('whep', 'hevc', grants));
    assert.deepEqual([whep.status, whep.body.code], [422, 'no_common_codec'], 'WHEP is all or nothing');
    assert.equal(await player.stop(), 200);
    assert.equal(await publisher.stop(), 200);
    await page.close();
  });

  test('H.264 passes between GStreamer and Chromium, both ways', { timeout: 90_000 }, async () => {
    const publisher = new GstreamerClient('publish', `${server.base}/whip/avc`, server.token('gst', 'avc', grants), { codec: 'H264', seconds: 60 });
    const page = await join(receiving, 'avc', 'bo');
    await page.evaluate(publishHere, [[cb1], [opus]]);
    await publisher.connected();
    const player = new GstreamerClient('play', `${server.base}/whep/avc/bo`, server.token('player', 'avc', grants), { codec: 'H264', seconds: 60 });
    const [seen] = await Promise.all([sees(page, 'bo', ['audio', 'video']), decodes(player, 'H264')]);
    assert.match(seen.video.codec, /^video\/H264 .*packetization-mode=1/);
    assert.equal(await player.stop(), 200);
    assert.equal(await publisher.stop(), 200);
    await page.close();
  });
});
