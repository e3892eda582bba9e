// What really went to and from the server's media ports, seen by a raw socket on the loopback device: independent of server and browsers.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { until } from './wait.mjs';

export class Capture {
  /** `{ at (ms since 1970), toServer, peer (port), ssrc, sequence, timestamp, type, marker, bytes }` in order. */
  packets = [];
  dropped = undefined;
  errors = '';

  static async start(...ports) {
    const capture = new Capture();
    capture.process = spawn('/usr/bin/python3', [fileURLToPath(new URL('../clients/loopback.py', import.meta.url)), ...ports.map(String)],
      { stdio: ['pipe', 'pipe', 'pipe'] });
    capture.process.stderr.on('data', chunk => { capture.errors = (capture.errors + chunk).slice(-5000); });
    capture.exited = new Promise(resolve => capture.process.once('exit', resolve));
    createInterface({ input: capture.process.stdout }).on('line', line => capture.#take(line));
    await until(() => capture.isReady, { what: 'the capture to begin', timeout: 10_000, describe: () => capture.errors });
    return capture;
  }

  /** Ends it and waits for its last line; a capture that lost packets proves nothing. */
  async stop() {
    this.process.stdin.end();
    const forced = setTimeout(() => this.process.kill('SIGKILL'), 10_000);
    await this.exited;
    clearTimeout(forced);
    await until(() => this.dropped !== undefined, { what: 'the last line of the capture', timeout: 5000, describe: () => this.errors });
    if (this.dropped > 0) throw new Error(`the capture lost ${this.dropped} packets`);
    return this.packets;
  }

  /** Waits until it has seen everything up to a moment: lines come in pieces. */
  async seen(at) {
    await until(() => (this.packets.at(-1)?.at ?? 0) >= at || this.quietSince(at), { what: 'the capture to catch up', timeout: 5000, every: 20, describe: () => this.errors });
  }

  quietSince(at) { return Date.now() > at + 1000; }

  #take(line) {
    const fields = line.split(' ');
    if (fields[0] === 'ready') this.isReady = true;
    else if (fields[0] === 'dropped') this.dropped = Number(fields[1]);
    else {
      const [at, way, peer, ssrc, sequence, timestamp, type, marker, bytes] = fields;
      this.packets.push({
        at: Number(at) * 1000, toServer: way === '>', peer: Number(peer), ssrc: Number(ssrc), sequence: Number(sequence), timestamp: Number(timestamp),
        type: Number(type), marker: marker === '1', bytes: Number(bytes),
      });
    }
  }
}
