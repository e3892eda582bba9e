// What really went to and from media ports, seen by a packet socket on the loopback device (clients/capture.py): independent of server and browsers.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { until } from './wait.mjs';

export class Capture {
  /** What arrived: `{ at (ms since 1970), toServer, address (of the target), ssrc, sequence, timestamp, type, marker, bytes }` in order. */
  packets = [];
  /** The same where senders put it on the wire. */
  sent = [];
  /** Whether it sees every packet of those that a sender gave the kernel in one piece, or the first only (Linux before 6.2). */
  isWhole = false;
  #dropped = undefined;
  #errors = '';
  #latest = 0;
  #isReady = false;

  /** Captures what goes to and comes from these UDP ports of servers. */
  static async start(...ports) {
    const capture = new Capture();
    capture.ports = new Set(ports);
    capture.process = spawn('/usr/bin/python3', [fileURLToPath(new URL('../clients/capture.py', import.meta.url)), ...ports.map(String)],
      { stdio: ['pipe', 'pipe', 'pipe'] });
    capture.process.stderr.on('data', chunk => { capture.#errors = (capture.#errors + chunk).slice(-5000); });
    createInterface({ input: capture.process.stdout }).on('line', line => capture.#take(line));
    await until(() => capture.#isReady, { what: 'the capture to begin', timeout: 10_000, describe: () => capture.#errors });
    return capture;
  }

  /** Ends it and waits for its last line; a capture that lost packets proves nothing. */
  async stop() {
    this.process.stdin.end();
    try {
      await until(() => this.#dropped !== undefined, { what: 'the last line of the capture', timeout: 10_000, describe: () => this.#errors });
    } finally {
      this.process.kill('SIGKILL');
    }
    if (this.#dropped > 0) throw new Error(`the capture lost ${this.#dropped} packets`);
  }

  /** Waits until it has seen everything up to a moment: lines come in pieces. */
  async seen(at) {
    await until(() => this.#latest >= at || Date.now() > at + 1000, { what: 'the capture to catch up', timeout: 5000, every: 20, describe: () => this.#errors });
  }

  #take(line) {
    const fields = line.split(' ');
    if (fields[0] === 'ready') [this.#isReady, this.isWhole] = [true, fields[1] === 'whole'];
    else if (fields[0] === 'dropped') this.#dropped = Number(fields[1]);
    else {
      const [at, way, , address, port, ssrc, sequence, timestamp, type, marker, bytes] = fields;
      this.#latest = Number(at) * 1000;
      (way === 'in' ? this.packets : this.sent).push({
        at: this.#latest, toServer: this.ports.has(Number(port)), address, ssrc: Number(ssrc), sequence: Number(sequence), timestamp: Number(timestamp),
        type: Number(type), marker: marker === '1', bytes: Number(bytes),
      });
    }
  }
}

/** 16-bit numbers by SSRC (eight hexadecimal digits), in the order of capture, of what went to a server's address. */
export function numbersTo(address, packets) {
  const streams = {};
  for (const packet of packets) {
    if (packet.toServer && packet.address === address) (streams[packet.ssrc.toString(16).padStart(8, '0')] ??= []).push(packet.sequence);
  }
  return streams;
}
