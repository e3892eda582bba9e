// What is made of a capture: of frames that were held back, left out, or came late to the server.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { freezes, passage, unplayed } from './lib/passage.mjs';

const [into, out, offset] = [1, 2, 0xfffff000];

/** A capture of a stream of 15 frames a second, two packets each, beside one of sound; `held(frame)`: ms that the server takes, undefined when it leaves it out. */
function captured({ held = () => 0.2, sentAt = frame => frame * 66 } = {}) {
  const packets = [];
  for (let frame = 0; frame < 100; frame++) {
    for (const part of [0, 1]) {
      const packet = { at: sentAt(frame) + part, toServer: true, ssrc: into, sequence: 2 * frame + part, timestamp: frame * 6000 };
      packets.push(packet);
      const ms = held(frame);
      if (ms !== undefined) packets.push({ ...packet, at: packet.at + ms, toServer: false, ssrc: out, sequence: 900 + packet.sequence, timestamp: (packet.timestamp + offset) >>> 0 });
    }
    for (let sound = 0; sound < 3; sound++) packets.push({ at: sentAt(frame) + 20 * sound, toServer: true, ssrc: 3, sequence: 3 * frame + sound, timestamp: 960 * (3 * frame + sound) });
  }
  return packets.sort((a, b) => a.at - b.at);
}

test('a stream that is passed on at once is found among the others', () => {
  const { from, frames, missing, longest } = passage(captured(), out);
  assert.deepEqual([from, frames, missing], [into, 100, 0]);
  assert.ok(Math.abs(longest - 0.2) < 1e-6);
});

test('a frame that the server held is told, one that its sender held is not', () => {
  assert.ok(Math.abs(passage(captured({ held: frame => frame === 50 ? 300 : 0.2 }), out).longest - 300) < 1e-6);
  assert.ok(passage(captured({ sentAt: frame => frame * 66 + (frame >= 50 ? 300 : 0) }), out).longest < 1);
});

test('a frame that did not leave is missing, but not before the first that did', () => {
  const { frames, missing } = passage(captured({ held: frame => frame < 10 || frame === 50 || frame === 51 ? undefined : 0.2 }), out);
  assert.deepEqual([frames, missing], [90, 2]);
});

test('a packet that is sent again does not make its frame late', () => {
  const packets = captured(), again = packets.find(packet => packet.ssrc === out && packet.timestamp === (50 * 6000 + offset) >>> 0);
  packets.push({ ...again, at: again.at + 500 });
  assert.ok(passage(packets.sort((a, b) => a.at - b.at), out).longest < 1);
});

test('a stream that nobody sent was made of nothing', () => {
  const { from, missing } = passage(captured().filter(packet => packet.ssrc !== into && packet.ssrc !== 3), out);
  assert.deepEqual([from, missing], [undefined, 100]);
});

test('who held a frame made the freeze', () => {
  const held = passage(captured({ held: frame => frame === 50 ? 300 : 0.2 }), out), late = passage(captured({ sentAt: frame => frame * 66 + (frame >= 50 ? 300 : 0) }), out);
  assert.deepEqual([freezes(held.came), freezes(held.left)], [0, 1]);
  assert.deepEqual([freezes(late.came), freezes(late.left)], [1, 1]);
});

test('a freeze is a wait of three times the mean, and of 150 ms more than it', () => {
  const after = (every, wait) => freezes([...Array.from({ length: 40 }, (_, i) => i * every), 39 * every + wait, 40 * every + wait]);
  assert.deepEqual([after(66, 215), after(66, 217), after(100, 299), after(100, 301)], [0, 1, 0, 1]);
  assert.deepEqual([freezes([]), freezes([0]), freezes([0, 1000])], [0, 0, 0]);
});

test('sound that comes late has nothing to be played for as long', () => {
  assert.equal(unplayed(Array.from({ length: 51 }, (_, i) => i * 20)), 0);
  assert.equal(unplayed([0, 20, 40, 200, 1000]), (100 + 740) / 1000);
});
