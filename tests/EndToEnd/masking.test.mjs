// What was sent before consent, after it was taken back or in a pause is in no record of the decrypted journal: sound with a known pattern,
// keys (RFC 4733), pictures and messages. What was sent in the open is, or the test would prove nothing. Exact to the packet at the borders.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { readFile } from 'node:fs/promises';
import { Server } from './lib/server.mjs';
import { launchChromium, newPage } from './lib/browsers.mjs';
import { figure } from './lib/figures.mjs';
import { decrypt, isStamped, recordType, rtp, verify } from './lib/journal.mjs';
import { AiortcClient, PythonClient } from './lib/python-client.mjs';
import { together } from './lib/together.mjs';
import { pause, until } from './lib/wait.mjs';

const room = 'masked', digits = '0123456789*#';
let server, chromium;

before(async () => {
  [server, chromium] = await together(Server.start({ 'Recording:Policy': 'best_effort', 'Recording:Consent': 'first' }), launchChromium());
});
after(async () => {
  await PythonClient.endAll();
  await chromium?.close();
  await server?.stop();
});

const consent = (identity, granted, of = room) => server.call('POST', `/v1/rooms/${of}/participants/${identity}:consent`, { granted });
const recordingOf = async room => (await server.call('GET', `/v1/recordings?room=${room}`)).recordings[0];
const order = (recording, verb, query = '', body) => server.call('POST', `/v1/recordings/${recording.id}:${verb}${query}`, body);

/** Ends the room; the evidence of its recording once it is sealed, and every record of it. */
async function sealed(recording) {
  await server.call('DELETE', `/v1/rooms/${recording.room}`);
  const { folder } = await until(async () => {
    const one = await server.call('GET', `/v1/recordings/${recording.id}`);
    return one.state === 'sealed' && await isStamped(one.folder) && one;
  }, { what: 'the recording to be sealed', timeout: 30_000, every: 200, describe: () => server.log.slice(-3000) });
  const records = await decrypt(server, folder);
  return {
    folder, records,
    whole: Buffer.concat(records.map(record => record.payload)).toString('latin1'),
    manifest: JSON.parse(await readFile(join(folder, 'recording.json'), 'utf8')),
    events: records.filter(record => record.type === recordType.event)
      .map(({ track, mono, payload }) => ({ track, mono, event: JSON.parse(payload.toString()) })).sort((a, b) => a.mono - b.mono),
  };
}

/** Bob publishes camera and microphone from the page by WHIP, with keys to press. */
const publish = page => page.evaluate(async ({ endpoint, token }) => {
  const media = await navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 320, height: 180, frameRate: 15 } });
  const connection = new RTCPeerConnection();
  for (const track of media.getTracks()) connection.addTransceiver(track, { direction: 'sendonly', streams: [media] });
  await connection.setLocalDescription();
  const answer = await fetch(endpoint, { method: 'POST', body: connection.localDescription.sdp, headers: { 'content-type': 'application/sdp', authorization: `Bearer ${token}` } });
  if (answer.status !== 201) throw new Error(`${answer.status} ${await answer.text()}`);
  await connection.setRemoteDescription({ type: 'answer', sdp: await answer.text() });
  window.keys = connection.getSenders().find(sender => sender.track.kind === 'audio').dtmf;
}, { endpoint: `${server.base}/whip/${room}`, token: server.token('bob', room, { canPublish: true, roomCreate: true }) });

/** Bob presses keys; ends when the last one was let go. */
const press = (page, keys) => page.evaluate(keys => new Promise((resolve, reject) => {
  const limit = setTimeout(() => reject(new Error(`${keys} were not played, left: ${window.keys.toneBuffer}`)), 10_000);
  window.keys.ontonechange = ({ tone }) => {
    if (tone !== '') return;
    clearTimeout(limit);
    resolve();
  };
  window.keys.insertDTMF(keys, 100, 50);
}), keys);

/** Dot joins by WebSocket from the page, to write messages. */
const enter = page => page.evaluate(url => new Promise((resolve, reject) => {
  const socket = new WebSocket(url, 'sfu.v1');
  const waiting = new Map();
  let id = 1;
  window.ask = message => new Promise(answered => {
    waiting.set(++id, answered);
    socket.send(JSON.stringify({ id, ...message }));
  });
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    if (message.type === 'joined') resolve();
    else if (waiting.has(message.re)) waiting.get(message.re)(message);
  };
  socket.onclose = event => reject(new Error(`closed: ${event.code} ${event.reason}`));
  socket.onopen = () => socket.send(JSON.stringify({ type: 'join', id: 1, v: 1, client: { name: 'test', version: '1' } }));
}), `${server.base.replace('http', 'ws')}/ws?access_token=${server.token('dot', room, { canPublish: true, roomCreate: true })}`);

/** Dot writes a message. */
const say = async (page, text) => {
  const answer = await page.evaluate(text => window.ask({ type: 'data', topic: 'chat', text }), text);
  assert.equal(answer.type, 'ok', JSON.stringify(answer));
};

