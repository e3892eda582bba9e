// Playable files of a recorded call through the server: tracks, sound and composite, downloaded, decoded by ffmpeg and played by Chromium; the
// same for a recording that was cut off by kill -9 and went on. What the killed server was making is made after the restart. Simulcast, a turned
// camera and somebody without media, in a call of three.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Server } from './lib/server.mjs';
import { decode } from './lib/decode.mjs';
import { inbound, launchChromium, newPage, outbound } from './lib/browsers.mjs';
import { figure } from './lib/figures.mjs';
import { AiortcClient } from './lib/python-client.mjs';
import { together } from './lib/together.mjs';
import { pause, until } from './lib/wait.mjs';

const run = promisify(execFile);
const shots = fileURLToPath(new URL('../../artifacts/screenshots/', import.meta.url));
const tolerance = 50;                                     // ms, docs/derivation.md
let server, chromium, folder, pending;
const measured = { track: 0, end: 0, audio: 0, composite: 0, files: 0, frames: 0 };

before(async () => {
  await mkdir(shots, { recursive: true });
  folder = await mkdtemp(join(tmpdir(), 'sfu-derived-'));
  [server, chromium] = await together(Server.start({ 'Recording:Policy': 'required' }), launchChromium());
});
after(async () => {
  await Promise.allSettled([AiortcClient.endAll(), chromium?.close()]);
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});


const framesOf = async page => (await inbound(page)).reduce((sum, r) => sum + (r.kind === 'video' ? r.framesDecoded ?? 0 : 0), 0);
const decodes = (page, more = 20, since = 0) => until(async () => (await framesOf(page)) > since + more,
  { what: 'video to be decoded', timeout: 60_000, every: 200, describe: () => `${page.errors.join('\n')}\n${server.log.slice(-3000)}` });

/** Two people in a room that is recorded. */
async function begin(room) {
  const pages = [await newPage(chromium), await newPage(chromium)];
  await pages[0].goto(server.page(room, 'ann'));
  await pages[1].goto(server.page(room, 'bob'));
  await Promise.all(pages.map(page => decodes(page)));
  const [recording] = (await server.call('GET', `/v1/recordings?room=${room}`)).recordings;
  return { pages, recording };
}

/** What must be recorded ends with its room. */
async function end(room, recording, pages) {
  await server.call('DELETE', `/v1/rooms/${room}`);
  const one = await until(async () => {
    const now = await server.call('GET', `/v1/recordings/${recording.id}`);
    return now.state === 'sealed' && now;
  }, { what: 'the recording to be sealed', timeout: 30_000, every: 200, describe: () => server.log.slice(-5000) });
  await Promise.all(pages.map(page => page.close()));
  return { ...one, manifest: JSON.parse(await readFile(join(one.folder, 'recording.json'), 'utf8')) };
}

const order = (recording, wish) => server.call('POST', `/v1/recordings/${recording.id}/derivations`, wish);
const ready = derivation => until(async () => {
  const now = await server.call('GET', `/v1/derivations/${derivation.id}`);
  assert.notEqual(now.state, 'failed', `${JSON.stringify(now)}\n${server.log.slice(-3000)}`);
  assert.ok(now.progress >= 0 && now.progress <= 1);
  return now.state === 'ready' && now;
}, { what: 'the derivation', timeout: 120_000, every: 200, describe: () => server.log.slice(-3000) });

/** Downloads a file, a part of it too, and lets ffmpeg decode all of it. */
async function fetchFile(file) {
  const part = await server.fetch(file.url, { bearer: server.backEnd(), headers: { range: 'bytes=10-109' } });
  assert.equal(part.status, 206);
  assert.equal(part.headers.get('content-range'), `bytes 10-109/${file.bytes}`);
  const whole = Buffer.from(await (await server.fetch(file.url, { bearer: server.backEnd() })).arrayBuffer());
  assert.deepEqual(Buffer.from(await part.arrayBuffer()), whole.subarray(10, 110));
  assert.equal(whole.length, file.bytes);
  assert.equal(createHash('sha256').update(whole).digest('hex'), file.sha256);
  const path = join(folder, `${file.sha256.slice(0, 8)}-${file.name}`);
  await writeFile(path, whole);
  await decode(path);
  if (file.name === 'composite.mp4') {
    const plain = await run('ffmpeg', ['-v', 'warning', '-i', path, '-f', 'null', '-']);
    assert.equal(plain.stderr, '', 'a composite has a constant rate: nobody must guess it');
  }
  const { streams, format } = JSON.parse((await run('ffprobe', ['-v', 'error', '-count_frames', '-show_streams', '-show_format', '-of', 'json', path])).stdout);
  if (file.name === 'composite.mp4') assert.deepEqual([streams[0].r_frame_rate, streams[0].avg_frame_rate], ['60/1', '60/1']);
  measured.files++;
  measured.frames += streams.filter(s => s.codec_type === 'video').reduce((sum, s) => sum + Number(s.nb_read_frames), 0);
  return { path, streams, ms: Number(format.duration) * 1000 };
}

