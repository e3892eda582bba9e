// A wire between clients and a server that loses RTP of each client at its own rate: it has the server's public address, the server has loopback.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { until } from './wait.mjs';

export class LossyWire {
  #answers = [];
  #errors = '';

  /** Stands on these ports of `outside` and passes on to the same ports of `inside`. */
  static async start(outside, inside, ports, seed = 1) {
    const wire = new LossyWire();
    wire.process = spawn('/usr/bin/python3', [fileURLToPath(new URL('../clients/lossy_wire.py', import.meta.url)), outside, inside, ...[seed, ...ports].map(String)],
      { stdio: ['pipe', 'pipe', 'pipe'] });
    wire.process.stderr.on('data', chunk => { wire.#errors = (wire.#errors + chunk).slice(-5000); });
    createInterface({ input: wire.process.stdout }).on('line', line => wire.#answers.push(line));
    await wire.#answer('the wire to stand');
    return wire;
  }

  /** From now on this share of the RTP packets of whoever sends this SSRC is lost. False when nobody sent it yet. */
  async lose(ssrc, rate) { return await this.#ask(`lose ${ssrc} ${rate}`) === 'ok'; }

  /** How many packets of this SSRC it has lost. */
  async lost(ssrc) { return Number(await this.#ask(`lost ${ssrc}`)); }

  close() { this.process.kill('SIGKILL'); }

  /** One question at a time: the next one waits for its turn. */
  #ask(line) {
    this.asking = (this.asking ?? Promise.resolve()).then(() => {
      this.process.stdin.write(`${line}\n`);
      return this.#answer(line);
    });
    return this.asking;
  }

  async #answer(what) {
    await until(() => this.#answers.length > 0, { what: `the wire: ${what}`, timeout: 10_000, every: 5, describe: () => this.#errors });
    return this.#answers.shift();
  }
}
