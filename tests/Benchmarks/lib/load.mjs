// The independent load generator, which is no part of the repository: LOAD names its folder (default ../shared/load beside the repository).
import { appendFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { figure } from '../../EndToEnd/lib/figures.mjs';
import { disturbed, most } from './disturbed.mjs';
import { isQuiet, others } from './machine.mjs';
import { run } from './run.mjs';

export const root = fileURLToPath(new URL('../../../', import.meta.url));
export const work = join(root, 'artifacts/bench');
export const folder = process.env.LOAD ?? join(root, '../shared/load');
/** A number that the environment may set. */
export const setting = (name, otherwise) => Number(process.env[name] ?? otherwise);

/** Ends the process with a word when there is no load generator. */
export function needGenerator() {
  if (existsSync(join(folder, 'run.sh'))) return;
  console.error(`no load generator in ${folder}: set LOAD`);
  process.exit(1);
}

/** Makes run.sh's last line of output an answer; whatever else it said is a failure that keeps its reason. */
export function answer({ code, out, err, isLate }) {
  const line = out.trim().split('\n').at(-1) ?? '';
  try {
    const said = JSON.parse(line);
    if (isLate || code !== 0) return { ...said, ok: false, error: said.error ?? said.last_error ?? `ended with ${code}` };
    return { ...said, ok: said.ok !== false };
  } catch {
    const why = err.trim().split('\n').at(-1);
    return { ok: false, error: `${isLate ? 'took too long' : `ended with ${code} and no answer`}${why ? `: ${why}` : ''}` };
  }
}

const kernel = 20;                                       // percent of the machine: what the kernel does for both in interrupts is nobody's

/** One file of raw answers per suite, beside the figures made of them. */
export class Runs {
  #path;
  all = [];

  /** @param {boolean} goOn whether the runs on file count as made; else they are forgotten */
  constructor(suite, goOn = false) {
    const figures = process.env.SFU_FIGURES ?? work;
    mkdirSync(figures, { recursive: true });
    this.#path = join(figures, `${suite}-runs.jsonl`);
    if (goOn) this.all = readFileSync(this.#path, 'utf8').trim().split('\n').map(line => JSON.parse(line));
    else rmSync(this.#path, { force: true });
  }

  /**
   * Runs the load generator once and keeps what it says, or that it failed.
   * @param {{ name: string, case: string, run: number, peer?: string, scenario: string, srtp?: string, pin?: boolean, secs: number,
   *   settle: number, env?: object, options?: string[], generator?: string, patience?: number, isWell?: (said: object) => boolean }} what
   *   `name` and `case` are how the run is found again; `patience`: seconds that it may take besides (240); `isWell`: of one that says it failed,
   *   whether that was what was asked for
   */
  async make(what) {
    const patience = what.patience ?? 240;
    const { peer = 'sfu', scenario, srtp = 'gcm', pin = false, secs, settle, env = {}, options = [], generator = folder } = what;
    console.log(`run ${what.run}: ${what.name} ${what.case}`);
    const answered = answer(await run([join(generator, 'run.sh'), peer, scenario, ...options], {
      seconds: secs + settle + patience,
      env: { SFU_CMD: join(root, 'artifacts/sfu/Sfu'), SECS: secs, SETTLE: settle, SRTP: srtp, PIN: pin ? 1 : 0, ...env },
    }));
    answered.ok ||= what.isWell?.(answered) === true;
    if (!answered.ok) console.log(`  failed: ${answered.error ?? 'it says so'}`);
    const kept = { ...answered, name: what.name, case: what.case, run: what.run };
    this.all.push(kept);
    appendFileSync(this.#path, `${JSON.stringify(kept)}\n`);
    return kept;
  }

  /** Makes again what the machine disturbed; what was disturbed stays on file and counts no more. `again` makes one like the one it is given. */
  async mend(again, passes = 2) {
    for (let pass = 0; pass < passes; pass++) {
      for (const kept of disturbed(this.all)) {
        kept.isSetAside = true;
        writeFileSync(this.#path, this.all.map(one => `${JSON.stringify(one)}\n`).join(''));
        await again(kept);
      }
    }
  }

  /** Those that went well and count; `all` also those that were disturbed: what they lost is lost. */
  well(name, one, all = false) {
    return this.all.filter(kept => kept.name === name && (one === undefined || kept.case === one) && kept.ok && (all || !kept.isSetAside));
  }

  /** Rows on what disturbed the runs: those that failed, and how loud the machine was in the worst of the others. */
  rows(line, test) {
    const failed = this.all.filter(kept => !kept.ok);
    const made = [];
    if (failed.length > 0) {
      const told = failed.map(kept => `${kept.name} ${kept.case} run ${kept.run} (${kept.error ?? 'it says so'})`).join(', ');
      made.push({ line, what: 'runs that failed', value: told, gate: 'none', met: false, test });
    }
    const aside = this.all.filter(kept => kept.isSetAside);
    if (aside.length > 0) {
      const told = aside.map(kept => `${kept.name} ${kept.case} run ${kept.run} (${kept.srv_cpu_us_per_pkt} us)`).join(', ');
      made.push({ line, what: `runs made again: the generator itself needed more than ${most} of its least`, value: told, gate: 'reported', test });
    }
    const loud = this.all.filter(kept => !kept.isSetAside).map(kept => ({ busy: others(kept), stolen: kept.steal_pct }))
      .filter(use => !Number.isNaN(use.busy) && use.stolen >= 0);
    const worst = { busy: Math.max(0, ...loud.map(use => use.busy)), stolen: Math.max(0, ...loud.map(use => use.stolen)) };
    if (loud.length > 0) {
      made.push({
        line, what: 'of the machine, taken by others; by the host; in the worst run', gate: 'reported', test,
        value: `${worst.busy.toFixed(0)} %; ${worst.stolen.toFixed(0)} %${isQuiet(worst, kernel) ? '' : ': NOT QUIET'}`,
      });
    }
    return made;
  }
}

/**
 * A copy of the load generator that also says p99.9 of the latency, which the original computes with but does not print.
 * @returns {{ generator: string, saysP999: boolean }} the original when its source looks different than it did
 */
export function withP999() {
  const copy = join(work, 'load-p999'), source = join(copy, 'src/main.cc'), mark = '{"p99", lat.pct(99)}';
  const text = readFileSync(join(folder, 'src/main.cc'), 'utf8');
  if (text.split(mark).length !== 2) return { generator: folder, saysP999: false };
  const wanted = text.replace(mark, `${mark}, {"p999", lat.pct(99.9)}`);
  if (!existsSync(source) || readFileSync(source, 'utf8') !== wanted) {
    rmSync(copy, { recursive: true, force: true });
    cpSync(folder, copy, { recursive: true, filter: from => !/\/(build|loadgen)$/.test(from) });
    writeFileSync(source, wanted, { mode: 0o644 });
  }
  return { generator: copy, saysP999: true };
}

/** `1x50/cm` as people read it. */
export const label = one => one.replace('/gcm', ', AES-GCM').replace('/cm', ', AES-CM');

/** Keeps the rows of a suite in their order, with how they were made (SFU_MADE), prints them, and ends the process: well when every gate is met. */
export function finish(suite, rows) {
  figure(suite, rows.map((row, at) => ({ ...row, at })), process.env.SFU_MADE ? { made: process.env.SFU_MADE } : {});
  for (const row of rows) {
    const beside = row.beside === undefined ? '' : `; beside ${row.beside}; ratio ${row.ratio ?? '-'}`;
    console.log(`${row.met === false ? 'MISSED ' : ''}${row.line}: ${row.what}: ${row.value}${beside} (${row.gate})`);
  }
  process.exit(rows.every(row => row.met !== false) ? 0 : 1);
}