const note = (kind, error) => { measured[kind] = Math.max(measured[kind], Math.abs(error)); };

/** Plays files to their end in a page of the server's origin. */
async function play(files) {
  const page = await newPage(chromium);
  await page.goto(`${server.base}/healthz/live`);
  await page.bringToFront();
  for (const file of files) {
    const played = await page.evaluate(async (url, bearer, type) => {
      const video = document.createElement('video');
      document.body.replaceChildren(video);
      video.muted = true;
      const bytes = await (await fetch(url, { headers: { authorization: `Bearer ${bearer}` } })).arrayBuffer();
      const over = new Promise(resolve => {
        for (const event of ['ended', 'error']) video.addEventListener(event, resolve, { once: true });
        setTimeout(resolve, 30_000);
      });
      video.src = URL.createObjectURL(new Blob([bytes], { type }));
      video.playbackRate = 8;
      await video.play().catch(() => { });
      await over;
      return { ended: video.ended, at: video.currentTime, frames: video.getVideoPlaybackQuality().totalVideoFrames, error: video.error?.message ?? '' };
    }, file.url, server.backEnd(), file.name.endsWith('.mp4') ? 'video/mp4' : file.name.endsWith('.wav') ? 'audio/wav' : 'video/webm');
    assert.equal(played.error, '', file.name);
    assert.ok(played.ended, `${file.name} stopped at ${played.at}`);
    if (file.isVideo) assert.ok(played.frames > 5, `${file.name} showed ${played.frames} frames`);
  }
  await page.close();
}

/** One picture of a composite: mean, spread and bright pixels of rectangles of it. */
async function look(path, seconds, shot) {
  await run('ffmpeg', ['-v', 'error', '-y', '-ss', String(seconds), '-i', path, '-frames:v', '1', `${shots}${shot}.png`]);
  const { stdout } = await run('ffmpeg', ['-v', 'error', '-ss', String(seconds), '-i', path, '-frames:v', '1', '-f', 'rawvideo', '-pix_fmt', 'gray', '-'],
    { encoding: 'buffer', maxBuffer: 8 << 20 });
  assert.equal(stdout.length, 1280 * 720);
  return (x, y, width, height) => {
    let sum = 0, squares = 0, bright = 0;
    for (let row = y; row < y + height; row++) for (let column = x; column < x + width; column++) {
      const value = stdout[row * 1280 + column];
      sum += value;
      squares += value * value;
      if (value > 200) bright++;
    }
    const pixels = width * height, mean = sum / pixels;
    return { mean, spread: Math.sqrt(squares / pixels - mean * mean), bright: bright / pixels };
  };
}

/** Two seats of the same size beside each other, each with a picture and a name in white on a dark box below. */
function assertTwoSeats(at) {
  for (const left of [0, 640]) {
    const picture = at(left + 40, 200, 560, 320), name = at(left + 4, 660, 70, 54), beside = at(left + 400, 660, 200, 54);
    assert.ok(picture.spread > 10, `the seat at ${left} has no picture: ${JSON.stringify(picture)}`);
    assert.ok(name.bright > 0.02 && name.bright < 0.6, `the seat at ${left} has no name: ${JSON.stringify(name)}`);
    assert.equal(beside.bright, 0, `the seat at ${left} is bright beside its name`);
  }
}

