// How long each frame of a stream was on its way through a server, by a capture of both sides: what a viewer's stall was not.

/** Frames in the order in which they began: `{ timestamp, first, last (ms), bytes }` of packets of one stream; a packet that comes again changes nothing. */
export function framesOf(packets) {
  const frames = new Map(), seen = new Set();
  for (const packet of packets) {
    if (seen.has(packet.sequence)) continue;
    seen.add(packet.sequence);
    const frame = frames.get(packet.timestamp);
    if (frame) [frame.last, frame.bytes] = [packet.at, frame.bytes + packet.bytes];
    else frames.set(packet.timestamp, { timestamp: packet.timestamp, first: packet.at, last: packet.at, bytes: packet.bytes });
  }
  return [...frames.values()];
}

/** By how much a server moved the RTP time of a stream, and of how many frames that is true: each is taken for the one that came just before it. */
function offset(incoming, outgoing) {
  const counts = new Map();
  let i = 0;
  for (const frame of outgoing) {
    while (i < incoming.length && incoming[i].first <= frame.last) i++;
    if (i === 0) continue;
    const moved = (frame.timestamp - incoming[i - 1].timestamp) >>> 0;
    counts.set(moved, (counts.get(moved) ?? 0) + 1);
  }
  return [...counts].reduce((best, one) => one[1] > best[1] ? one : best, [0, 0]);
}

/**
 * @param {object[]} packets of a capture
 * @param {number} ssrc of the stream that left the server
 * @returns {{ from: number | undefined, frames: number, missing: number, longest: number }} `from`: SSRC of what it was made of; of the frames that came between the
 *   first and the last that left: how many, how many did not leave, and the longest that one took from its last packet in to its last packet out, ms
 */
export function passage(packets, ssrc) {
  const outgoing = framesOf(packets.filter(packet => !packet.toServer && packet.ssrc === ssrc)), streams = new Map();
  for (const packet of packets) {
    if (!packet.toServer) continue;
    if (!streams.has(packet.ssrc)) streams.set(packet.ssrc, []);
    streams.get(packet.ssrc).push(packet);
  }
  let best = { count: 0 };
  for (const [from, list] of streams) {
    const incoming = framesOf(list), [moved, count] = offset(incoming, outgoing);
    if (count > best.count) best = { from, incoming, moved, count };
  }
  if (best.count === 0) return { from: undefined, frames: 0, missing: outgoing.length, longest: NaN };
  const left = new Map(outgoing.map(frame => [(frame.timestamp - best.moved) >>> 0, frame]));
  const took = best.incoming.map(frame => left.has(frame.timestamp) ? left.get(frame.timestamp).last - frame.last : undefined);
  const between = took.slice(took.findIndex(ms => ms !== undefined), took.findLastIndex(ms => ms !== undefined) + 1);
  return {
    from: best.from, frames: between.length, missing: between.filter(ms => ms === undefined).length, longest: Math.max(...between.filter(ms => ms !== undefined)),
  };
}
