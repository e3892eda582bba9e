// What is said of a soak. Pure.
import { delivered, enough } from './delivery.mjs';
import { longPauses, pausesBetween } from './process.mjs';
import { waitByStands } from './stands.mjs';
import { blocks, median, percentile, regression } from './stats.mjs';

const parts = 5, student = 3.182, longestPause = 0.005, allowedP999 = 10_000;
const us = value => (value >= 0 ? String(value) : 'not measured');

/** Seconds that the generator has at most to close its connections after its window. */
export const leave = 5;

/** The window: the last `seconds` but those in which the generator leaves. */
export function inWindow(points, seconds, after = leave) {
  const end = (points.at(-1)?.[0] ?? 0) - after;
  return points.filter(([at, value]) => at > end - seconds && at <= end && Number.isFinite(value));
}

/**
 * Slope of the memory, and what slope its noise could make in 95 of 100 runs. In kB per minute. The noise is steps: heaps are cut and grow again by 200 kB
 * and stay so for minutes, so that half minutes still depend on one another: with twenty of them the slopes of three runs of one server were -30 +- 11,
 * -26 +- 14 and 25 +- 10. So it is taken from the means of five parts, with Student's factor for the three degrees of freedom that a line leaves of them.
 */
export function memorySlope(points, seconds) {
  const { slope, error } = regression(blocks(inWindow(points, seconds), parts));
  return { slope: 60 * slope, noise: 60 * student * error };
}