test('tracks, sound and composite of a call are downloaded, decode and play, with the times of the recording', { timeout: 180_000 }, async () => {
  const { pages, recording } = await begin('derived');
  const early = await server.ask('POST', `/v1/recordings/${recording.id}/derivations`, { kind: 'track' });
  assert.equal(early.status, 409, 'nothing of it is signed yet');
  await pause(4000);
  const { manifest } = await end('derived', recording, pages);
  const length = Date.parse(manifest.endedUtc) - Date.parse(manifest.startedUtc);
  assert.equal(manifest.tracks.length, 4);
  const wishes = [...manifest.tracks.map(track => ({ kind: 'track', track: track.no })), { kind: 'audio' }, { kind: 'composite', layout: 'grid' }];
  const made = [];
  for (const [i, derivation] of (await Promise.all(wishes.map(wish => order(recording, wish)))).entries()) made.push([wishes[i], (await ready(derivation)).files]);

  const played = [];
  for (const [wish, files] of made) {
    assert.ok(files.length >= 1);
    for (const file of files) {
      const { path, streams, ms } = await fetchFile(file);
      const isVideo = streams.some(s => s.codec_type === 'video');
      played.push({ ...file, isVideo });
      if (wish.kind === 'track') {
        assert.equal(file.track, wish.track);
        assert.equal(isVideo, manifest.tracks.find(t => t.no === wish.track).kind === 'video');
        note('track', ms - file.durationMs);
      } else if (wish.kind === 'audio') {
        note('audio', ms - length);
      } else {
        note('composite', ms - length);
        assertTwoSeats(await look(path, length / 2000, 'composite-grid'));
      }
    }
    // Everybody sent until the room was closed: the last file of a track ends with the recording.
    if (wish.kind === 'track') note('end', files.at(-1).startMs + files.at(-1).durationMs - length);
  }
  console.log(`${JSON.stringify(measured)}; the call took ${length} ms`);
  assert.equal(made.filter(([wish]) => wish.kind === 'audio')[0][1].length, 2);
  for (const kind of ['track', 'audio', 'composite']) assert.ok(measured[kind] <= tolerance, `${kind} is ${measured[kind]} ms off`);
  assert.ok(measured.end <= 5000, `a track ends ${measured.end} ms before the recording, which was sealed when all had left`);
  await play(played);
  const nothing = await order(recording, { kind: 'track', track: 99 });
  const failed = await until(async () => {
    const now = await server.call('GET', `/v1/derivations/${nothing.id}`);
    return now.state === 'failed' && now;
  }, { what: 'the failure', timeout: 30_000, every: 200 });
  assert.equal(failed.reason, 'nothing_to_derive');
  pending = recording;
});

/** A camera of three sizes (Chromium sends no third below 960x540), published by WHIP from a page of the server's origin. */
const simulcast = (page, room) => page.evaluate(async (room, token) => {
  const { track } = window.camera = { track: (await navigator.mediaDevices.getUserMedia({ video: { width: 1280, height: 720, frameRate: 10 } })).getVideoTracks()[0] };
  const connection = new RTCPeerConnection();
  connection.addTransceiver(track, {
    direction: 'sendonly', sendEncodings: [['q', 4], ['h', 2], ['f', 1]].map(([rid, scaleResolutionDownBy]) => ({ rid, scaleResolutionDownBy, maxBitrate: 800_000 / scaleResolutionDownBy })),
  });
  await connection.setLocalDescription();
  const answer = await fetch(`/whip/${room}`, { method: 'POST', body: connection.localDescription.sdp, headers: { 'content-type': 'application/sdp', authorization: `Bearer ${token}` } });
  if (answer.status !== 201) throw new Error(`${answer.status} ${await answer.text()}`);
  // Else a busy browser takes half a minute until it trusts the path with the largest.
  const sdp = (await answer.text()).replace(/a=rtpmap:(\d+) VP8\/90000\r\n/g, '$&a=fmtp:$1 x-google-start-bitrate=2500\r\n');
  await connection.setRemoteDescription({ type: 'answer', sdp });
}, room, server.token('many', room, { canPublish: true, roomCreate: true }, { name: 'Many' }));

/** Somebody joins and sends nothing. */
const listen = (page, room) => page.evaluate(url => new Promise((resolve, reject) => {
  const socket = window.socket = new WebSocket(url, 'sfu.v1');
  socket.onmessage = ({ data }) => { if (JSON.parse(data).type === 'joined') resolve(); };
  socket.onclose = event => reject(new Error(`closed: ${event.code} ${event.reason}`));
  socket.onopen = () => socket.send(JSON.stringify({ type: 'join', id: 1, v: 1, client: { name: 'test' } }));
  setInterval(() => socket.send(JSON.stringify({ type: 'ping' })), 5000);
}), `${server.base.replace('http', 'ws')}/ws?access_token=${server.token('quiet', room, { canSubscribe: true }, { name: 'Quiet' })}`);

