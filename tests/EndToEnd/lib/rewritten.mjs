// What a server did to the numbers of a stream: what it rewrites, it moves by one offset for as long as it flows.

/** Counts one more of something. @param {Map<unknown, number>} counts */
export const add = (counts, key) => counts.set(key, (counts.get(key) ?? 0) + 1);

/** Packets of one stream without those that came again. */
export function once(packets) {
  const seen = new Set();
  return packets.filter(packet => !seen.has(packet.sequence) && seen.add(packet.sequence));
}

/**
 * By how much the RTP time of packets was moved: each is taken for the one that came just before it.
 * @returns {{ by: number, of: number }} `by`: the offset that most have; `of`: how many, 0 when nothing came before
 */
export function moved(outgoing, incoming) {
  const counts = new Map();
  let i = 0;
  for (const packet of outgoing) {
    while (i < incoming.length && incoming[i].at <= packet.at) i++;
    if (i > 0) add(counts, (packet.timestamp - incoming[i - 1].timestamp) >>> 0);
  }
  return [...counts].reduce((best, [by, of]) => of > best.of ? { by, of } : best, { by: 0, of: 0 });
}
