// Who is there: a killed client is reported as timed out; a cut WebSocket is resumed without anybody noticing; the log survives a crash.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { Server } from './lib/server.mjs';
import { inbound, launchChromium, newPage } from './lib/browsers.mjs';
import { together } from './lib/together.mjs';
import { pause, until } from './lib/wait.mjs';

let server, chromium;
const admin = room => server.token('backend', room, { roomAdmin: true, roomList: true, roomJoin: false });

before(async () => { [server, chromium] = await together(Server.start(), launchChromium()); });
after(async () => {
  await chromium?.close();
  await server?.stop();
});

const events = async room => (await (await server.fetch(`/v1/rooms/${room}/events?after=0&limit=1000`, { bearer: admin(room) })).json()).events;
const decodes = page => async () => (await inbound(page)).some(r => r.kind === 'video' && r.framesDecoded > 15 && r.direction === 'recvonly');

test('a killed client leaves with reason timeout within 15 s', { timeout: 90_000 }, async () => {
  const victim = await launchChromium();
  const ann = await newPage(chromium), vic = await newPage(victim);
  await ann.goto(server.page('killed', 'ann'));
  await vic.goto(server.page('killed', 'vic'));
  await until(decodes(ann), { what: 'ann to see vic', timeout: 30_000, every: 200, describe: () => server.log.slice(-3000) });

  victim.process().kill('SIGKILL');
  const killed = performance.now();
  const left = await until(async () => (await events('killed')).find(e => e.kind === 'participant_left'), { what: 'vic to be reported as gone', timeout: 20_000, every: 200 });
  const took = performance.now() - killed;
  console.log(`killed client reported after ${(took / 1000).toFixed(1)} s as ${left.reason}`);
  assert.equal(left.reason, 'timeout');
  assert.ok(took <= 15_000, `${took.toFixed(0)} ms`);
  await ann.close();
});

test('a WebSocket cut for 3 s resumes: identity, SSRCs and subscriptions stay, nobody is told', { timeout: 90_000 }, async () => {
  const ann = await newPage(chromium), bob = await newPage(chromium);
  // The page's socket is kept so that the test can cut it, and refused for 3 s as a broken network would.
  await bob.evaluateOnNewDocument(() => {
    const Original = window.WebSocket;
    window.testSockets = [];
    window.testMessages = [];
    window.WebSocket = class extends Original {
      constructor(...args) {
        if (performance.now() < (window.testRefuseUntil ?? 0)) { super('ws://127.0.0.1:1/'); return; }
        super(...args);
        window.testSockets.push(this);
        this.addEventListener('message', event => window.testMessages.push(event.data));
      }
    };
  });
  await ann.goto(server.page('cut', 'ann'));
  await bob.goto(server.page('cut', 'bob'));
  await until(decodes(ann), { what: 'ann to see bob', timeout: 30_000, every: 200 });
  await until(decodes(bob), { what: 'bob to see ann', timeout: 30_000, every: 200 });
  const ssrcs = async page => (await inbound(page)).filter(r => r.packetsReceived > 0).map(r => r.ssrc).sort();
  const seen = { ann: await ssrcs(ann), bob: await ssrcs(bob), joins: (await events('cut')).filter(e => e.kind === 'participant_joined').length };
  const framesBefore = (await inbound(ann)).find(r => r.kind === 'video').framesDecoded;

  await bob.evaluate(() => {
    window.testRefuseUntil = performance.now() + 3000;
    window.testMessages.length = 0;
    window.testSockets.at(-1).close();
  });
  await until(() => bob.evaluate(() => window.testMessages.some(m => typeof m === 'string' && m.includes('"resumed":true'))), { what: 'bob to resume', timeout: 20_000, every: 200 });
  await pause(1000);

  const after = await events('cut');
  assert.equal(after.filter(e => e.kind === 'participant_joined').length, seen.joins, 'no second join');
  assert.equal(after.filter(e => e.kind === 'participant_left').length, 0, 'nobody left');
  assert.deepEqual(await ssrcs(ann), seen.ann);
  assert.deepEqual(await ssrcs(bob), seen.bob);
  assert.ok((await inbound(ann)).find(r => r.kind === 'video').framesDecoded > framesBefore + 15, 'media flowed on');
  await Promise.all([ann.close(), bob.close()]);
});

