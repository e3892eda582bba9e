// A published server of our own for several generators at once; to be run in a network namespace of its own (deploy/local/in-namespace.sh).
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from './load.mjs';

process.env.SFU_PINNED = process.env.SFU_BINARY ?? join(root, 'artifacts/sfu/Sfu');
process.env.SFU_BINARY = fileURLToPath(new URL('pinned.sh', import.meta.url));
const { Server } = await import('../../EndToEnd/lib/server.mjs');

/** Starts one as the load generator would. @param {string} cpus which cores it may use, as taskset says it */
export const start = cpus => Server.start(
  { 'Media:Address': '127.0.0.1', 'Media:AdvertisedAddresses': '', 'Recording:Policy': 'off' }, { environment: { SFU_SERVER_CPU: cpus } });

/** What run.sh needs to use it instead of starting one. */
export const environment = server => ({
  SFU_PID: String(server.process.pid), SFU_BASE: server.base, SFU_SECRET: server.secret, SFU_KEY: server.key, SFU_CMD: '',
});