/** Half a second of sound with this word; ends when all of it and no more was sent. */
async function sound(ann, word) {
  await ann.mark(word);
  await pause(500);
}

/** Spans of the monotonic clock in which nothing of a track may be recorded, by the journal's own events: `[[from, to], ..]`. */
function masksOf(events, { participant, identity }) {
  const spans = [], open = new Map([['consent', 0]]);
  const begin = (what, at) => { if (!open.has(what)) open.set(what, at); };
  const end = (what, at) => {
    if (open.has(what)) spans.push([open.get(what), at]);
    open.delete(what);
  };
  for (const { mono, event } of events) {
    if (event.event === 'paused' && (['room', participant].includes(event.scope) || event.identity === identity)) begin(event.scope, mono);
    if (event.event === 'resumed') end(event.scope, mono);
    if (event.event === 'consent' && event.participant === participant) end('consent', mono);
    if (event.event === 'consent_refused' && event.participant === participant) begin('consent', mono);
  }
  for (const what of [...open.keys()]) end(what, Infinity);
  return spans;
}

/**
 * Every number of a stream is either archived or withheld; what is archived was received outside of the masks, what is withheld inside. A picture
 * or key that began in a pause may end `slack` nanoseconds after it.
 */
function checkBorders(track, records, events, slack) {
  const name = `${track.identity} ${track.kind}`;
  const [stream] = track.streams;
  const masks = masksOf(events, track);
  const archived = new Set(), withheld = new Set();
  for (const record of records.filter(r => r.track === track.no && r.type === recordType.rtp)) {
    archived.add(rtp(record.payload).number);
    assert.ok(!masks.some(([from, to]) => record.mono >= from && record.mono < to), `${name}: a packet received at ${record.mono} is archived: ${JSON.stringify(masks)}`);
  }

  for (const { event } of events.filter(({ track: no, event }) => no === track.no && event.event === 'withheld')) {
    assert.ok(masks.some(([from, to]) => event.fromMonoNs >= from && event.toMonoNs < to + slack), `${name}: ${JSON.stringify(event)} lies in no mask of ${JSON.stringify(masks)}`);
    for (let n = event.first; n <= event.last; n++) withheld.add(n & 0xffff);
  }

  assert.deepEqual(stream.lost, [], `${name}: nothing is lost on loopback`);
  assert.equal(stream.received, stream.archived, name);
  for (let n = stream.firstSeq; n <= stream.lastSeq; n++)
    assert.notEqual(archived.has(n & 0xffff), withheld.has(n & 0xffff), `${name}: number ${n} is ${withheld.has(n & 0xffff) ? 'withheld and archived' : 'neither'}`);
  return { archived: archived.size, withheld: withheld.size };
}

