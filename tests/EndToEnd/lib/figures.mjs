// Figures of acceptance tests: written as JSON when SFU_FIGURES names a folder; tests/figures.mjs makes the table of docs/recording.md of them.
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Keeps what a test measured. Does nothing unless SFU_FIGURES names a folder, so that every test may call it.
 * @param {string} name of the file: lower-case letters, digits and dashes; of one name the last call stays
 * @param {{ line: string, what: string, value: string, gate: string, test: string }[]} rows `line` groups rows of one acceptance line,
 *   `value` and `gate` are texts with their unit, `test` is the path of the test; a row may say more (tests/figures.mjs)
 * @param {object} more kept beside the rows, such as on which machine they were made
 */
export function figure(name, rows, more = {}) {
  if (!/^[a-z0-9-]+$/.test(name)) throw new Error(`${name} is no name of a figure`);
  for (const row of rows)
    for (const key of ['line', 'what', 'value', 'gate', 'test'])
      if (typeof row[key] !== 'string' || row[key] === '') throw new Error(`figure ${name}: ${key} is missing in ${JSON.stringify(row)}`);
  const folder = process.env.SFU_FIGURES;
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${name}.json`);
  writeFileSync(`${path}.tmp`, `${JSON.stringify({ ...more, rows }, null, 1)}\n`);
  renameSync(`${path}.tmp`, path);                       // never half a file
}
