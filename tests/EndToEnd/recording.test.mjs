// A call of two browsers is recorded: the evidence is sealed, judged by sfu-verify, and goes on as the same recording after kill -9.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { mkdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Server } from './lib/server.mjs';
import { inbound, launchChromium, newPage } from './lib/browsers.mjs';
import { isStamped, verify } from './lib/journal.mjs';
import { together } from './lib/together.mjs';
import { pause, until } from './lib/wait.mjs';

const shots = fileURLToPath(new URL('../../artifacts/screenshots/', import.meta.url));
let server, chromium;

before(async () => {
  await mkdir(shots, { recursive: true });
  [server, chromium] = await together(Server.start({ 'Recording:Policy': 'required' }), launchChromium());
});
after(async () => {
  await chromium?.close();
  await server?.stop();
});

const decodes = page => until(async () => (await inbound(page)).some(r => r.kind === 'video' && r.framesDecoded > 20),
  { what: 'video to be decoded', timeout: 30_000, every: 200, describe: () => `${page.errors.join('\n')}\n${server.log.slice(-3000)}` });

test('a call under "required" is recorded, sealed and verifies; a kill in between costs a declared gap', { timeout: 180_000 }, async () => {
  const room = 'recorded';
  const ann = await newPage(chromium), bob = await newPage(chromium);
  await ann.goto(server.page(room, 'ann'));
  await bob.goto(server.page(room, 'bob'));
  await Promise.all([decodes(ann), decodes(bob)]);
  const [running] = (await server.call('GET', `/v1/recordings?room=${room}`)).recordings;
  assert.equal(running.policy, 'required');
  for (const page of [ann, bob]) await page.waitForSelector('[aria-label="This call is being recorded"]', { timeout: 5000 });
  await pause(3000);

  await server.kill('SIGKILL');
  await pause(500);
  await server.restart();
  // Counters of the old connections stay: what counts is that more frames come.
  const frames = async page => (await inbound(page)).reduce((sum, r) => sum + (r.kind === 'video' ? r.framesDecoded ?? 0 : 0), 0);
  const before = await Promise.all([frames(ann), frames(bob)]);
  await until(async () => (await frames(ann)) > before[0] + 20 && (await frames(bob)) > before[1] + 20,
    { what: 'the call to go on', timeout: 60_000, every: 500, describe: () => server.log.slice(-5000) });
  const [again] = (await server.call('GET', `/v1/recordings?room=${room}`)).recordings;
  assert.equal(again.id, running.id, 'the recording goes on as the same one');

  await server.call('DELETE', `/v1/rooms/${room}`);       // what must be recorded ends with its room
  const sealed = await until(async () => {
    const one = await server.call('GET', `/v1/recordings/${running.id}`);
    return one.state === 'sealed' && one;
  }, { what: 'the recording to be sealed', timeout: 30_000, every: 200, describe: () => server.log.slice(-5000) });
  await until(() => isStamped(sealed.folder), { what: 'the time-stamps', timeout: 10_000, every: 200 });

  const { code, report } = await verify(server, sealed.folder);
  assert.equal(code, 1, JSON.stringify(report.findings));         // VALID_WITH_GAPS: the kill is declared
  const manifest = JSON.parse(await readFile(join(sealed.folder, 'recording.json'), 'utf8'));
  assert.equal(manifest.interruptions.length, 1);
  assert.deepEqual([...new Set(manifest.tracks.map(t => t.identity))].sort(), ['ann', 'bob']);
  for (const track of manifest.tracks) for (const stream of track.streams) assert.equal(stream.archived, stream.received);
  await Promise.all([ann.close(), bob.close()]);
  console.log(`${report.packets} packets, ${manifest.segments.length} segments, verdict ${report.verdict}`);
});

const badge = (page, text) => page.waitForSelector(`[aria-label="${text}"]`, { timeout: 10_000 });
// A page behind another draws nothing, and what waits for a frame waits for ever.
const press = async (page, text) => {
  await page.bringToFront();
  await (await page.waitForSelector(`::-p-text(${text})`, { timeout: 10_000 })).click();
};
const shoot = async (page, name) => {
  await page.bringToFront();
  await page.screenshot({ path: `${shots}${name}.png` });
};

