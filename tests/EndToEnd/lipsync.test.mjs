// Lip sync of derived files, from a real browser through the real server: a page publishes a canvas that flashes and a sound that beeps, the
// recording is derived by the REST API, and pictures and samples of the files are measured.
//
// What is measured: the time of each flash minus that of its beep in the file, less what the page says of when it drew the one and of the time
// that it gave the samples of the other. Everything that browser and server add is in it. On a quiet machine that is below 1 ms; on a busy one
// the browser reports the RTP time of a sound packet up to some 20 ms late (libwebrtc, RTCPSender::SetLastRtpTime), twice in such a call, which is about
// the same for all of it and nothing that a server can know. So the gate is on how far any beep is from the file's median, and the median has one too.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { join } from 'node:path';
import { mkdir, writeFile } from 'node:fs/promises';
import { Server } from './lib/server.mjs';
import { launchChromium, newPage, outbound } from './lib/browsers.mjs';
import { apart, beeps, flashAndBeep, flashes, median, p99 } from './lib/flash.mjs';
import { figure } from './lib/figures.mjs';
import { together } from './lib/together.mjs';
import { until } from './lib/wait.mjs';

const run = promisify(execFile);
const gate = 20, reports = 40, seconds = 12;             // ms, ms, flashes
let server, chromium;

before(async () => {
  [server, chromium] = await together(Server.start({ 'Recording:Policy': 'required' }), launchChromium());
});
after(async () => {
  await chromium?.close();
  await server?.stop();
});

/** Makes a derivation and gives its files: `[{ path, start }]`, `start` being the Unix time of the file's time 0 in seconds. */
async function derive(room, recording, wish, folder) {
  const { id } = await server.call('POST', `/v1/recordings/${recording}/derivations`, wish);
  const made = await until(async () => {
    const now = await server.call('GET', `/v1/derivations/${id}`);
    assert.notEqual(now.state, 'failed', JSON.stringify(now));
    return now.state === 'ready' && now;
  }, { what: 'the derivation', timeout: 60_000, every: 200, describe: () => server.log.slice(-3000) });
  await mkdir(folder, { recursive: true });
  const files = [];
  for (const { name, url } of made.files.filter(file => /\.(webm|mp4)$/.test(file.name))) {
    const response = await server.fetch(new URL(url, server.base).pathname, { bearer: server.backEnd() });
    assert.equal(response.status, 200, url);
    const path = join(folder, name);
    await writeFile(path, Buffer.from(await response.arrayBuffer()));
    const probe = JSON.parse((await run('ffprobe', ['-v', 'error', '-of', 'json', '-show_format', '-show_streams', path])).stdout);
    const tag = Object.entries(probe.format.tags).find(([key]) => key.toUpperCase() === 'START_UTC')[1];
    files.push({ path, start: Date.parse(tag) / 1000 + Number(`0.000${tag.slice(23, 26)}`), hasVideo: probe.streams.some(stream => stream.codec_type === 'video') });
  }
  return files;
}

/** What the files add to the page's own time between flash and beep, in ms. */
const added = (seen, heard, events) => apart(seen, heard).flatMap(one => {
  const event = events.find(({ flash }) => Math.abs(flash / 1000 - one.at) < 0.45);
  return event ? [one.apart - (event.flash - event.beep)] : [];
});

const later = (times, by) => times.map(time => time + by);

for (const loss of [0, 5]) {
  test(`flash and beep agree in the files, at ${loss} % loss`, { timeout: 120_000 }, async () => {
    const room = `lips${loss}`;
    const page = await newPage(chromium);
    await page.evaluateOnNewDocument(flashAndBeep);
    await page.goto(server.page(room, 'ann', { video: '320x180@30' }));
    await until(async () => (await outbound(page)).some(row => row.kind === 'video' && row.framesSent > 5),
      { what: 'pictures to be sent', timeout: 30_000, describe: () => `${page.errors.join('\n')}\n${server.log.slice(-3000)}` });
    if (loss > 0) {
      await run('nft', ['add table inet lips; add chain inet lips in { type filter hook input priority 0 ; };'
        + ` add rule inet lips in udp dport ${server.port + 2} numgen random mod 100 < ${loss} drop`]);
    }
    const events = await until(async () => {
      const now = await page.evaluate(() => window.source.events());
      return now.length >= seconds && now;
    }, { what: `${seconds} flashes`, timeout: 60_000, every: 250 });
    const [running] = (await server.call('GET', `/v1/recordings?room=${room}`)).recordings;
    await page.close();
    if (loss > 0) await run('nft', ['delete table inet lips']);
    await server.call('DELETE', `/v1/rooms/${room}`);
    await until(async () => (await server.call('GET', `/v1/recordings/${running.id}`)).state === 'sealed',
      { what: 'the recording to be sealed', timeout: 30_000, every: 200, describe: () => server.log.slice(-3000) });

    const tracks = await derive(room, running.id, { kind: 'track' }, join(server.data, `tracks${loss}`));
    const video = tracks.find(file => file.hasVideo), audio = tracks.find(file => !file.hasVideo);
    const [composite] = await derive(room, running.id, { kind: 'composite' }, join(server.data, `composite${loss}`));
    const files = {
      'track files': added(later(await flashes(video.path), video.start), later(await beeps(audio.path), audio.start), events),
      composite: added(later(await flashes(composite.path), composite.start), later(await beeps(composite.path), composite.start), events),
    };
    for (const [what, rows] of Object.entries(files)) {
      const middle = median(rows), worst = p99(rows.map(row => row - middle));
      console.log(`${what}, ${loss} % loss: ${rows.length} beeps, p99 ${p99(rows).toFixed(1)} ms, ${worst.toFixed(1)} about the median of ${middle.toFixed(1)}`);
      assert.ok(rows.length >= seconds * 0.6, `${what}: ${rows.length} of ${events.length} can be measured`);
      assert.ok(worst <= gate, `${what}: ${rows.map(row => row.toFixed(1)).join(' ')}`);
      assert.ok(Math.abs(middle) <= reports, `${what}: ${middle} ms is more than a browser adds`);
    }
    figure(`lip-sync-browser-${loss}`, Object.entries(files).map(([what, rows]) => ({
      line: 'Lip sync', what: `${what}: Chromium through the server, ${loss} % loss, ${rows.length} beeps, p99`,
      value: `${p99(rows).toFixed(1)} ms`, gate: '<= 20 ms', test: 'tests/EndToEnd/lipsync.test.mjs',
    })));
  });
}
