// The C programs that say what this machine allows; LIMIT names their folder (default ../shared/limit beside the repository; no part of it).
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { root, work } from './load.mjs';
import { run } from './run.mjs';

const folder = process.env.LIMIT ?? join(root, '../shared/limit');
const built = join(work, 'limit');

/** Builds them. @returns {Promise<string | null>} why there are none, or null */
export async function build() {
  if (!existsSync(join(folder, 'build-c.sh'))) return `no limit programs in ${folder}: set LIMIT`;
  mkdirSync(built, { recursive: true });
  const { code, err } = await run([join(folder, 'build-c.sh'), built], { seconds: 120 });
  return code === 0 ? null : `the limit programs do not build: ${err.trim().split('\n').at(-1)}`;
}

/** Runs one of them on CPU 1 (0 where there is no other). @returns {Promise<string>} what it printed; empty when it failed */
export async function measure(program, args, { budget, env = {} }) {
  const { code, out, err } = await run(pinned(join(built, program), ...args), { seconds: 300, env: { BUDGET: budget, ...env } });
  if (code !== 0) console.log(`${program} ${args.join(' ')} failed (${code}): ${err.trim()}`);
  return code === 0 ? out : '';
}

/** The command on the core that all of this is measured on. */
export const pinned = (...command) => ['taskset', '-c', process.env.SFU_BENCH_CPU ?? '1', ...command];

/** Lines `NAME   123 ns  (...)` of udp and ipsecmb. @returns {Map<string, number>} */
export const single = text => new Map([...text.matchAll(/^(.+?)\s+(\d+) ns\s+\(calm/gm)].map(([, name, ns]) => [name.trim(), Number(ns)]));

/** Lines `LABEL NAME  1200B protect  123 ns  unprotect  456 ns` of crypto. @returns {Map<string, { protect: number, unprotect: number }>} by `NAME 1200B` */
export const ciphers = text => new Map([...text.matchAll(/^\S+\s+(.+?)\s+(\d+B) protect\s+(\d+) ns\s+unprotect\s+(\d+) ns/gm)]
  .map(([, name, size, protect, unprotect]) => [`${name} ${size}`, { protect: Number(protect), unprotect: Number(unprotect) }]));

/** The median of fwd's one line. @returns {number} NaN when it has none */
export const forwarded = text => Number(/ med\s+(\d+) /.exec(text)?.[1] ?? NaN);

/** Lowest of those that there are; NaN of none. */
const least = (...values) => { const known = values.filter(value => value > 0); return known.length === 0 ? NaN : Math.min(...known); };

/**
 * What each of our stages is put beside: nanoseconds, and which program measured them.
 * @param {Map<string, number>} udp @param {Map<string, number>} mb of ipsecmb @param {ReturnType<typeof ciphers>} crypto
 */
export function limits(udp, mb, crypto) {
  const send = k => least(...[8, 32].map(batch => udp.get(k === 1 ? `[drop] sendmmsg batch ${batch} (50 dests)` : `[drop] sendmmsg ${batch} x GSO k=${k}`)));
  const evp = size => crypto.get(`EVP CTR + SHA1 copied state ${size}`);
  const together = size => least(...[8, 16, 32, 64].map(lanes => mb.get(`ipsec-mb CTR+HMAC-SHA1 mb K=${lanes} ${size}`)));
  return {
    'in: receive, 32 waiting': [udp.get('recvmmsg 32') ?? NaN, 'udp: recvmmsg 32'],
    'in: unprotect GCM': [mb.get('ipsec-mb GCM single 1200B') ?? NaN, 'ipsecmb: GCM, the same work as protecting'],
    'in: unprotect AES-CM': [evp('1200B')?.unprotect ?? NaN, 'crypto: EVP, copied SHA-1 state'],
    'out: protect GCM': [mb.get('ipsec-mb GCM single 1200B') ?? NaN, 'ipsecmb: GCM'],
    'out: protect GCM, 120 bytes': [mb.get('ipsec-mb GCM single 120B') ?? NaN, 'ipsecmb: GCM'],
    'out: protect AES-CM, 64 together': [together('1200B'), 'ipsecmb: 8 to 64 in flight'],
    'out: protect AES-CM, 120 bytes, 64 together': [together('120B'), 'ipsecmb: 8 to 64 in flight'],
    'out: protect AES-CM, alone': [least(evp('1200B')?.protect, mb.get('ipsec-mb CTR+HMAC-SHA1 mb K=1 1200B')), 'crypto: EVP, or ipsecmb: 1 in flight'],
    'out: send, 1 packet a message': [send(1), 'udp: sendmmsg of 8 or 32'],
    'out: send, 4 packets a message': [send(4), 'udp: sendmmsg of 8 or 32, UDP_SEGMENT'],
    'out: send, 10 packets a message': [send(10), 'udp: sendmmsg of 8 or 32, UDP_SEGMENT'],
  };
}
