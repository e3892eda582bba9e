// HTTPS from certificate files, which browsers need off localhost: served, replaced while running, kept when the new files are broken.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Server } from './lib/server.mjs';
import { launchChromium, newPage } from './lib/browsers.mjs';
import { until } from './lib/wait.mjs';

let folder, server, chromium;
const file = name => join(folder, name);
const make = name => execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
  '-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost', '-keyout', file(`${name}.key`), '-out', file(`${name}.pem`)], { stdio: 'ignore' });
const install = async name => {
  // The key first, as certbot's hook would: for a moment the pair does not fit, and the server must live with that.
  await writeFile(file('key.pem'), await readFile(file(`${name}.key`)));
  await writeFile(file('cert.pem'), await readFile(file(`${name}.pem`)));
};

/** The name in the certificate that a new connection is shown. */
const presented = () => new Promise((resolve, reject) => {
  get(`https://127.0.0.1:${server.port}/healthz/live`, { rejectUnauthorized: false, agent: false, timeout: 5000 }, response => {
    const name = response.socket.getPeerCertificate().subject?.CN;
    response.resume().on('end', () => resolve({ status: response.statusCode, name }));
  }).on('error', reject);
});

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sfu-https-'));
  make('first');
  make('second');
  await install('first');
  chromium = await launchChromium('--ignore-certificate-errors');
  server = await Server.start({ 'Http:Certificate': file('cert.pem'), 'Http:CertificateKey': file('key.pem') }, { scheme: 'https' });
});
after(async () => {
  await chromium?.close();
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

test('certificate files are served, reloaded when they change, and kept when the new ones are broken', { timeout: 60_000 }, async () => {
  assert.deepEqual(await presented(), { status: 200, name: 'first' });
  await install('second');
  await until(async () => (await presented()).name === 'second', { what: 'the new certificate', timeout: 20_000, every: 250, describe: () => server.log.slice(-2000) });
  await writeFile(file('cert.pem'), 'not a certificate');
  await until(() => /certificate/i.test(server.log.slice(-3000)), { what: 'a word in the log about the broken file', timeout: 20_000 });
  assert.deepEqual(await presented(), { status: 200, name: 'second' });
});

test('the page joins over HTTPS and WSS', { timeout: 60_000 }, async () => {
  const page = await newPage(chromium);
  await page.goto(server.page('secure', 'Ann'));
  await until(() => page.$('article.tile'), { what: 'the call', timeout: 20_000, describe: () => `${page.errors.join('\n')}\n${server.log.slice(-3000)}` });
  await page.close();
});
