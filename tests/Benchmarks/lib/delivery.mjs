// Whether viewers got what was sent. A server under pressure may leave video out, which the load generator's loss does not count. Pure.

export const enough = 0.99;                              // the rest is what joins, key frames and the ends of a window move

/** How many receive each publisher in a scenario of the load generator. */
export function receivers(scenario) {
  const [, first, second] = /^(\d+)x(\d+)/.exec(scenario) ?? [];
  return first === '1' ? Number(second) : Number(second) - 1;
}

/** Share of what should have arrived: of each packet a publisher sent, one at each of its receivers. Repairs count, so it may be above 1. */
export const delivered = (run, perPublisher) => run.fwd_pps / (run.pub_pps * perPublisher);

const nominal = 200;                                     // packets/s of one publisher

/** The last of the load generator's steps, of those that follow one another, in which everything arrived; undefined when the first did not. */
export function carried(steps, maxLoss = 0.1) {
  const bad = steps.findIndex(step => step.loss_pct > maxLoss || step.join_fail > 0 || step.fwd_pps < 0.98 * nominal * step.subs);
  return bad < 0 ? steps.at(-1) : steps[bad - 1];
}
