// Runs a program for a bounded time.
import { spawn } from 'node:child_process';

const grace = 20_000;                                    // from being asked to end to being ended

/**
 * @param {string[]} command program and arguments
 * @param {{ seconds: number, env?: object }} options `seconds` it may take; then its process group is ended
 * @returns {Promise<{ code: number | null, out: string, err: string, isLate: boolean, startedAt: number, endedAt: number }>} never rejects;
 *   `code` is null when it could not be started or was ended; times as of performance.now()
 */
export function run(command, { seconds, env = {} }) {
  return new Promise(resolve => {
    const startedAt = performance.now();
    let out = '', err = '', isLate = false, killer;
    const child = spawn(command[0], command.slice(1), { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env }, detached: true });
    const end = code => {
      clearTimeout(timer);
      clearTimeout(killer);
      resolve({ code, out, err, isLate, startedAt, endedAt: performance.now() });
    };
    const signal = name => { try { process.kill(-child.pid, name); } catch { /* it has just ended */ } };
    const timer = setTimeout(() => {
      isLate = true;
      signal('SIGTERM');
      killer = setTimeout(() => signal('SIGKILL'), grace);
    }, seconds * 1000);
    child.stdout.on('data', chunk => { out += chunk; });
    child.stderr.on('data', chunk => { err = (err + chunk).slice(-20_000); });
    child.on('error', error => { err += error.message; end(null); });
    child.on('close', end);
  });
}
