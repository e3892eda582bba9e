// node tests/figures.mjs FOLDER PAGE [TEXT]: puts the figures that tests wrote into FOLDER (lib/figures.mjs) as a table between the two
// markers of PAGE, sorted by line. TEXT says above it how, where and when they were made. The same figures make the same bytes.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const begin = '<!-- figures: begin (made by ./bench.sh, do not edit) -->', end = '<!-- figures: end -->';
const cell = text => text.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ').trim();
const order = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

/** The table as lines of Markdown. */
export function table(rows) {
  if (rows.length === 0) return ['No figures yet: run `./bench.sh recording`.'];
  const sorted = [...rows].sort((a, b) => order(a.line, b.line) || order(a.test, b.test) || order(a.what, b.what));
  let line = '';
  const body = sorted.map(row => {
    const first = row.line === line ? '' : cell(row.line);
    line = row.line;
    return `| ${first} | ${cell(row.what)} | ${cell(row.value)} | ${cell(row.gate)} | \`${cell(row.test)}\` |`;
  });
  return ['| Line | Measured | Value | Gate | By |', '|---|---|---|---|---|', ...body];
}

/** All rows of the JSON files of a folder. */
export function read(folder) {
  return readdirSync(folder).filter(name => name.endsWith('.json')).sort().flatMap(name => {
    const { rows } = JSON.parse(readFileSync(join(folder, name), 'utf8'));
    if (!Array.isArray(rows)) throw new Error(`${name} has no rows`);
    return rows;
  });
}

/** The page with another table between its markers. */
export function put(page, lines) {
  const from = page.indexOf(begin), to = page.indexOf(end);
  if (from < 0 || to < from) throw new Error('the page lacks the markers of its figures');
  return `${page.slice(0, from + begin.length)}\n${lines.join('\n')}\n${page.slice(to)}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder, page, text] = process.argv.slice(2);
  if (!page) throw new Error('usage: node tests/figures.mjs FOLDER PAGE [TEXT]');
  const lines = [...(text ? [text, ''] : []), ...table(read(folder))];
  writeFileSync(page, put(readFileSync(page, 'utf8'), lines));
}
