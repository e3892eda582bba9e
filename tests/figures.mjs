// node tests/figures.mjs FOLDER PAGE [TEXT]: puts the figures that tests wrote into FOLDER (lib/figures.mjs) as a table between the two
// markers of PAGE, sorted by line. TEXT says above it how, where and when they were made. The same figures make the same bytes.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const begin = '<!-- figures: begin (made by ./bench.sh, do not edit) -->', end = '<!-- figures: end -->';
const cell = text => text.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ').trim();
const order = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

const met = row => [row.met === undefined ? '' : row.met ? 'yes' : '**no**', ...(row.reaches === undefined ? [] : [`aim ${row.reaches ? 'yes' : '**no**'}`])]
  .filter(Boolean).join(', ');

/**
 * The table as lines of Markdown. Rows may have more than lib/figures.mjs asks for: `beside` (what the value is compared with), `ratio`, `met` (whether
 * the gate is), `reaches` (whether an aim is) and `at` (their order within a line): then the table has columns for it.
 */
export function table(rows, command = './bench.sh recording') {
  if (rows.length === 0) return [`No figures yet: run \`${command}\`.`];
  const isWide = rows.some(row => row.beside !== undefined);
  const sorted = [...rows].sort((a, b) => order(a.line, b.line) || order(a.test, b.test) || (a.at ?? 0) - (b.at ?? 0) || order(a.what, b.what));
  let line = '';
  const body = sorted.map(row => {
    const first = row.line === line ? '' : cell(row.line);
    line = row.line;
    const more = isWide ? [row.beside ?? '', row.ratio ?? ''] : [];
    return `| ${[first, row.what, row.value, ...more, row.gate, ...(isWide ? [met(row)] : [])].map(cell).join(' | ')} | \`${cell(row.test)}\` |`;
  });
  const head = ['Line', 'Measured', 'Value', ...(isWide ? ['Beside', 'Ratio'] : []), 'Gate', ...(isWide ? ['Met'] : []), 'By'];
  return [`| ${head.join(' | ')} |`, `|${'---|'.repeat(head.length)}`, ...body];
}

/** Which files were made how, one line for those that were made alike; files that do not say it are left out. */
export function makers(files) {
  const said = new Map();
  for (const { name, made } of files.filter(file => file.made)) said.set(made, [...(said.get(made) ?? []), name]);
  return [...said].map(([made, names]) => `- ${names.sort().join(', ')}: ${made}`).sort();
}

/** The JSON files of a folder: name without its ending, rows, and how they were made if that is said. */
export function files(folder) {
  return readdirSync(folder).filter(name => name.endsWith('.json')).sort().map(name => {
    const { rows, made } = JSON.parse(readFileSync(join(folder, name), 'utf8'));
    if (!Array.isArray(rows)) throw new Error(`${name} has no rows`);
    return { name: name.slice(0, -5), rows, made };
  });
}

/** All rows of the JSON files of a folder. */
export const read = folder => files(folder).flatMap(file => file.rows);

/** The page with another table between its markers. */
export function put(page, lines) {
  const from = page.indexOf(begin), to = page.indexOf(end);
  if (from < 0 || to < from) throw new Error('the page lacks the markers of its figures');
  return `${page.slice(0, from + begin.length)}\n${lines.join('\n')}\n${page.slice(to)}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder, page, text] = process.argv.slice(2);
  if (!page) throw new Error('usage: node tests/figures.mjs FOLDER PAGE [TEXT]');
  const made = makers(files(folder));
  const lines = [...(text ? [text, ''] : []), ...(made.length > 0 ? [...made, ''] : []), ...table(read(folder), `./bench.sh ${basename(folder)}`)];
  writeFileSync(page, put(readFileSync(page, 'utf8'), lines));
}
