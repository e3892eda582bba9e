// One room on two media workers: clients on either see those on the other, and each track crosses between the workers once.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { Server } from './lib/server.mjs';
import { inbound, launchChromium, newPage } from './lib/browsers.mjs';
import { AiortcClient } from './lib/python-client.mjs';
import { together } from './lib/together.mjs';
import { pause, until } from './lib/wait.mjs';

const room = 'wide', seconds = 8;
let server, chromium;

before(async () => {
  // 0: every room lies on all workers, whatever they carry.
  [server, chromium] = await together(Server.start({ 'Media:Workers': 2, 'Media:SpanLoad': 0 }), launchChromium());
});
after(async () => {
  await Promise.allSettled([AiortcClient.endAll(), chromium?.close()]);
  await server?.stop();
});

const decoding = async page => (await inbound(page)).filter(r => r.kind === 'video' && r.framesDecoded > 0);

/** Packets so far: into the server from clients, out to clients, into pipes and out of pipes; by kind, and of one moment: workers count once a
 * second, so that values of two requests would be a second's packets apart. */
async function packets() {
  const metric = await server.scrape();
  const of = (name, direction) => Object.fromEntries(['audio', 'video'].map(kind => [kind, metric(name, `direction="${direction}",kind="${kind}"`)]));
  return {
    received: of('sfu_packets_total', 'in'), sent: of('sfu_packets_total', 'out'),
    piped: of('sfu_pipe_packets_total', 'out'), taken: of('sfu_pipe_packets_total', 'in'),
  };
}

test('a room on two workers: both sides decode each other, and each packet crosses once', { timeout: 120_000 }, async () => {
  const ann = await newPage(chromium), bob = await newPage(chromium);
  await ann.goto(server.page(room, 'ann'));
  await until(async () => await server.metric('sfu_consumers', 'kind="video"') === 0 && await server.metric('sfu_producers', 'kind="video"') === 1,
    { what: 'ann to publish', timeout: 20_000, every: 200, describe: () => server.log.slice(-3000) });
  assert.equal(await server.metric('sfu_rooms_spanning'), 0);
  await bob.goto(server.page(room, 'bob'));
  for (const [name, page] of Object.entries({ ann, bob })) {
    await until(async () => (await decoding(page)).length === 1,
      { what: `${name} to decode the other`, timeout: 30_000, every: 200, describe: () => `${page.errors.join('\n')}\n${server.log.slice(-4000)}` });
  }

  assert.equal(await server.metric('sfu_rooms_spanning'), 1);
  assert.match(server.log, /spans 2 workers/);
  // A second viewer of bob, beside ann: what crosses does not become more.
  const watcher = new AiortcClient('play', `${server.base}/whep/${room}/bob`, server.token('watcher', room, { canSubscribe: true }), { seconds: 60 });
  await watcher.connected();
  await until(async () => (watcher.last?.videoFrames ?? 0) > 10, { what: 'aiortc to decode bob', timeout: 30_000, every: 200, describe: () => server.log.slice(-3000) });
  await until(async () => (await Promise.all(['0', '1'].map(worker => server.metric('sfu_worker_transports', `worker="${worker}"`)))).sort().join() === '1,2',
    { what: 'the transports to be on both workers', timeout: 5_000, every: 200 });

  const [a, framesBefore] = [await packets(), watcher.last.videoFrames];
  await pause(seconds * 1000);
  const b = await packets();
  for (const kind of ['audio', 'video']) {
    const [received, sent, piped, taken] = ['received', 'sent', 'piped', 'taken'].map(what => b[what][kind] - a[what][kind]);
    console.log(`${kind}: ${received} in, ${piped} into pipes, ${taken} out of pipes, ${sent} out`);
    assert.ok(received > 20 * seconds, `${received} ${kind} packets came in`);
    // Of sound everything crosses; of video what a browser sends to probe, and encodings that nobody looks at, do not. The workers report at
    // different moments: both sides within a tenth.
    assert.ok(piped <= 1.1 * received, `${piped} of ${received} ${kind} packets crossed`);
    if (kind === 'audio') assert.ok(piped >= 0.9 * received, `${piped} of ${received} audio packets crossed`);
    assert.ok(Math.abs(taken - piped) <= 0.1 * piped, `${taken} of ${piped} ${kind} packets came out`);
    // Ann's packets go to one viewer on the other worker, bob's to two: three are sent for two that cross.
    assert.ok(sent >= 1.25 * piped && sent <= 1.75 * piped, `${sent} ${kind} packets were sent, ${piped} crossed`);
  }

  assert.ok(watcher.last.videoFrames > framesBefore);
  assert.equal(await server.metric('sfu_pipe_lost_total'), 0);
  assert.equal(await watcher.stop(), 200);

  // The last to leave a worker takes the room off it.
  await bob.close();
  await until(async () => await server.metric('sfu_rooms_spanning') === 0, { what: 'the room to be on one worker again', timeout: 15_000, every: 200, describe: () => server.log.slice(-3000) });
  await until(async () => await ann.evaluate(() => document.querySelectorAll('article.tile').length) === 1, { what: 'bob to vanish from ann\'s page', timeout: 10_000 });
});
