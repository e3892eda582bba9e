// Renegotiation: 200 random publish, unpublish, mute and subscribe operations by Chromium and Firefox; afterwards every
// connection is stable and every live track decodes. The seed is printed; SFU_RENEGOTIATION_SEED replays it.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { Server } from './lib/server.mjs';
import { launchChromium, launchFirefox, newPage } from './lib/browsers.mjs';
import { together } from './lib/together.mjs';
import { until } from './lib/wait.mjs';

const operations = 200, mostTracks = 3;
const seed = Number(process.env.SFU_RENEGOTIATION_SEED ?? Math.floor(Math.random() * 2 ** 31));
let server, chromium, firefox;

before(async () => { [server, chromium, firefox] = await together(Server.start(), launchChromium(), launchFirefox()); });
after(async () => {
  await Promise.allSettled([chromium?.close(), firefox?.close()]);
  await server?.stop();
});

/** mulberry32: the same sequence for the same seed on every machine. */
function random(state) {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Joins through the public browser client, with drawn pictures and a tone as media. */
const join = (page, token) => page.evaluate(async token => {
  const { SfuClient } = await import('/sfu-client.js');
  const client = await SfuClient.connect({ token });
  window.me = { client, errors: [], off: new Set(), sounds: null };
  client.on('error', error => window.me.errors.push(`${error.code}: ${error.message}`));
  client.on('ended', ({ reason }) => window.me.errors.push(`ended: ${reason}`));
}, token);

const publish = (page, kind) => page.evaluate(async kind => {
  let track;
  if (kind === 'video') {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [160, 90];
    const context = canvas.getContext('2d');
    let frame = 0;
    const timer = setInterval(() => {
      context.fillStyle = `hsl(${(frame * 11) % 360} 80% 50%)`;
      context.fillRect(0, 0, 160, 90);
      context.fillStyle = '#fff';
      context.fillRect((frame++ * 5) % 160, 20, 20, 20);
    }, 100);
    track = canvas.captureStream(10).getVideoTracks()[0];
    track.addEventListener('ended', () => clearInterval(timer));
  } else {
    const audio = window.me.sounds ??= new AudioContext();
    const tone = audio.createOscillator(), out = audio.createMediaStreamDestination();
    tone.connect(out);
    tone.start();
    track = out.stream.getAudioTracks()[0];
  }
  await window.me.client.publish(track, { source: 'other' });
}, kind);

const unpublish = (page, pick) => page.evaluate(async pick => {
  const all = [...window.me.client.publications.values()], chosen = all[Math.floor(pick * all.length)];
  await window.me.client.unpublish(chosen.track);
  chosen.media.stop();
}, pick);

const mute = (page, pick) => page.evaluate(async pick => {
  const all = [...window.me.client.publications.values()], chosen = all[Math.floor(pick * all.length)];
  await window.me.client.mute(chosen.track, !chosen.muted);
}, pick);

/** Switches one received track off or on; which one is the test's choice, by position in the list of the others' tracks. */
const subscribe = (page, pick) => page.evaluate(async pick => {
  const { client, off } = window.me;
  const tracks = [...client.participants.values()].flatMap(p => p.tracks);
  if (tracks.length === 0) return false;
  const { id } = tracks[Math.floor(pick * tracks.length)], on = off.has(id);
  try { await client.subscribe([id], on); } catch (error) {
    if (error.code === 'not_found') return false; // it ended while we asked: that is the race this test is about
    throw error;
  }
  if (on) off.delete(id); else off.add(id);
  return true;
}, pick);

const counts = page => page.evaluate(() => {
  const { client } = window.me;
  return { published: client.publications.size, others: [...client.participants.values()].flatMap(p => p.tracks).length };
});

/** What is wrong with a page now: signalling state, tracks that do not arrive, tracks that arrive and should not. */
const faults = page => page.evaluate(async () => {
  const { client, off } = window.me, found = [];
  if (client.state !== 'joined') found.push(`state ${client.state}`);
  const connection = client.connection;
  if (!connection) return ['no connection'];
  if (connection.signalingState !== 'stable') found.push(`signalling ${connection.signalingState}`);
  const bytes = async () => {
    const map = new Map();
    // A section that carried another track before has a row for each SSRC it had.
    (await connection.getStats()).forEach(s => {
      if (s.type !== 'inbound-rtp') return;
      const was = map.get(s.trackIdentifier);
      map.set(s.trackIdentifier, { framesDecoded: (was?.framesDecoded ?? 0) + (s.framesDecoded ?? 0), packetsReceived: (was?.packetsReceived ?? 0) + (s.packetsReceived ?? 0) });
    });
    return map;
  };
  const first = await bytes();
  await new Promise(resolve => setTimeout(resolve, 1500));
  const second = await bytes();
  for (const participant of client.participants.values()) {
    for (const track of participant.tracks) {
      const media = client.received.get(track.id);
      if (off.has(track.id)) { if (media) found.push(`${track.kind} ${track.id} is off and has media`); continue; }
      if (!media) { found.push(`${track.kind} ${track.id} has no media`); continue; }
      if (track.muted) continue;
      const was = first.get(media.id), now = second.get(media.id);
      if (!now) { found.push(`${track.kind} ${track.id} has no statistics`); continue; }
      const gained = track.kind === 'video' ? now.framesDecoded - (was?.framesDecoded ?? 0) : now.packetsReceived - (was?.packetsReceived ?? 0);
      if (!(gained > 2)) found.push(`${track.kind} ${track.id} gained ${gained}`);
    }
  }
  return found;
});

test(`${operations} random operations by Chromium and Firefox leave every connection stable and every live track decoding`, { timeout: 240_000 }, async () => {
  console.log(`seed ${seed}`);
  const next = random(seed);
  const pages = [await newPage(chromium), await newPage(firefox), await newPage(chromium)], names = ['chromium', 'firefox', 'chromium-2'];
  for (const [i, page] of pages.entries()) {
    await page.goto(`${server.base}/healthz/live`);
    await join(page, server.token(names[i], 'churn', { roomCreate: true, canPublish: true, canSubscribe: true }));
  }
  const done = { publish: 0, unpublish: 0, mute: 0, subscribe: 0 };
  const started = performance.now();
  for (let i = 0; i < operations;) {
    const page = pages[Math.floor(next() * pages.length)], { published, others } = await counts(page);
    const what = next(), pick = next();
    const name = what < 0.3 ? 'publish' : what < 0.5 ? 'unpublish' : what < 0.75 ? 'mute' : 'subscribe';
    if (name === 'publish' && published < mostTracks) await publish(page, pick < 0.6 ? 'video' : 'audio');
    else if (name === 'unpublish' && published > 0) await unpublish(page, pick);
    else if (name === 'mute' && published > 0) await mute(page, pick);
    else if (name === 'subscribe' && others > 0) { if (!await subscribe(page, pick)) continue; }
    else continue;
    done[name]++;
    i++;
  }
  for (const page of pages) if ((await counts(page)).published === 0) await publish(page, 'video');
  console.log(`${operations} operations in ${((performance.now() - started) / 1000).toFixed(1)} s: ${JSON.stringify(done)}`);

  let last = [];
  await until(async () => {
    last = (await Promise.all(pages.map(faults))).map((list, i) => list.map(f => `${names[i]}: ${f}`)).flat();
    return last.length === 0;
  }, { what: 'all connections to be stable and all live tracks to decode', timeout: 30_000, every: 200, describe: () => `seed ${seed}\n${last.join('\n')}\n${server.log.slice(-4000)}` });
  for (const [i, page] of pages.entries()) assert.deepEqual(await page.evaluate(() => window.me.errors), [], names[i]);
});