test('consent first: nothing of a participant is seen or kept before it agreed', { timeout: 90_000 }, async () => {
  const room = 'asked';
  await server.call('POST', '/v1/rooms', { name: room, recording: 'required', consent: 'first' });
  const ann = await newPage(chromium), bob = await newPage(chromium, { viewport: { width: 390, height: 844, deviceScaleFactor: 2, isMobile: true, hasTouch: true } });
  await ann.goto(server.page(room, 'ann'));
  await bob.goto(server.page(room, 'bob'));
  await ann.waitForSelector('[role=alertdialog]', { timeout: 20_000 });
  await bob.waitForSelector('[role=alertdialog]', { timeout: 20_000 });
  await shoot(ann, 'consent-wide');
  await shoot(bob, 'consent-phone');
  await pause(1500);
  for (const page of [ann, bob]) assert.equal((await inbound(page)).filter(r => r.packetsReceived > 0).length, 0, 'media flows before anybody agreed');
  await press(ann, 'I agree');
  await decodes(bob);
  assert.equal((await inbound(ann)).filter(r => r.packetsReceived > 0).length, 0, "bob's media flows although only ann agreed");
  await press(bob, 'I agree');
  await decodes(ann);
  await badge(ann, 'This call is being recorded');
  await shoot(ann, 'recorded-wide');
  await shoot(bob, 'recorded-phone');
  await Promise.all([ann.close(), bob.close()]);
});

test('a host starts, pauses, resumes and stops; what it made is complete', { timeout: 90_000 }, async () => {
  const room = 'hosted';
  await server.call('POST', '/v1/rooms', { name: room, recording: 'off' });
  const host = server.token('ann', room, { canPublish: true, canSubscribe: true, roomAdmin: true, roomRecord: true });
  const ann = await newPage(chromium), bob = await newPage(chromium);
  await ann.goto(server.page(room, 'ann', { token: host }));
  await bob.goto(server.page(room, 'bob'));
  await Promise.all([decodes(ann), decodes(bob)]);
  assert.equal(await bob.$('.recording'), null);
  await ann.bringToFront();
  await ann.keyboard.press('p');
  await press(ann, 'Start recording');
  await Promise.all([badge(ann, 'This call is being recorded'), badge(bob, 'This call is being recorded')]);
  await shoot(ann, 'host-recording-wide');
  await pause(2000);
  await press(ann, 'Pause recording');
  await badge(bob, 'Recording is paused');
  await pause(1000);
  await press(ann, 'Resume recording');
  await badge(bob, 'This call is being recorded');
  await pause(1000);
  await press(ann, 'Stop recording');
  await bob.bringToFront();
  await bob.waitForSelector('.recording', { hidden: true, timeout: 10_000 });
  const sealed = await until(async () => (await server.call('GET', `/v1/recordings?room=${room}`)).recordings.find(one => one.state === 'sealed'),
    { what: 'the recording to be sealed', timeout: 30_000, every: 200, describe: () => server.log.slice(-3000) });
  await until(() => isStamped(sealed.folder), { what: 'the time-stamps', timeout: 10_000, every: 200 });
  const { code, report } = await verify(server, sealed.folder);
  assert.equal(code, 0, JSON.stringify(report.findings));
  const manifest = JSON.parse(await readFile(join(sealed.folder, 'recording.json'), 'utf8'));
  assert.ok(manifest.gaps.some(gap => gap.cause === 'paused'));
  assert.equal(await server.metric('sfu_recording_unarchived_packets'), 0);
  assert.equal(await server.metric('sfu_recording_lease_fresh'), 1);
  assert.ok(await server.metric('sfu_recording_gap_seconds_total', 'cause="paused"') > 0);
  assert.equal(await server.metric('sfu_recording_gap_seconds_total', 'cause="recorder_fault"'), 0);
  assert.ok(await server.metric('sfu_recording_sync_duration_seconds_count') > 0);
  const judged = await server.call('POST', `/v1/recordings/${sealed.id}:verify`);
  assert.equal(judged.verdict, 'VALID_COMPLETE');
  await Promise.all([ann.close(), bob.close()]);
});
