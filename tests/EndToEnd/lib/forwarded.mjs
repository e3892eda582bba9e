// Which packets of a capture a server passed on, told by their RTP time: what it rewrites, it moves by one offset for as long as it flows.

/** Packets that went out without being archived, of all streams `{ from: ssrc, to: ssrc }`; `kept` are the archived numbers by SSRC. */
export function unrecorded(packets, pairs, kept) {
  let forwarded = 0, missing = 0;
  const where = [];
  for (const { from, to, kind } of pairs) {
    const incoming = packets.filter(packet => packet.toServer && packet.ssrc === from);
    const outgoing = once(packets.filter(packet => !packet.toServer && packet.ssrc === to));
    const archive = kept.get(from) ?? new Set(), archived = new Map();
    for (const packet of once(incoming)) if (archive.has(packet.sequence)) add(archived, packet.timestamp);
    for (const part of parts(outgoing)) {
      const offset = offsetOf(part, incoming), sent = new Map();
      for (const packet of part) add(sent, (packet.timestamp - offset) >>> 0);
      for (const [timestamp, count] of sent) {
        const lack = Math.max(0, count - (archived.get(timestamp) ?? 0));
        missing += lack;
  if (lack > 0) where.push({ kind, from, to, timestamp, count, archived: archived.get(timestamp) ?? 0, partBegan: part[0].at });
      }
      forwarded += part.length;
    }
  }
  return { forwarded, missing, where: where.slice(0, 20) };
}

const add = (counts, key) => counts.set(key, (counts.get(key) ?? 0) + 1);

const once = packets => {
  const seen = new Set();
  return packets.filter(packet => !seen.has(packet.sequence) && seen.add(packet.sequence));
};

/** Stretches without a pause, behind which a stream may have got another offset. */
function parts(packets) {
  const all = [];
  for (const packet of packets) {
    if (all.length === 0 || packet.at - all.at(-1).at(-1).at > 400) all.push([]);
    all.at(-1).push(packet);
  }
  return all;
}

/** The offset that most packets have to the one that came just before them. */
function offsetOf(outgoing, incoming) {
  const counts = new Map();
  let i = 0;
  for (const packet of outgoing) {
    while (i < incoming.length && incoming[i].at <= packet.at) i++;
    if (i > 0) add(counts, (packet.timestamp - incoming[i - 1].timestamp) >>> 0);
  }
  return [...counts].reduce((best, one) => one[1] > best[1] ? one : best, [0, -1])[0];
}
