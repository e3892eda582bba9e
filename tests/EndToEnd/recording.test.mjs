// A call of two browsers is recorded: the evidence is sealed, judged by sfu-verify, and goes on as the same recording after kill -9.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join, dirname } from 'node:path';
import { readFile, readdir } from 'node:fs/promises';
import { Server } from './lib/server.mjs';
import { inbound, launchChromium, newPage } from './lib/browsers.mjs';
import { together } from './lib/together.mjs';
import { pause, until } from './lib/wait.mjs';

let server, chromium;

before(async () => { [server, chromium] = await together(Server.start({ 'Recording:Policy': 'required' }), launchChromium()); });
after(async () => {
  await chromium?.close();
  await server?.stop();
});

const backEnd = room => server.token('', room, { roomJoin: false, roomRecord: true, roomCreate: true, roomList: true });
const call = async (method, path, room, body) => {
  const response = await server.fetch(path, {
    method, bearer: backEnd(room), ...(body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}),
  });
  const text = await response.text();
  assert.ok(response.ok, `${method} ${path}: ${response.status} ${text}\n${server.log.slice(-3000)}`);
  return text ? JSON.parse(text) : null;
};

const verify = folder => new Promise(resolve => {
  const program = join(dirname(process.env.SFU_BINARY ?? 'artifacts/sfu/Sfu'), 'sfu-verify');
  execFile(program, [folder, '--root', join(server.data, 'recorder', 'signing', 'root.pem'), '--json'], (error, stdout) =>
    resolve({ code: error?.code ?? 0, report: JSON.parse(stdout) }));
});

const decodes = page => until(async () => (await inbound(page)).some(r => r.kind === 'video' && r.framesDecoded > 20),
  { what: 'video to be decoded', timeout: 30_000, every: 200, describe: () => `${page.errors.join('\n')}\n${server.log.slice(-3000)}` });

test('a call under "required" is recorded, sealed and verifies; a kill in between costs a declared gap', { timeout: 180_000 }, async () => {
  const room = 'recorded';
  const ann = await newPage(chromium), bob = await newPage(chromium);
  await ann.goto(server.page(room, 'ann'));
  await bob.goto(server.page(room, 'bob'));
  await Promise.all([decodes(ann), decodes(bob)]);
  const [running] = (await call('GET', `/v1/recordings?room=${room}`, room)).recordings;
  assert.equal(running.policy, 'required');
  await pause(3000);

  await server.kill('SIGKILL');
  await pause(500);
  await server.restart();
  // Counters of the old connections stay: what counts is that more frames come.
  const frames = async page => (await inbound(page)).reduce((sum, r) => sum + (r.kind === 'video' ? r.framesDecoded ?? 0 : 0), 0);
  const before = await Promise.all([frames(ann), frames(bob)]);
  await until(async () => (await frames(ann)) > before[0] + 20 && (await frames(bob)) > before[1] + 20,
    { what: 'the call to go on', timeout: 60_000, every: 500, describe: () => server.log.slice(-5000) });
  const [again] = (await call('GET', `/v1/recordings?room=${room}`, room)).recordings;
  assert.equal(again.id, running.id, 'the recording goes on as the same one');

  await call('DELETE', `/v1/rooms/${room}`, room);       // what must be recorded ends with its room
  const sealed = await until(async () => {
    const one = await call('GET', `/v1/recordings/${running.id}`, room);
    return one.state === 'sealed' && one;
  }, { what: 'the recording to be sealed', timeout: 30_000, every: 200, describe: () => server.log.slice(-5000) });
  await until(async () => (await readdir(sealed.folder)).includes('recording.json.tsr'), { what: 'the time-stamp', timeout: 10_000, every: 200 });

  const { code, report } = await verify(sealed.folder);
  assert.equal(code, 1, JSON.stringify(report.findings));         // VALID_WITH_GAPS: the kill is declared
  const manifest = JSON.parse(await readFile(join(sealed.folder, 'recording.json'), 'utf8'));
  assert.equal(manifest.interruptions.length, 1);
  assert.deepEqual([...new Set(manifest.tracks.map(t => t.identity))].sort(), ['ann', 'bob']);
  for (const track of manifest.tracks) for (const stream of track.streams) assert.equal(stream.archived, stream.received);
  console.log(`${report.packets} packets, ${manifest.segments.length} segments, verdict ${report.verdict}`);
});
