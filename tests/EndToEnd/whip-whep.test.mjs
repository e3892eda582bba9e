// WHIP (RFC 9725) and WHEP: the conformance table, with an npm WHIP client in Chromium, with aiortc, and with plain HTTP.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { Server } from './lib/server.mjs';
import { inbound, launchChromium, newPage } from './lib/browsers.mjs';
import { AiortcClient } from './lib/python-client.mjs';
import { together } from './lib/together.mjs';
import { until } from './lib/wait.mjs';

let server, chromium;
const publishing = { canPublish: true, canSubscribe: true, roomCreate: true };

before(async () => { [server, chromium] = await together(Server.start(), launchChromium()); });
after(async () => {
  await AiortcClient.endAll();
  await chromium?.close();
  await server?.stop();
});

/** An offer of a real browser, for requests that only look at HTTP; every call makes a new connection. */
const offer = (page, direction) => page.evaluate(async direction => {
  const connection = new RTCPeerConnection();
  (window.offers ??= []).push(connection);
  for (const kind of ['audio', 'video']) connection.addTransceiver(kind, { direction });
  await connection.setLocalDescription();
  return connection.localDescription.sdp;
}, direction);

const post = (path, bearer, body, headers = {}) => server.fetch(path, { method: 'POST', bearer, body, headers: { 'content-type': 'application/sdp', ...headers } });

async function problem(response, status, code) {
  assert.equal(response.status, status, `${response.url}: ${response.status}`);
  assert.match(response.headers.get('content-type') ?? '', /^application\/problem\+json/);
  const body = await response.json();
  for (const member of ['type', 'title', 'status', 'detail', 'code']) assert.ok(body[member] !== undefined, `problem without ${member}: ${JSON.stringify(body)}`);
  assert.equal(body.status, status);
  if (code) assert.equal(body.code, code);
}

test('the npm WHIP client publishes from Chromium; aiortc plays it by WHEP and ends it', { timeout: 60_000 }, async () => {
  const page = await newPage(chromium);
  await page.goto(`${server.base}/healthz/live`);
  // Bundled as an application would: the package imports another one.
  const { outputFiles: [bundle] } = await build({
    stdin: { contents: "export { WHIPClient } from '@eyevinn/whip-web-client';", resolveDir: fileURLToPath(new URL('.', import.meta.url)) },
    bundle: true, format: 'esm', platform: 'browser', write: false, logLevel: 'error',
  });
  const module = `data:text/javascript;base64,${Buffer.from(bundle.contents).toString('base64')}`;
  const endpoint = `${server.base}/whip/npm`;
  const resource = await page.evaluate(async ({ module, endpoint, token }) => {
    const { WHIPClient } = await import(module);
    const media = await navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 320, height: 180, frameRate: 15 } });
    const client = new WHIPClient({ endpoint, opts: { authkey: token } });
    window.whip = client;
    await client.setIceServersFromEndpoint();
    await client.ingest(media);
    return client.getResourceUrl();
  }, { module, endpoint, token: server.token('npm', 'npm', publishing) });
  assert.match(resource, /\/whip\/npm\/s\/.+/);

  const player = new AiortcClient('play', `${server.base}/whep/npm/npm`, server.token('py', 'npm', { canSubscribe: true }), { seconds: 30 });
  await player.connected();
  const seen = await until(() => player.last.videoFrames > 20 && player.last.energy > 0 && player.last, { what: 'aiortc to decode the npm client', timeout: 20_000, describe: () => JSON.stringify(player.last) });
  assert.deepEqual(seen.size, [320, 180]);
  const posted = await player.posted();
  assert.equal(posted.status, 201);
  assert.match(posted.etag, /^"[^"]+"$/, 'a strong ETag');
  assert.match(posted.type, /^application\/sdp/);
  assert.equal(await player.stop(), 200, 'DELETE');
  await page.evaluate(() => window.whip.destroy());
  await until(async () => (await (await server.fetch('/v1/rooms/npm/participants', { bearer: server.token('b', 'npm', { roomAdmin: true, roomJoin: false }) })).json()).participants.length === 0,
    { what: 'the room to be empty after both DELETEs', timeout: 10_000 });
  await page.close();
});

