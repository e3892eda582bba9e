// What a packet socket saw of RTP on loopback, at the sender's end and at the server's (clients/capture.py).
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { until } from './wait.mjs';

export class Capture {
  /** Captures what goes to `sentTo` and what arrives at `arrivedAt`, on these UDP ports of either. */
  static async start(sentTo, arrivedAt, ports) {
    const capture = new Capture();
    const script = fileURLToPath(new URL('../clients/capture.py', import.meta.url));
    capture.lines = [];
    capture.errors = '';
    capture.process = spawn('/usr/bin/python3', [script, sentTo, arrivedAt, ...ports.map(String)], { stdio: ['pipe', 'pipe', 'pipe'] });
    capture.process.stderr.on('data', chunk => { capture.errors = (capture.errors + chunk).slice(-5000); });
    createInterface({ input: capture.process.stdout }).on('line', line => capture.lines.push(JSON.parse(line)));
    await until(() => capture.lines[0]?.ready, { what: 'the capture to begin', timeout: 10_000, describe: () => capture.errors });
    return capture;
  }

  /** Ends it. `{ sent: { ssrc: [number, ..] }, arrived: { .. }, missed }`, SSRCs in eight hexadecimal digits. */
  async stop() {
    this.process.stdin.end();
    return until(() => this.lines[1], { what: 'the capture to end', timeout: 10_000, describe: () => this.errors });
  }

  close() { this.process.kill('SIGKILL'); }
}
