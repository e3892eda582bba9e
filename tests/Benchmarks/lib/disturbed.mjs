// Which runs of the load generator the machine disturbed. Pure.

/** How much more than in its cheapest run the generator may need for a packet. */
export const most = 1.5;

/**
 * Those in which the machine was dearer than in others, by a witness that is not the server: the generator does the same in each run of a scenario
 * with the same server, so what it needs for a packet should be the same too. Where the host lets the cores of a virtual machine take turns,
 * waking a thread on the other core costs a hundred times as much, for whoever does it, and no figure of the host says so.
 * @param {{ ok: boolean, peer: string, case: string, gen_us_per_pkt: number, isSetAside?: boolean }[]} all runs, also those that were set aside
 *   before: they too may have been the cheapest
 */
export function disturbed(all) {
  const well = all.filter(run => run.ok && run.gen_us_per_pkt > 0);
  const least = run => Math.min(...well.filter(other => other.peer === run.peer && other.case === run.case).map(other => other.gen_us_per_pkt));
  return well.filter(run => !run.isSetAside && run.gen_us_per_pkt > most * least(run));
}