test('killed and started again, the server knows its rooms and goes on with the log', { timeout: 90_000 }, async () => {
  const created = await server.fetch('/v1/rooms', { method: 'POST', bearer: server.token('backend', undefined, { roomCreate: true, roomList: true }), headers: { 'content-type': 'application/json' }, body: JSON.stringify({ name: 'durable' }) });
  assert.equal(created.status, 201, await created.text());
  const ann = await newPage(chromium);
  await ann.goto(server.page('durable', 'ann'));
  await until(async () => (await events('durable')).some(e => e.kind === 'track_published'), { what: 'ann to publish', timeout: 20_000 });
  const before = await events('durable');

  await server.kill('SIGKILL');
  await ann.close();
  await server.restart();

  const rooms = await (await server.fetch('/v1/rooms', { bearer: server.token('backend', undefined, { roomList: true }) })).json();
  assert.ok(rooms.rooms.some(r => r.name === 'durable'), JSON.stringify(rooms));
  const bob = await newPage(chromium);
  await bob.goto(server.page('durable', 'bob'));
  await until(async () => (await events('durable')).some(e => e.kind === 'participant_joined' && e.participant?.identity === 'bob'), { what: 'bob to join', timeout: 20_000, describe: () => server.log.slice(-3000) });
  // Clients of a dead process may come back with their ticket; those that do not are gone after Sfu:Rooms:NodeLostTimeout.
  await until(async () => (await events('durable')).some(e => e.kind === 'participant_left' && e.identity === 'ann'), { what: 'ann of the dead process to leave', timeout: 30_000, every: 250 });
  const after = await events('durable');
  assert.deepEqual(after.slice(0, before.length), before, 'what was logged stays as it was');
  after.forEach((e, i) => assert.equal(e.seq, after[0].seq + i, 'numbers go on without a hole'));
  await bob.close();
});

test('killed and started again, the server takes back who comes: pages resume their sessions and see each other on new connections', { timeout: 120_000 }, async () => {
  const ann = await newPage(chromium), bob = await newPage(chromium);
  await ann.goto(server.page('again', 'ann'));
  await bob.goto(server.page('again', 'bob'));
  await until(decodes(ann), { what: 'ann to see bob', timeout: 30_000, every: 200 });
  await until(decodes(bob), { what: 'bob to see ann', timeout: 30_000, every: 200 });

  for (const signal of ['SIGKILL', 'SIGTERM']) {
    await server.kill(signal);
    await server.restart();
    // Connections that were closed are not counted: what decodes now does so on a new one.
    const fresh = page => page.evaluate(() => window.testPeerConnections.filter(c => c.connectionState === 'connected').length === 1
      && window.testPeerConnections.at(-1).connectionState === 'connected');
    for (const [page, name] of [[ann, 'ann'], [bob, 'bob']]) {
      await until(() => fresh(page), { what: `${name} to be connected again after ${signal}`, timeout: 30_000, every: 200, describe: () => server.log.slice(-4000) });
      await until(decodes(page), { what: `${name} to decode again after ${signal}`, timeout: 30_000, every: 200, describe: () => server.log.slice(-4000) });
    }
  }

  const log = await events('again');
  assert.equal(log.filter(e => e.kind === 'participant_joined').length, 2, 'the same participants, not new ones');
  assert.equal(log.filter(e => e.kind === 'participant_left').length, 0, 'nobody left');
  await Promise.all([ann.close(), bob.close()]);
});
