// Builds the meeting page and the browser client into ../wwwroot; with --tests the unit tests into .tests.
import { build } from 'esbuild';
import { cp, mkdir, readFile, rm, writeFile, readdir } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, '../wwwroot');
const common = { bundle: true, format: 'esm', target: ['es2022'], logLevel: 'warning', absWorkingDir: here };

if (process.argv.includes('--tests')) {
  await rm(join(here, '.tests'), { recursive: true, force: true });
  const files = (await readdir(join(here, 'tests'))).filter(name => name.endsWith('.test.ts'));
  await build({ ...common, entryPoints: files.map(name => `tests/${name}`), outdir: '.tests', platform: 'node', outExtension: { '.js': '.mjs' } });
} else {
  await rm(out, { recursive: true, force: true });
  await mkdir(join(out, 'assets'), { recursive: true });
  // Hashed names may be cached for ever; index.html and sfu-client.js keep their names and are asked for again.
  const page = await build({
    ...common, entryPoints: { page: 'src/page/main.tsx', style: 'src/page/style.css' }, outdir: '../wwwroot/assets', entryNames: '[name]-[hash]',
    minify: true, sourcemap: true, metafile: true, jsx: 'automatic', jsxImportSource: 'preact',
  });
  await build({ ...common, entryPoints: { 'sfu-client': 'src/client/index.ts' }, outdir: '../wwwroot', minify: true, sourcemap: true });
  const built = entry => Object.entries(page.metafile.outputs).find(([, o]) => o.entryPoint === entry)[0].split('/wwwroot/')[1];
  const html = (await readFile(join(here, 'src/page/index.html'), 'utf8'))
    .replace('{{script}}', `/${built('src/page/main.tsx')}`)
    .replace('{{style}}', `/${built('src/page/style.css')}`);
  await writeFile(join(out, 'index.html'), html);
  await cp(join(here, 'src/page/icon.svg'), join(out, 'icon.svg'));
  execFileSync(process.execPath, [join(here, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.client.json'], { cwd: here, stdio: 'inherit' });
  const hash = createHash('sha256').update(html).digest('hex');
  await writeFile(join(out, '.built'), `${hash}\n`);
}
