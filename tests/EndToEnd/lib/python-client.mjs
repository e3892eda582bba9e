// A client of tests/EndToEnd/clients as a child process: publishes by WHIP, plays by WHEP, reports JSON lines.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createInterface } from 'node:readline';
import { until } from './wait.mjs';

export class PythonClient {
  static #running = new Set();

  /** Ends those that a failed test left: node does not end while a child of its has open pipes. */
  static async endAll() { await Promise.allSettled([...PythonClient.#running].map(client => client.kill())); }

  constructor(name, mode, url, token, options = {}) {
    const script = fileURLToPath(new URL(`../clients/${name}_client.py`, import.meta.url));
    const extra = Object.entries(options).flatMap(([key, value]) => [`--${key}`, String(value)]);
    this.name = name;
    this.lines = [];
    this.errors = '';
    this.process = spawn('/usr/bin/python3', [script, mode, url, token, ...extra], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.process.stderr.on('data', chunk => { this.errors = (this.errors + chunk).slice(-20_000); });
    createInterface({ input: this.process.stdout }).on('line', line => this.lines.push(JSON.parse(line)));
    PythonClient.#running.add(this);
    this.exited = new Promise(resolve => this.process.once('exit', resolve)).then(() => { PythonClient.#running.delete(this); });
  }

  /** The answer to the POST. */
  async posted() {
    return until(() => this.lines[0], { what: 'the answer to the POST', timeout: 15_000, describe: () => this.errors });
  }

  /** The newest report. */
  get last() { return this.lines.filter(l => 't' in l).at(-1); }

  async connected() {
    await this.posted();
    return until(() => this.last?.state === 'connected' && this.last, { what: `${this.name} to connect`, timeout: 15_000, describe: () => JSON.stringify(this.lines.at(-1)) + this.errors });
  }

  /** Marks what it publishes with another word; returns the number of the first packet with it, after the last one with the old word was sent. */
  async mark(word) {
    this.process.stdin.write(`${word}\n`);
    return (await until(() => this.lines.find(line => line.marked === word), { what: `${word} to be sent`, timeout: 10_000, describe: () => this.errors })).from;
  }

  /** Lets it DELETE its resource and end; returns the DELETE's status. */
  async stop() {
    this.process.stdin.end();
    const forced = setTimeout(() => this.process.kill('SIGKILL'), 10_000);
    await this.exited;
    clearTimeout(forced);
    return this.lines.find(l => 'deleted' in l)?.deleted;
  }

  /** Ends it without a word, as a crash would. */
  async kill() {
    this.process.kill('SIGKILL');
    await this.exited;
  }
}

/** Debian's aiortc: VP8 and H.264, Opus. */
export class AiortcClient extends PythonClient {
  constructor(...args) { super('aiortc', ...args); }
}

/** Debian's GStreamer: H.265 or H.264 (option `codec`), Opus. */
export class GstreamerClient extends PythonClient {
  constructor(...args) { super('gstreamer', ...args); }
}
