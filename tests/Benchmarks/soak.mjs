// node soak.mjs, in a namespace of its own: half of what the server can carry, for long. The server has CPU 0, the generator CPU 1,
// in real time: it takes the time of what arrives, and a thread of the kernel that has its core for 3 ms (kdamond, docs/adr/0014) is no delay of the server's.
// 1. Capacity: viewers are added in steps, spread over fifty rooms of one publisher (about a dozen in each at half of it), until more than 0.1 % is lost
// or not everything arrives (under pressure the server leaves video out); the last step before that counts.
// 2. An idle control run just before and just after: the same generator with one viewer that looks at every packet says what the machine allows.
// 3. The soak on a new server: loss, latency and the runtime's pauses of all of it; of its last part the slope of the memory, since a method is compiled anew
// after 30 calls: what is called every 20 s grows the code for ten minutes, and no further.
// Beside it perf notes each millisecond whether the server's core serves its timer: when it does not, nothing of the server's makes it faster.
// Environment: LOAD, SFU_FIGURES, SFU_SOAK_SECONDS (600: the last part), SFU_SOAK_AHEAD (720: before it), SFU_SOAK_SETTLE (180: before that, not counted;
// the load generator ends itself 300 s beyond what it counts), SFU_SOAK_STEPS (viewers), SFU_SOAK_VIEWERS (given: capacity is not measured),
// SFU_SOAK_ROOMS (50), SFU_SOAK_SRTP (gcm), SFU_SOAK_STEP_SECONDS (5).
import { carried } from './lib/delivery.mjs';
import { finish, needGenerator, Runs, setting, withP999 } from './lib/load.mjs';
import { environment, start } from './lib/own-server.mjs';
import { pauses, total, watchKinds, watchRss } from './lib/process.mjs';
import { leave, soakRows } from './lib/soak-rows.mjs';
import { watchCore } from './lib/stands.mjs';

const test = 'tests/Benchmarks/soak.mjs', cores = { server: '0', generator: '1' };
needGenerator();
const seconds = setting('SFU_SOAK_SECONDS', 600), ahead = setting('SFU_SOAK_AHEAD', 720), settle = setting('SFU_SOAK_SETTLE', 180);
const rooms = setting('SFU_SOAK_ROOMS', 50), srtp = process.env.SFU_SOAK_SRTP ?? 'gcm';
const { generator, saysP999 } = withP999();
const runs = new Runs('soak');
const generate = { generator, srtp, env: { GEN_WRAP: `chrt -f 1 taskset -c ${cores.generator}`, RATE: 100 } };
const on = (server, what) => runs.make({ ...generate, run: 1, ...what, env: { ...generate.env, ...environment(server) } });

async function withServer(use) {
  const server = await start(cores.server);
  try { return await use(server); } finally { await server.stop(); }
}

/** Viewers that were carried. */
async function capacity() {
  const wanted = process.env.SFU_SOAK_STEPS ?? '200,400,600,800,1000,1200,1400,1600,1800,2000,2200,2400';
  const step = setting('SFU_SOAK_STEP_SECONDS', 5);
  const said = await withServer(server => on(server, {
    name: 'capacity', case: 'max', scenario: 'max', secs: step, settle: 3, patience: 600,
    isWell: ({ steps, stopped }) => stopped !== undefined && carried(steps ?? []) !== undefined, options: ['--rooms', String(rooms), '--steps', wanted],
  }));
  const steps = said.steps ?? [], best = carried(steps), next = steps[steps.indexOf(best) + 1];
  const stopped = !best ? said.error ?? 'not even the first step was carried' : next
    ? `with ${next.subs}: ${next.fwd_pps} packets/s, ${next.loss_pct} % lost` : said.stopped ?? 'the last step was carried';
  return { viewers: best?.subs ?? 0, packets: best?.fwd_pps ?? 0, stopped, generator: Math.max(0, ...steps.map(step => step.gen_thread_pct)) };
}

const control = name => withServer(server => on(server, {
  name, case: '1x1', scenario: '1x1', secs: Math.max(5, Math.round(seconds / 10)), settle: 5, options: ['--sample', '0'],
}));

const given = setting('SFU_SOAK_VIEWERS', 0);
const limit = given > 0 ? { viewers: 2 * given, packets: NaN, stopped: 'given, not measured', generator: NaN } : await capacity();
const perRoom = Math.max(1, Math.floor(limit.viewers / 2 / rooms)), viewers = perRoom * rooms;
const before = await control('control-before');
const measured = await withServer(async server => {
  const readings = [], memory = watchRss(server.process.pid), kinds = watchKinds(server.process.pid);
  const read = async () => {
    const text = await (await server.fetch('/metrics')).text();
    readings.push({ at: performance.now(), allocated: total(text, 'system_runtime_dotnet_gc_heap_total_allocated'),
      busy: total(text, 'sfu_worker_busy_ratio'), realTime: total(text, 'sfu_worker_real_time'), ...pauses(text) });
  };
  const watch = watchCore(cores.server, cores.generator, settle + ahead + seconds + 300);
  const reader = setInterval(() => read().catch(error => console.log(`no answer from /metrics: ${error.message}`)), 5000);
  const run = await on(server, {
    name: 'soak', case: `${rooms} rooms of 1x${perRoom}`, scenario: 'custom', secs: ahead + seconds, settle,
    options: ['--rooms', String(rooms), '--pubs', '1', '--subs', String(perRoom)],
  });
  clearInterval(reader);
  memory.stop();
  kinds.stop();
  const now = performance.now(), isSoak = at => at > now - 1000 * (ahead + seconds + leave) && at <= now - 1000 * leave; // joining and leaving are not
  const stands = (await watch.stop())?.filter(({ end }) => isSoak(1000 * end - performance.timeOrigin));
  return { run, readings: readings.filter(({ at }) => isSoak(at)), memory: memory.points, kinds: kinds.points, stands };
});
const after = await control('control-after');
const rows = [...soakRows({ limit, rooms, perRoom, viewers, seconds, ahead, saysP999, before, after, ...measured }, test), ...runs.rows('Soak', test)];
finish('soak', rows);