/** @param {object} m what soak.mjs measured */
export function soakRows(m, test) {
  const { run, limit } = m, line = 'Soak', lat = run.lat_us ?? {}, rows = [];
  const row = (what, value, gate, more = {}) => rows.push({ line, what, value, gate, test, ...more });
  row(`capacity: viewers, over ${m.rooms} rooms; packets/s; what ended the steps`, `${limit.viewers}; ${limit.packets > 0 ? limit.packets : '-'}; ${limit.stopped}`,
    'reported', { beside: limit.generator >= 0 ? `the generator was busy to ${limit.generator} %` : '-' });
  row(`load: viewers; packets/s; CPU of the server; seconds; of them those of the rows on memory, the last`, `${m.viewers}; ${us(run.fwd_pps)}; ${us(run.srv_cpu_pct)} %; ${m.ahead + m.seconds}; ${m.seconds}`, 'half of the capacity');
  const share = delivered(run, m.perRoom);
  row('of what was sent, forwarded', share > 0 ? `${(100 * share).toFixed(1)} %` : 'not measured', `>= ${100 * enough} %: no video left out`, { met: share >= enough });
  row('packets lost', us(run.lost), '0', { met: run.ok && run.lost === 0 });
  row('latency p50, us', us(lat.p50), '<= 300', { met: lat.p50 <= 300 });
  row('latency p99, us', us(lat.p99), '<= 2000', {
    met: lat.p99 <= 2000, beside: `${[m.before, m.after].map(one => us(one.lat_us?.p99)).join(' and ')} on the idle server before and after`,
  });
  const idle = [m.before, m.after].map(one => one.lat_us?.p999), allows = idle.every(value => value <= allowedP999);
  row('latency p99.9, us', m.saysP999 ? us(lat.p999) : 'not measured: the load generator has changed', allows ? `<= ${allowedP999}` : 'reported: the machine does not allow it', {
    beside: `${idle.map(us).join(' and ')} on the idle server before and after`, ...(allows ? { met: lat.p999 <= allowedP999 } : {}),
  });
  row('latency p50 / p99 on the idle server before and after, us', [m.before, m.after].map(one => `${us(one.lat_us?.p50)} / ${us(one.lat_us?.p99)}`).join('; '), 'reported');
  const { slope, noise } = memorySlope(m.memory, m.seconds);
  row('slope of resident memory, kB/min (+- what noise makes in 95 of 100 runs)', Number.isFinite(slope) ? `${slope.toFixed(1)} +- ${noise.toFixed(1)}` : 'not measured', 'not above its noise',
    { met: slope <= noise });
  const part = inWindow(m.memory, m.seconds), ends = [part.slice(0, 60), part.slice(-60)].map(list => median(list.map(([, kb]) => kb / 1024)).toFixed(1));
  row('resident memory in the first and the last minute, MB', part.length > 0 ? ends.join('; ') : 'not measured', 'reported');
  const kinds = (m.kinds ?? []).filter(([at]) => part.length > 0 && at >= part[0][0] && at <= part.at(-1)[0]), is = kinds.at(-1);
  if (kinds.length > 1) {
    row(`growth from minute to minute, kB: ${Object.keys(is[1]).join(', ')}`, Object.keys(is[1]).map(kind => kinds.slice(1).map(([, now], i) => now[kind] - kinds[i][1][kind]).join(' ')).join('; '), 'reported');
    row(`resident at the end, MB: ${Object.keys(is[1]).join(', ')}`, Object.values(is[1]).map(kb => (kb / 1024).toFixed(1)).join('; '), 'reported');
  }
  const earlier = (m.kinds ?? []).filter(([at]) => part.length > 0 && at < part[0][0]).map(([, now]) => Object.values(now).reduce((sum, kb) => sum + kb, 0));
  if (earlier.length > 1) row('growth before that, from minute to minute, joins included, kB', earlier.slice(1).map((kb, i) => kb - earlier[i]).join(' '), 'reported');
  if (part.length > 0) row('pages that it waited for the disk for', us(part.at(-1)[2] - part[0][2]), 'reported');
  const [first, last] = [m.readings[0], m.readings.at(-1)];
  if (last?.allocated > first?.allocated)
    row('managed memory allocated, kB/s: signalling, reports, and /metrics read each 5 s', ((last.allocated - first.allocated) / 1024 / ((last.at - first.at) / 1000)).toFixed(0), 'reported');
  if (m.readings.length < 2) row('pauses of the runtime', 'not measured', 'none over 5 ms', { met: false });
  else {
    const { count, seconds, over, how } = pausesBetween(m.readings, longestPause);
    row('pauses of the runtime: number; together, ms; longer than 5 ms', `${count}; ${(seconds * 1000).toFixed(1)}; ${Number.isNaN(over) ? 'unknown' : over} (${how})`, 'none over 5 ms', { met: over === 0 });
    const edges = [0.001, 0.002, 0.005, 0.01, 0.02];
    const longer = edges.map(edge => pausesBetween(m.readings, edge)).map(({ over, how }) => (how.startsWith('longer') ? over : '-'));
    row('pauses of the runtime that were longer than 1, 2, 5, 10 and 20 ms', longer.join(', '), 'reported');
    if (over > 0) row('pauses longer than 5 ms: kind of collection, second', longPauses(m.readings, longestPause, m.stands).join(', ') || 'unknown', 'reported');
  }
  const busy = m.readings.map(reading => 100 * reading.busy).filter(Number.isFinite);
  if (busy.length > 0)
    row("share of a second that the server's worker was busy, looked at each 5 s: in half of them, in a tenth, at most; out of real time in", `${[0.5, 0.9, 1].map(part => `${percentile(busy, part).toFixed(0)} %`).join(', ')}; ${m.readings.filter(({ realTime }) => realTime === 0).length} of ${busy.length}`, 'reported');
  const longer = edge => m.stands.filter(({ ms }) => ms > edge).length;
  row("times that the server's core stood still, served no timer, for longer than 3, 5 and 10 ms; the longest, ms",
    m.stands ? `${[3, 5, 10].map(longer).join(', ')}; ${Math.max(0, ...m.stands.map(({ ms }) => ms)).toFixed(1)}` : 'not measured: perf needs root', 'reported');
  if (m.stands) {
    const made = busy => [0.01, 0.001].map(share => us(Math.round(1000 * waitByStands(m.stands, m.ahead + m.seconds, share, busy)))).join(' and ');
    row('p99 and p99.9 of the latency that this alone makes, us: at least; with what is then to be sent by a core as busy', `${made(0)}; ${made(run.srv_cpu_pct / 100)}`, 'reported');
  }
  return rows;
}
