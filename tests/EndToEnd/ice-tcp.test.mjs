// A participant behind a firewall that blocks UDP still joins, over ICE-TCP.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { Server } from './lib/server.mjs';
import { inbound, launchChromium, newPage, selectedPair } from './lib/browsers.mjs';
import { together } from './lib/together.mjs';
import { until } from './lib/wait.mjs';

let server, chromium;

before(async () => {
  [server, chromium] = await together(Server.start({ 'Media:Workers': 1 }), launchChromium());
  const nft = (...args) => execFileSync('nft', args);
  nft('add', 'table', 'inet', 'udpblock');
  nft('add', 'chain', 'inet', 'udpblock', 'output', '{ type filter hook output priority 0; }');
  nft('add', 'rule', 'inet', 'udpblock', 'output', 'udp', 'dport', String(server.settings['Media:UdpPort']), 'counter', 'drop');
});
after(async () => {
  execFileSync('nft', ['delete', 'table', 'inet', 'udpblock']);
  await chromium?.close();
  await server?.stop();
});

test('Chromium with UDP blocked joins over ICE-TCP, sends and decodes', { timeout: 60_000 }, async () => {
  const ann = await newPage(chromium), bob = await newPage(chromium);
  await ann.goto(server.page('tcp', 'ann'));
  await bob.goto(server.page('tcp', 'bob'));
  for (const page of [ann, bob]) {
    await until(async () => (await inbound(page)).some(r => r.kind === 'video' && r.framesDecoded > 30), {
      what: '30 decoded frames over TCP', timeout: 30_000, every: 200, describe: () => server.log.slice(-4000),
    });
    const pair = await selectedPair(page);
    assert.equal(pair.protocol, 'tcp');
    assert.equal(pair.remotePort, server.settings['Media:TcpPort']);
  }
  const dropped = execFileSync('nft', ['list', 'table', 'inet', 'udpblock']).toString();
  assert.match(dropped, /counter packets [1-9]/, 'UDP must have been tried and blocked');
});
