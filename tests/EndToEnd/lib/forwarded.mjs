// Which packets of a capture a server passed on, told by their RTP time: what it rewrites, it moves by one offset for as long as it flows.
import { add, moved, once } from './rewritten.mjs';

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
      const { by } = moved(part, incoming), sent = new Map();
      for (const packet of part) add(sent, (packet.timestamp - by) >>> 0);
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

/** Stretches without a pause, behind which a stream may have got another offset. */
function parts(packets) {
  const all = [];
  for (const packet of packets) {
    if (all.length === 0 || packet.at - all.at(-1).at(-1).at > 400) all.push([]);
    all.at(-1).push(packet);
  }
  return all;
}