test('nothing from before consent, after its withdrawal or from a pause is in the journal, and everything else is', { timeout: 90_000 }, async () => {
  const page = await newPage(chromium);
  await page.goto(`${server.base}/healthz/live`);
  await enter(page);
  const ann = new AiortcClient('publish', `${server.base}/whip/${room}`, server.token('ann', room, { canPublish: true, roomCreate: true }), { mark: 'unasked-0', seconds: 80 });
  await Promise.all([ann.connected(), publish(page)]);
  const recording = await recordingOf(room);
  const hidden = [], open = [], hiddenKeys = [], openKeys = [];
  /** Everybody says a word of this phase; those masked are named. */
  const phase = async (word, keys, masked) => {
    await Promise.all([sound(ann, `${word}-ann`), press(page, keys), say(page, `${word}-dot`)]);
    (masked.includes('ann') ? hidden : open).push(`${word}-ann`);
    (masked.includes('dot') ? hidden : open).push(`${word}-dot`);
    (masked.includes('bob') ? hiddenKeys : openKeys).push(...keys);
    await ann.mark(`between-${word}`);                       // nothing of this phase's word is sent after what comes next
  };
  const all = ['ann', 'bob', 'dot'];

  await phase('unasked', '01', all);
  await Promise.all(all.map(identity => consent(identity, true)));
  await phase('agreed', '2', []);
  await order(recording, 'pause', '', { reason: 'pci' });
  await phase('cardnumber', '34', all);
  await order(recording, 'resume');
  await phase('goeson', '5', []);
  await order(recording, 'pause', '', { reason: 'legal', participant: 'ann' });
  await order(recording, 'pause', '', { reason: 'privacy', participant: 'dot' });
  await phase('lawyer', '6', ['ann', 'dot']);
  await order(recording, 'resume', '?participant=dot');
  await order(recording, 'pause', '', { reason: 'pci', participant: 'bob' });
  await phase('pin', '78', ['ann', 'bob']);
  await order(recording, 'resume', '?participant=ann');
  await order(recording, 'resume', '?participant=bob');
  await phase('again', '9', []);
  await consent('ann', false);
  await phase('withdrawn', '*', ['ann']);

  const { folder, records, whole, manifest, events } = await sealed(recording);
  for (const word of hidden) assert.ok(!whole.includes(word), `${word} is in the journal`);
  for (const word of open) assert.ok(whole.includes(word), `${word} is not in the journal`);

  const trackOf = (identity, kind) => manifest.tracks.find(track => track.identity === identity && track.kind === kind);
  // In Chromium's offer the packets of keys have 4 bytes: event, end and volume, duration (RFC 4733 section 2.3).
  const pressed = new Set(records.filter(r => r.track === trackOf('bob', 'audio').no && r.type === recordType.rtp).map(r => rtp(r.payload).payload)
    .filter(payload => payload.length === 4 && payload[0] < digits.length).map(payload => digits[payload[0]]));
  assert.deepEqual([...pressed].sort(), openKeys.sort(), `hidden: ${hiddenKeys}`);

  const counts = [checkBorders(trackOf('ann', 'audio'), records, events, 0), ...['audio', 'video'].map(kind => checkBorders(trackOf('bob', kind), records, events, 250e6))];
  for (const { archived, withheld } of counts) assert.ok(archived > 30 && withheld > 30, JSON.stringify(counts));
  assert.deepEqual([...new Set(manifest.gaps.map(gap => gap.cause))].filter(cause => cause !== 'dtx').sort(), ['consent_pending', 'paused']);
  const { code, report } = await verify(server, folder);
  assert.equal(code, 0, JSON.stringify(report.findings));
  assert.equal(await ann.stop(), 404, 'the room ended, and with it the session');
  await page.close();
  const [archived, withheld] = ['archived', 'withheld'].map(key => counts.reduce((sum, count) => sum + count[key], 0));
  console.log(`${archived} packets archived, ${withheld} withheld, ${hidden.length} words and ${hiddenKeys.length} keys not found, ${open.length} and ${openKeys.length} found`);
  figure('masking', [{
    line: 'Masking', what: 'packets archived and withheld; words and keys masked and found; words and keys in the open and found',
    value: `${archived} and ${withheld}; ${hidden.length + hiddenKeys.length} and 0; ${open.length + openKeys.length} and ${open.length + openKeys.length}`,
    gate: '0 hits; each packet archived or withheld by its receive time', test: 'tests/EndToEnd/masking.test.mjs',
  }]);
});

test('a pause follows the identity: who comes back is masked until it is resumed', { timeout: 60_000 }, async () => {
  const room = 'rejoined';
  const come = mark => new AiortcClient('publish', `${server.base}/whip/${room}`, server.token('ann', room, { canPublish: true, roomCreate: true }), { mark, seconds: 50 });
  const first = come('joined');
  await first.connected();
  await consent('ann', true, room);
  await sound(first, 'first-agreed');
  const recording = await recordingOf(room);
  await order(recording, 'pause', '', { reason: 'pci', participant: 'ann' });
  const seen = async () => (await server.call('GET', `/v1/recordings/${recording.id}`)).participants.filter(one => one.identity === 'ann').at(-1);
  const before = await seen();
  await sound(first, 'first-card');

  const second = come('second-card');
  await second.connected();
  await consent('ann', true, room);
  const after = await until(async () => {
    const one = await seen();
    return one.id !== before.id && one.recording === 'paused' && one;
  }, { what: 'another participant that is paused', timeout: 10_000, every: 50 });
  const [standing] = (await server.call('GET', `/v1/recordings/${recording.id}`)).pauses;
  assert.deepEqual([standing.participant, standing.identity, standing.reason], [before.id, 'ann', 'pci']);
  await sound(second, 'second-number');
  await second.mark('between-pause');
  await order(recording, 'resume', `?participant=${after.id}`);
  await sound(second, 'second-again');
  await second.mark('end');

  const { folder, records, whole, manifest, events } = await sealed(recording);
  for (const word of ['first-card', 'second-card', 'second-number']) assert.ok(!whole.includes(word), `${word} is in the journal`);
  for (const word of ['first-agreed', 'second-again']) assert.ok(whole.includes(word), `${word} is not in the journal`);
  assert.deepEqual(manifest.tracks.map(track => track.participant), [before.id, after.id]);
  for (const track of manifest.tracks) {
    const { archived, withheld } = checkBorders(track, records, events, 0);
    assert.ok(archived > 10 && withheld > 10, `${track.participant}: ${archived} archived, ${withheld} withheld`);
  }
  const paused = new Set(manifest.gaps.filter(gap => gap.cause === 'paused').map(gap => gap.track));
  assert.deepEqual([...paused].sort(), manifest.tracks.map(track => track.no), 'the pause is declared for the track of before and for the new one');
  const { code, report } = await verify(server, folder);
  assert.equal(code, 0, JSON.stringify(report.findings));
  await Promise.all([first.stop(), second.stop()]);
});