test('simulcast gives one file for each size, a turned camera is turned, and who sends nothing is seen', { timeout: 180_000 }, async () => {
  const room = 'layers', page = await newPage(chromium);
  await page.goto(`${server.base}/healthz/live`);
  await simulcast(page, room);
  await listen(page, room);
  const turned = new AiortcClient('publish', `${server.base}/whip/${room}`, server.token('turned', room, { canPublish: true }, { name: 'Turned' }), { seconds: 60, rotate: 90 });
  let sizes = '';
  const layers = async () => {
    const rows = (await outbound(page)).filter(row => row.kind === 'video');
    sizes = rows.map(row => `${row.rid} ${row.frameWidth}x${row.frameHeight} ${row.framesSent}`).join(', ');
    return rows.filter(row => row.framesSent > 20).map(row => row.rid).sort();
  };
  await until(async () => (await layers()).join() === 'f,h,q', { what: 'all three sizes to be sent', timeout: 60_000, every: 200, describe: () => `${sizes}` });
  await until(() => turned.last?.sent > 30 && turned.last, { what: 'the turned camera', timeout: 30_000, describe: () => turned.errors });
  const sent = new Map((await outbound(page)).map(row => [row.rid, row.framesSent]));
  await pause(1500);
  const [recording] = (await server.call('GET', `/v1/recordings?room=${room}`)).recordings;
  const { manifest } = await end(room, recording, [page]);
  await turned.stop();
  const length = Date.parse(manifest.endedUtc) - Date.parse(manifest.startedUtc);
  const numberOf = identity => manifest.tracks.find(track => track.identity === identity && track.kind === 'video').no;
  const [many, one, whole] = await Promise.all((await Promise.all([{ kind: 'track', track: numberOf('many') }, { kind: 'track', track: numberOf('turned') }, { kind: 'composite' }]
    .map(wish => order(recording, wish)))).map(ready));

  assert.equal(many.files.length, 3, many.files.map(file => file.name).join());
  for (const [rid, width] of [['q', 320], ['h', 640], ['f', 1280]]) {
    const file = many.files.find(file => file.name.includes(`-${rid}.1.`));
    const { path, streams, ms } = await fetchFile(file);
    assert.equal(streams[0].width, width, `the size of ${file.name}`);
    note('track', ms - file.durationMs);
    const { packets } = JSON.parse((await run('ffprobe', ['-v', 'error', '-of', 'json', '-show_entries', 'packet=pts_time', path])).stdout);
    const times = packets.map(packet => Number(packet.pts_time));
    const step = Math.max(...times.slice(1).map((time, i) => time - times[i]));
    console.log(`${file.name}: ${times.length} pictures, ${file.startMs} to ${file.startMs + file.durationMs} of ${length} ms, longest step ${(step * 1000).toFixed(0)} ms`);
    // A browser that doubts its path stops the larger ones for seconds; what it sent is there, in one file.
    assert.ok(times.length >= sent.get(rid), `${file.name} has ${times.length} of ${sent.get(rid)} pictures`);
    assert.ok(step > 0 && (rid !== 'q' || step <= 2), `${file.name} stands still for ${step} s`);
  }
  const [picture] = one.files;
  assert.equal((await fetchFile(picture)).streams[0].tags.ROTATION, '90');
  const { path, ms } = await fetchFile(whole.files[0]);
  note('composite', ms - length);

  // Two above, the third below in the middle. The turned one is upright: as high as its seat, with bars beside it; its grey goes on all the time.
  const views = [];
  for (const before of [1500, 500]) views.push(await look(path, (length - before) / 1000, 'composite-three'));
  assert.ok(views[0](100, 60, 400, 200).spread > 10, 'the simulcast camera is not seen');
  for (const at of views) assert.ok(at(650, 100, 120, 120).mean < 60, 'no bar beside the turned picture');
  assert.ok(Math.abs(views[0](900, 10, 60, 40).mean - views[1](900, 10, 60, 40).mean) > 15, 'the turned picture is not as high as its seat');
  const name = views[0](322, 686, 70, 30), empty = views[0](360, 390, 560, 240);
  assert.ok(name.bright > 0.02 && name.bright < 0.6 && empty.spread < 5, `who sends nothing has no seat with a name: ${JSON.stringify([name, empty])}`);
  assert.ok(measured.track <= tolerance && measured.composite <= tolerance, JSON.stringify(measured));
  await play([many.files.find(file => file.name.includes('-f.')), picture, ...whole.files].map(file => ({ ...file, isVideo: true })));
});

