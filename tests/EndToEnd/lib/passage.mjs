// How long each frame of a stream was on its way through a server, by a capture of both sides: what a viewer's freeze was, or was not.
import { moved, once } from './rewritten.mjs';

/** When the last packet of each frame was seen, ms, by RTP time, in the order in which the frames began. */
function framesOf(packets) {
  return new Map(packets.map(packet => [packet.timestamp, packet.at]));
}

/**
 * @param {object[]} packets of a capture
 * @param {number} ssrc of the stream that left the server
 * @returns {{ from: number | undefined, frames: number, missing: number, longest: number }} `from`: SSRC of what it was made of; of the frames that came between the
 *   first and the last that left: how many, how many did not leave, and the longest that one took from its last packet in to its last packet out, ms
 */
export function passage(packets, ssrc) {
  const outgoing = once(packets.filter(packet => !packet.toServer && packet.ssrc === ssrc)), streams = new Map();
  for (const packet of packets.filter(packet => packet.toServer)) {
    if (!streams.has(packet.ssrc)) streams.set(packet.ssrc, []);
    streams.get(packet.ssrc).push(packet);
  }
  const best = [...streams].map(([from, list]) => ({ from, incoming: once(list) }))
    .map(stream => ({ ...stream, ...moved(outgoing, stream.incoming) })).reduce((best, stream) => stream.of > best.of ? stream : best, { of: 0 });
  if (best.of === 0) return { from: undefined, frames: 0, missing: framesOf(outgoing).size, longest: NaN };
  const left = framesOf(outgoing);
  const took = [...framesOf(best.incoming)].map(([timestamp, at]) => left.get((timestamp + best.by) >>> 0) - at);      // NaN: it did not
  const hasLeft = ms => !Number.isNaN(ms), between = took.slice(took.findIndex(hasLeft), took.findLastIndex(hasLeft) + 1);
  return { from: best.from, frames: between.length, missing: between.filter(ms => !hasLeft(ms)).length, longest: Math.max(...between.filter(hasLeft)) };
}
