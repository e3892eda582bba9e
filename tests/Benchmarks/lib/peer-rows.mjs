// What is said of one scenario: our server beside the best configuration of the peer. Pure.
import { delivered, enough, receivers } from './delivery.mjs';
import { label } from './load.mjs';
import { median } from './stats.mjs';

/** Of each scenario: the share of the peer's cost, and microseconds per packet on an idle core (null: none set). */
const gates = {
  '1x50/gcm': [0.25, 5], '1x50/cm': [0.35, 8], '10x10/cm': [0.35, 8], '10x10/gcm': [0.35, 8], '20x5-audio/cm': [0.35, 8], '20x5-audio/gcm': [0.35, 8],
  '1x200/cm/all': [0.25, null], '1x200/gcm/all': [0.25, null],
};
const number = (value, digits) => (Number.isFinite(value) ? value.toFixed(digits) : 'not measured');

/**
 * @param {{ well: (name: string, one: string, all?: boolean) => object[] }} runs the load generator's answers that went well
 * @param {string} one scenario, as `1x50/gcm` or `1x200/cm/all`
 * @param {string[]} peers their names; the cheapest counts
 */
export function peerRows(runs, one, peers, test) {
  const flowing = (name, all) => runs.well(name, one, all).filter(run => run.fwd_pps > 0);
  const of = (name, key) => flowing(name, false).map(run => key.split('.').reduce((at, part) => at?.[part], run));
  const middle = (name, key) => median(of(name, key));
  const cost = name => middle(name, 'srv_cpu_us_per_pkt');
  const loss = name => (flowing(name, true).length > 0 ? Math.max(...flowing(name, true).map(run => run.loss_pct)) : NaN);
  const worst = name => Math.min(...flowing(name, true).map(run => delivered(run, receivers(one))), Infinity);
  const share100 = name => (Number.isFinite(worst(name)) ? `${(100 * worst(name)).toFixed(1)} %` : 'not measured');
  const best = peers.filter(name => cost(name) > 0).sort((a, b) => cost(a) - cost(b))[0];
  const [share, aim] = gates[one] ?? [null, null];
  const ours = cost('sfu'), ratio = best ? ours / cost(best) : NaN;
  const line = one.endsWith('/all') ? `${label(one.slice(0, -4))}, all cores` : label(one);
  const rows = [{
    line, what: 'CPU per forwarded packet, us; ours again', value: `${number(ours, 2)}; ${number(cost('sfu-again'), 2)}`,
    beside: best ? `${number(cost(best), 2)} (${best})` : 'no run of Janus went well', ratio: number(ratio, 2),
    gate: share === null ? 'reported' : `ratio <= ${share}${aim === null ? '' : `, aim <= ${aim} us on an idle core`}`,
    ...(share === null ? {} : { met: ratio <= share, reaches: aim === null ? undefined : ours <= aim }),
    point: { ours, theirs: best ? cost(best) : null, peer: best }, test,
  }];
  const theirLoss = best ? loss(best) : NaN;
  rows.push({
    line, what: 'lost in the worst run', value: `${number(loss('sfu'), 3)} %`, beside: best ? `${number(theirLoss, 3)} % (${best})` : '-', ratio: '-',
    gate: one.endsWith('/all') ? 'no more than Janus' : '0 %', met: one.endsWith('/all') ? loss('sfu') <= (best ? theirLoss : 0) : loss('sfu') === 0, test,
  });
  const pair = name => `${number(middle(name, 'lat_us.p50'), 0)} / ${number(middle(name, 'lat_us.p99'), 0)}`;
  rows.push({
    line, what: 'latency p50 / p99, us', value: pair('sfu'), beside: best ? `${pair(best)} (${best})` : '-', ratio: '-', gate: 'reported', test,
  }, {
    line, what: 'forwarded, packets/s', value: number(middle('sfu', 'fwd_pps'), 0), beside: best ? `${number(middle(best, 'fwd_pps'), 0)} (${best})` : '-', ratio: '-',
    gate: 'reported', test,
  }, {
    line, what: 'of what was sent, forwarded, in the worst run', value: share100('sfu'), beside: best ? `${share100(best)} (${best})` : '-', ratio: '-',
    gate: `>= ${100 * enough} %: no video left out`, met: worst('sfu') >= enough && Number.isFinite(worst('sfu')), test,
  });
  return rows.map(row => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined)));
}
