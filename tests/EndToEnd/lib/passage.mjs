// How long each frame of a stream was on its way through a server, by a capture of both sides: what a viewer's freeze was, or was not.
import { moved, once } from './rewritten.mjs';

const frames = 30;                                        // of which the mean is
const sound = 60;                                         // ms: a packet of 20, and what a receiver keeps for one that is late

/** When the last packet of each frame was seen, ms, by RTP time, in the order in which the frames began. */
function framesOf(packets) {
  return new Map(packets.map(packet => [packet.timestamp, packet.at]));
}

/**
 * How often a viewer that shows each frame as it comes sees a freeze: waits longer than three times the mean, and than it and 150 ms
 * (W3C Identifiers for WebRTC's Statistics API, freezeCount).
 * @param {number[]} times of the frames, ms
 */
export function freezes(times) {
  const waits = times.slice(1).map((at, i) => at - times[i]);
  return waits.filter((wait, i) => {
    const last = waits.slice(Math.max(0, i - frames), i), mean = last.reduce((sum, one) => sum + one, 0) / last.length;
    return wait > Math.max(3 * mean, mean + 150);          // not the first: of it there is no mean
  }).length;
}

/**
 * What share of the time nothing was there to be played, when each packet of sound has come that late.
 * @param {number[]} times of the packets, ms
 */
export const unplayed = times => times.slice(1).reduce((sum, at, i) => sum + Math.max(0, at - times[i] - sound), 0) / (times.at(-1) - times[0]);

/**
 * @param {object[]} packets of a capture
 * @param {number} ssrc of the stream that left the server
 * @returns {{ from: number | undefined, frames: number, missing: number, longest: number, came: number[], left: number[] }} `from`: SSRC of what it was made of; of the frames that came between the
 *   first and the last that left: how many, how many did not leave, and the longest that one took from its last packet in to its last packet out, ms;
 *   `came` and `left`: when each of them was there whole, on either side of the server
 */
export function passage(packets, ssrc) {
  const outgoing = once(packets.filter(packet => !packet.toServer && packet.ssrc === ssrc)), streams = new Map();
  for (const packet of packets.filter(packet => packet.toServer)) {
    if (!streams.has(packet.ssrc)) streams.set(packet.ssrc, []);
    streams.get(packet.ssrc).push(packet);
  }
  const best = [...streams].map(([from, list]) => ({ from, incoming: once(list) }))
    .map(stream => ({ ...stream, ...moved(outgoing, stream.incoming) })).reduce((best, stream) => stream.of > best.of ? stream : best, { of: 0 });
  if (best.of === 0) return { from: undefined, frames: 0, missing: framesOf(outgoing).size, longest: NaN, came: [], left: [] };
  const left = framesOf(outgoing);
  const ways = [...framesOf(best.incoming)].map(([timestamp, came]) => ({ came, left: left.get((timestamp + best.by) >>> 0) }));
  const hasLeft = way => way.left !== undefined, between = ways.slice(ways.findIndex(hasLeft), ways.findLastIndex(hasLeft) + 1), whole = between.filter(hasLeft);
  return {
    from: best.from, frames: between.length, missing: between.length - whole.length, longest: Math.max(...whole.map(({ came, left }) => left - came)),
    came: whole.map(({ came }) => came), left: whole.map(({ left }) => left),
  };
}
