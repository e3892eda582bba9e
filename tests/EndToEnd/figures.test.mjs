// The figures of acceptance tests and the table that is made of them.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { figure } from './lib/figures.mjs';
import { put, read, table } from '../figures.mjs';

const row = (line, what, value) => ({ line, what, value, gate: '<= 1', test: 'tests/x.test.mjs' });

test('figures are kept only when a folder is named, and the last call of a name stays', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sfu-figures-')), before = process.env.SFU_FIGURES;
  try {
    delete process.env.SFU_FIGURES;
    figure('kill', [row('Kill', 'tail', '1')]);
    assert.deepEqual(readdirSync(folder), []);
    process.env.SFU_FIGURES = folder;
    figure('kill', [row('Kill', 'tail', '1')]);
    figure('kill', [row('Kill', 'tail', '2')]);
    figure('disk', [row('Disk', 'held', '3')]);
    assert.deepEqual(read(folder).map(r => r.value), ['3', '2']);
    assert.throws(() => figure('../x', []));
    assert.throws(() => figure('kill', [{ line: 'Kill' }]));
  } finally {
    if (before === undefined) delete process.env.SFU_FIGURES; else process.env.SFU_FIGURES = before;
    rmSync(folder, { recursive: true });
  }
});

test('the table is sorted by line, names each line once, and is the same for the same rows in any order', () => {
  const rows = [row('B', 'y', '2'), row('A', 'z', '1|2'), row('A', 'b', '0')];
  const lines = table(rows);
  assert.deepEqual(lines.slice(2).map(l => l.slice(0, 8)), ['| A | b ', '|  | z |', '| B | y ']);
  assert.ok(lines[3].includes('1\\|2'), lines[3]);
  assert.deepEqual(table([...rows].reverse()), lines);
});

test('docs/recording.md has the markers, and only what is between them changes', () => {
  const page = readFileSync(new URL('../../docs/recording.md', import.meta.url), 'utf8');
  const changed = put(page, ['new']);
  const markers = ['<!-- figures: begin', '<!-- figures: end -->'];
  for (const marker of markers) assert.equal(changed.split(marker).length, 2);
  assert.equal(changed.split(markers[0])[0], page.split(markers[0])[0]);
  assert.equal(changed.split(markers[1])[1], page.split(markers[1])[1]);
  assert.throws(() => put('no markers', []));
});
