// node recording.mjs: forwarding with the recorder off and on in alternation. The recorder by itself: ./bench.sh recording.
// Environment: LOAD, SFU_FIGURES, SFU_RECORDING_RUNS (3), SFU_RECORDING_SECONDS (10),
// SFU_RECORDING_SETTLE (45: methods are compiled while they are used), SFU_RECORDING_SCENARIOS.
import { finish, label, needGenerator, Runs, setting } from './lib/load.mjs';
import { median } from './lib/stats.mjs';

const test = 'tests/Benchmarks/recording.mjs';
needGenerator();
const times = { pin: true, secs: setting('SFU_RECORDING_SECONDS', 10), settle: setting('SFU_RECORDING_SETTLE', 45) };
const scenarios = (process.env.SFU_RECORDING_SCENARIOS ?? '1x10/gcm 10x10/gcm').split(' '), policies = ['off', 'best_effort', 'off-again'];
// What is measured must not depend on how full this machine's disk is.
const disk = { Sfu__Recording__Disk__NoDerivationsAbove: 1, Sfu__Recording__Disk__NoNewRecordingsAbove: 1, Sfu__Recording__Disk__ClosedAbove: 1 };
const runs = new Runs('recording');
for (let n = 1; n <= setting('SFU_RECORDING_RUNS', 3); n++) {
  for (const one of scenarios) {
    const [scenario, srtp] = one.split('/');
    for (const policy of policies)
      await runs.make({ name: policy, case: one, run: n, scenario, srtp, ...times, env: { ...disk, SFU_RECORDING: policy.replace('-again', '') } });
  }
}
const rows = scenarios.flatMap(one => {
  const of = (policy, value) => median(runs.well(policy, one).map(value)), cost = policy => of(policy, run => run.srv_cpu_us_per_pkt);
  const lost = Math.max(...runs.well('best_effort', one).map(run => run.loss_pct)), shown = value => (value > 0 ? value.toFixed(2) : 'not measured');
  return [{
    line: 'Recording', what: `${label(one)}: CPU per forwarded packet with recording on, us; beside it off, and off again`, value: shown(cost('best_effort')),
    beside: `${shown(cost('off'))}; ${shown(cost('off-again'))}`, ratio: shown(cost('best_effort') / cost('off')), gate: 'reported', test,
  }, {
    line: 'Recording', what: `${label(one)}: latency p99, us; lost in the worst run`, value: `${shown(of('best_effort', run => run.lat_us.p99))}; ${lost} %`,
    beside: shown(of('off', run => run.lat_us.p99)), ratio: '-', gate: '0 % lost', met: lost === 0, test,
  }];
});
rows.push(...runs.rows('Recording', test));
finish('recording-share', rows);