test('the conformance table of WHIP and WHEP', { timeout: 60_000 }, async t => {
  const page = await newPage(chromium);
  await page.goto(`${server.base}/healthz/live`);
  const publisher = server.token('pub', 'table', publishing);
  const sendonly = await offer(page, 'sendonly');

  await t.test('OPTIONS without a token', async () => {
    for (const path of ['/whip/table', '/whep/table/pub']) {
      const answer = await server.fetch(path, { method: 'OPTIONS', headers: { origin: 'https://elsewhere.example', 'access-control-request-method': 'POST' } });
      assert.ok([200, 204].includes(answer.status), `${answer.status}`);
      assert.equal(answer.headers.get('accept-post'), 'application/sdp');
      for (const method of ['POST', 'PATCH', 'DELETE']) assert.match(answer.headers.get('access-control-allow-methods') ?? '', new RegExp(method));
      for (const name of ['authorization', 'content-type', 'if-match']) assert.match((answer.headers.get('access-control-allow-headers') ?? '').toLowerCase(), new RegExp(name));
    }
  });
  await t.test('refusals of POST', async () => {
    const none = await post('/whip/table', undefined, sendonly);
    assert.match(none.headers.get('www-authenticate') ?? '', /^Bearer/);
    await problem(none, 401);
    await problem(await post('/whip/table', 'not.a.token', sendonly), 401);
    await problem(await post('/whip/table', server.token('pub', 'table', publishing, { ttl: -60 }), sendonly), 401);
    await problem(await post('/whip/table', server.token('pub', 'other', publishing), sendonly), 403);
    await problem(await post('/whip/table', server.token('pub', 'table', { canPublish: false, roomCreate: true }), sendonly), 403);
    await problem(await post('/whip/table', publisher, sendonly, { 'content-type': 'text/plain' }), 415);
    await problem(await post('/whip/table', publisher, 'this is no sdp'), 400);
    await problem(await post('/whip/table', publisher, await offer(page, 'recvonly')), 422);
    await problem(await post('/whip/table', publisher, 'v=0\r\n'.padEnd(300_000, 'x')), 413);
    await problem(await post('/whip/table', publisher, sendonly.replace(/ (VP8|VP9|H264|AV1|H265)\//g, ' EXOTIC/')), 422, 'no_common_codec');
  });

  let session, etag, token = publisher, ufrag, password;
  await t.test('POST answers 201 with Location, ETag, all candidates', async () => {
    const answer = await post('/whip/table', publisher, sendonly);
    const sdp = await answer.text();
    assert.equal(answer.status, 201, sdp);
    assert.match(answer.headers.get('content-type'), /^application\/sdp/);
    session = new URL(answer.headers.get('location'), server.base).pathname;
    etag = answer.headers.get('etag');
    assert.match(session, /^\/whip\/table\/s\/[A-Za-z0-9_-]{16,}$/);
    assert.match(etag, /^"[^"]+"$/);
    assert.match(sdp, /a=ice-lite/);
    assert.match(sdp, /a=setup:passive/);
    assert.match(sdp, /a=candidate:.* udp .* typ host/i);
    assert.match(sdp, /a=candidate:.* tcp .*tcptype passive/i);
    assert.match(sdp, /a=recvonly/);
    [, ufrag] = sendonly.match(/a=ice-ufrag:(\S+)/);
    [, password] = sendonly.match(/a=ice-pwd:(\S+)/);
  });
  const patch = (headers, body) => server.fetch(session, { method: 'PATCH', bearer: token, body, headers: { 'content-type': 'application/trickle-ice-sdpfrag', ...headers } });
  const fragment = (u, p, candidate = 'candidate:1 1 UDP 2130706431 192.0.2.1 50000 typ host') =>
    `a=ice-ufrag:${u}\r\na=ice-pwd:${p}\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\na=${candidate}\r\na=end-of-candidates\r\n`;
  await t.test('PATCH trickles', async () => {
    const answer = await patch({ 'if-match': etag }, fragment(ufrag, password));
    assert.equal(answer.status, 204);
    assert.equal(answer.headers.get('etag'), null);
    assert.equal((await patch({ 'if-match': etag }, fragment(ufrag, password, 'candidate:1 1 UDP 1 4a1b.local 50000 typ host'))).status, 204, '.local is dropped');
  });
  await t.test('refusals of PATCH', async () => {
    await problem(await patch({}, fragment(ufrag, password)), 428);
    await problem(await patch({ 'if-match': '"stale"' }, fragment(ufrag, password)), 412);
    await problem(await patch({ 'if-match': etag, 'content-type': 'text/plain' }, fragment(ufrag, password)), 415);
    await problem(await patch({ 'if-match': etag }, 'no fragment'), 400);
  });
  await t.test('PATCH restarts ICE', async () => {
    const answer = await patch({ 'if-match': '*' }, fragment('abcdefgh', 'abcdefghijklmnopqrstuvwx'));
    const body = await answer.text();
    assert.equal(answer.status, 200, body);
    assert.match(answer.headers.get('content-type'), /^application\/trickle-ice-sdpfrag/);
    assert.notEqual(answer.headers.get('etag'), etag);
    assert.match(body, /a=ice-ufrag:/);
    assert.match(body, /a=ice-pwd:/);
    assert.match(body, /a=candidate:/);
  });
  await t.test('methods of a session', async () => {
    assert.equal((await server.fetch(session, { method: 'GET', bearer: token })).ok, true);
    const put = await server.fetch(session, { method: 'PUT', bearer: token, body: 'x' });
    assert.match(put.headers.get('allow') ?? '', /DELETE/);
    await problem(put, 405);
    await problem(await server.fetch(session, { method: 'DELETE', bearer: server.token('mallory', 'table', publishing) }), 403);
    assert.equal((await server.fetch(session, { method: 'DELETE', bearer: token })).status, 200);
    await problem(await server.fetch(session, { method: 'DELETE', bearer: token }), 404);
  });
  await t.test('WHEP', async () => {
    const viewer = server.token('viewer', 'table', { canSubscribe: true });
    await problem(await post('/whep/table/nobody', viewer, await offer(page, 'recvonly')), 404);
    await problem(await post('/whep/table', viewer, await offer(page, 'recvonly')), 404, 'mix_unavailable');
    const head = await server.fetch('/whep/table/pub', { method: 'HEAD' });
    assert.equal(head.status, 200);
    assert.match(head.headers.get('content-type') ?? '', /^application\/sdp/);
  });
  await page.close();
});

/** Plays by WHEP in a page, with nothing but what a browser has. */
const playInPage = (page, url, bearer) => page.evaluate(async ({ url, bearer }) => {
  const connection = new RTCPeerConnection();
  for (const kind of ['audio', 'video']) connection.addTransceiver(kind, { direction: 'recvonly' });
  // An element each: one for both begins to play only when the first picture is there, and the sound would wait for it.
  connection.ontrack = ({ track }) => {
    const element = document.body.appendChild(document.createElement(track.kind));
    Object.assign(element, { autoplay: true, srcObject: new MediaStream([track]) });
  };
  await connection.setLocalDescription();
  const answer = await fetch(url, { method: 'POST', body: connection.localDescription.sdp, headers: { 'content-type': 'application/sdp', authorization: `Bearer ${bearer}` } });
  const sdp = await answer.text();
  if (answer.status === 201) await connection.setRemoteDescription({ type: 'answer', sdp });
  return { status: answer.status, sdp };
}, { url, bearer });

test('players see a camera that is switched on after their offer, and off and on again', { timeout: 120_000 }, async () => {
  const publisher = await newPage(chromium);
  await publisher.goto(server.page('camera', 'ann'));
  const kinds = async () => {
    const answer = await server.fetch('/v1/rooms/camera/participants', { bearer: server.token('b', 'camera', { roomAdmin: true, roomJoin: false }) });
    const { participants = [] } = await answer.json();
    return participants.filter(p => p.identity === 'ann').flatMap(p => p.tracks.map(t => t.kind)).sort().join();
  };
  const turn = async expected => {
    await publisher.keyboard.press('v');
    await until(async () => await kinds() === expected, { what: `ann to publish ${expected}`, timeout: 10_000, every: 100, describe: () => publisher.errors.join('\n') });
  };
  await until(async () => await kinds() === 'audio,video', { what: 'ann to publish', timeout: 20_000, every: 100, describe: () => publisher.errors.join('\n') });
  await turn('audio');

  const url = `${server.base}/whep/camera/ann`;
  const aiortc = new AiortcClient('play', url, server.token('py', 'camera', { canSubscribe: true }), { seconds: 90 });
  const viewer = await newPage(chromium);
  await viewer.goto(`${server.base}/healthz/live`);
  const [{ status, sdp }] = await Promise.all([playInPage(viewer, url, server.token('chrome', 'camera', { canSubscribe: true })), aiortc.connected()]);
  assert.equal(status, 201, sdp);
  assert.equal(sdp.match(/a=sendonly/g).length, 2, 'sound and the picture to come are both answered');
  for (const codec of ['VP8', 'VP9', 'H264']) assert.match(sdp, new RegExp(`a=rtpmap:\\d+ ${codec}/90000`), `${codec} may come later`);
  const inChrome = async kind => (await inbound(viewer)).filter(row => row.kind === kind);
  await until(async () => aiortc.last.energy > 0 && (await inChrome('audio'))[0]?.totalAudioEnergy > 0, { what: 'the sound to come', timeout: 15_000, describe: () => JSON.stringify(aiortc.last) });
  assert.equal(aiortc.last.videoFrames, 0);

  const ssrcs = new Set(), delays = [];
  for (const round of [1, 2, 3]) {
    const before = aiortc.last.videoFrames, chromeBefore = (await inChrome('video'))[0]?.framesDecoded ?? 0;
    const at = performance.now();
    await turn('audio,video');
    let seen;
    await until(async () => {
      const rows = await inChrome('video');
      seen = rows[0] && { framesDecoded: rows[0].framesDecoded - chromeBefore, ssrc: rows[0].ssrc, rows: rows.length };
      if (seen?.framesDecoded > 0 && delays.length < round) delays.push(Math.round(performance.now() - at));
      return seen?.framesDecoded > 20 && aiortc.last.videoFrames - before > 20;
    }, { what: `the picture of round ${round}`, timeout: 15_000, describe: () => `${JSON.stringify({ seen, chromeBefore, before, aiortc: aiortc.last })}\n${aiortc.errors}\n${server.log.slice(-2000)}` });
    assert.equal(seen.rows, 1, 'one stream, whatever carries it');
    ssrcs.add(seen.ssrc);
    if (round < 3) await turn('audio');
  }
  assert.equal(ssrcs.size, 1, 'the SSRC of the answer stays');
  console.log(`first frame in Chromium ${delays.join(', ')} ms after the key that switches the camera on`);
  assert.ok(delays.every(delay => delay < 5000), `${delays}`);
  assert.equal(await aiortc.stop(), 200, 'DELETE');
  await Promise.all([publisher.close(), viewer.close()]);
});