test('a recording that was cut off by kill -9 and went on plays with a slate for the gap, and before its end up to the last signed segment', { timeout: 180_000 }, async () => {
  const { pages, recording } = await begin('cut');
  await pause(2000);
  const taken = await order(pending, { kind: 'composite', layout: 'active_speaker' });
  await until(async () => (await server.call('GET', `/v1/derivations/${taken.id}`)).state === 'running', { what: 'the derivation to run', timeout: 30_000, every: 50 });
  await server.kill('SIGKILL');
  await pause(2500);
  await server.restart();
  const before = await Promise.all(pages.map(framesOf));
  const running = await order(recording, { kind: 'track' });         // it still runs: what recovery signed
  await Promise.all(pages.map((page, i) => decodes(page, 30, before[i])));
  const speaker = await ready(taken);
  assert.equal(speaker.files.length, 1);
  const first = await ready(running);
  for (const file of first.files) await fetchFile(file);
  const { manifest } = await end('cut', recording, pages);
  assert.equal(manifest.interruptions.length, 1);
  const length = Date.parse(manifest.endedUtc) - Date.parse(manifest.startedUtc);
  const [gap] = manifest.interruptions.map(one => (Date.parse(one.fromUtc) + Date.parse(one.toUtc)) / 2 - Date.parse(manifest.startedUtc));
  assert.ok(Math.max(...first.files.map(file => file.startMs + file.durationMs)) < gap, 'files of the running recording end before the gap');

  const [whole, grid] = await Promise.all((await Promise.all([{ kind: 'track' }, { kind: 'composite' }].map(wish => order(recording, wish)))).map(ready));
  assert.equal(new Set(whole.files.map(file => file.track)).size, 8, 'four tracks before and after');
  let last = length;                                      // when both are still seen
  for (const file of whole.files) {
    const { ms, streams } = await fetchFile(file);
    note('track', ms - file.durationMs);
    if (file.startMs > gap && streams.some(s => s.codec_type === 'video')) last = Math.min(last, file.startMs + ms);
  }
  const spoken = await fetchFile(speaker.files[0]);
  await look(spoken.path, spoken.ms / 2000, 'composite-speaker');
  const { path, ms } = await fetchFile(grid.files[0]);
  note('composite', ms - length);
  console.log(`${JSON.stringify(measured)}; the call took ${length} ms with a gap around ${gap.toFixed(0)} ms`);
  const at = await look(path, gap / 1000, 'composite-gap');
  for (const left of [0, 640]) {
    const tile = at(left + 8, 100, 624, 540), notice = at(left + 120, 310, 400, 100);
    assert.ok(notice.bright > 0.01, `no slate at ${left}: ${JSON.stringify(notice)}`);
    assert.ok(tile.mean < 60, `a picture at ${left} where nothing was recorded: ${JSON.stringify(tile)}`);
  }
  assertTwoSeats(await look(path, (last - 300) / 1000, 'composite-after'));
  assert.ok(measured.track <= tolerance && measured.composite <= tolerance, JSON.stringify(measured));
  await play([...whole.files, ...grid.files].map(file => ({ ...file, isVideo: file === grid.files[0] })));
  figure('derivation', [
    { line: 'Playable files', what: 'of two calls, one of them cut off by kill -9, that ffmpeg decodes without a word', value: `${measured.files} files, ${measured.frames} pictures`, gate: 'all', test: 'tests/EndToEnd/derivation.test.mjs' },
    { line: 'Playable files', what: 'length of WAV files against the recording', value: `${measured.audio.toFixed(0)} ms`, gate: `<= ${tolerance} ms`, test: 'tests/EndToEnd/derivation.test.mjs' },
    { line: 'Playable files', what: 'length of track files against what was recorded on them, worst', value: `${measured.track.toFixed(0)} ms`, gate: `<= ${tolerance} ms`, test: 'tests/EndToEnd/derivation.test.mjs' },
  ]);
});
