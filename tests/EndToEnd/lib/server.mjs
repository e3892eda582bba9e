// Starts the published server on ports and a data directory of its own, and stops it.
import { execFileSync, spawn } from 'node:child_process';
import http from 'node:http';
import https from 'node:https';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { randomBytes } from 'node:crypto';
import { token } from './token.mjs';
import { until } from './wait.mjs';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const binary = process.env.SFU_BINARY ?? join(root, 'artifacts/sfu/Sfu');
let nextPort = 7880;

/** Whether a test passes must not depend on how full the machine's disk is. */
const unlimitedDisk = { 'Recording:Disk:NoDerivationsAbove': 1, 'Recording:Disk:NoNewRecordingsAbove': 1, 'Recording:Disk:ClosedAbove': 1 };

export class Server {
  /** Address that browsers use: Firefox reaches no server that is on loopback only. */
  static host = process.env.SFU_TEST_HOST ?? '10.77.0.1';

  /** Starts a server; `settings` are configuration keys without the `Sfu:` in front, `data` a data directory of the caller's. */
  static async start(settings = {}, { scheme = 'http', data, environment } = {}) {
    const server = new Server();
    server.scheme = scheme;
    server.environment = environment;
    server.port = nextPort;
    nextPort += 10;
    server.key = 'testkey';
    server.secret = randomBytes(24).toString('hex');
    server.data = data ?? await mkdtemp(join(tmpdir(), 'sfu-e2e-'));
    server.keepsData = data !== undefined;
    server.settings = {
      'DataDirectory': server.data,
      'Http:Address': '127.0.0.1',
      'Http:Port': server.port,
      'Media:WarmUp': false,                                // the tests start many servers and look at no times that it would change
      'Media:Address': '0.0.0.0',
      'Media:AdvertisedAddresses': Server.host,
      'Media:TcpPort': server.port + 1,
      'Media:UdpPort': server.port + 2,
      [`ApiKeys:${server.key}`]: server.secret,
      ...unlimitedDisk,
      ...settings,
    };
    await server.#spawn();
    return server;
  }

  get base() { return `${this.scheme}://127.0.0.1:${this.port}`; }

  token(identity, room, grants = {}, claims = {}) {
    return token(this.key, this.secret, identity, { room, roomJoin: true, ...grants }, claims);
  }

  /** URL of the demo page that joins at once. */
  page(room, name, { token: given, video = '320x180@15', query = '' } = {}) {
    const access = given ?? this.token(name, room, { roomCreate: true, canPublish: true, canSubscribe: true });
    return `${this.base}/?room=${encodeURIComponent(room)}&name=${encodeURIComponent(name)}&join=1&video=${video}`
      + `&token=${encodeURIComponent(access)}${query}`;
  }

  async fetch(path, { bearer, ...init } = {}) {
    return fetch(this.base + path, { ...init, headers: { ...(bearer ? { authorization: `Bearer ${bearer}` } : {}), ...init.headers } });
  }

  /** A request of the application's back end, which may do with rooms and recordings what it likes and joins none (docs/api.md). */
  async ask(method, path, body) {
    return this.fetch(path, {
      method, bearer: this.backEnd(), ...(body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}),
    });
  }

  /** The same; its answer, or an error with what the server said. */
  async call(method, path, body) {
    const response = await this.ask(method, path, body);
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}\n${this.log.slice(-3000)}`);
    return text ? JSON.parse(text) : null;
  }

  backEnd() { return this.token('', undefined, { roomJoin: false, roomRecord: true, roomCreate: true, roomList: true }); }

  /** One value of /metrics; `labels` is the text inside the braces. To compare values, take them of one {@link scrape}. */
  async metric(name, labels) {
    return (await this.scrape())(name, labels);
  }

  /** /metrics as of one moment: a function of name and labels that returns the value, undefined where there is none. */
  async scrape() {
    const values = new Map((await (await this.fetch('/metrics')).text()).split('\n').filter(line => line && !line.startsWith('#')).map(line => {
      const end = line.indexOf('} ') + 1 || line.indexOf(' ');
      return [line.slice(0, end), Number(line.slice(end + 1).split(' ')[0])];
    }));
    return (name, labels) => values.get(labels ? `${name}{${labels}}` : name);
  }

  /** Ends the process with a signal and waits for it. */
  async kill(signal = 'SIGTERM') {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const gone = new Promise(resolve => this.process.once('exit', resolve));
    this.process.kill(signal);
    const forced = setTimeout(() => this.process.kill('SIGKILL'), 15_000);
    await gone;
    clearTimeout(forced);
  }

  /** Starts the same server again on the same ports and data. */
  async restart() { await this.#spawn(); }

  async stop() {
    await this.kill();
    if (!this.keepsData) await rm(this.data, { recursive: true, force: true });
  }

  /** Asks for readiness; a test's own certificate needs no authority. */
  #isReady() {
    return new Promise(resolve => {
      const client = this.scheme === 'https' ? https : http;
      const request = client.get(`${this.base}/healthz/ready`, { rejectUnauthorized: false, timeout: 2000 }, response => {
        response.resume();
        resolve(response.statusCode === 200);
      });
      request.on('timeout', () => request.destroy());
      request.on('error', () => resolve(false));
    });
  }

  /** Who has the ports, when they were the reason. */
  #portOwners() {
    return this.log.includes('is in use') ? execFileSync('ss', ['-Htulnpa'], { encoding: 'utf8' }) : '';
  }

  async #spawn() {
    const options = Object.entries(this.settings).map(([key, value]) => `--Sfu:${key}=${value}`);
    this.log = '';
    this.process = spawn(binary, options, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...this.environment } });
    const keep = chunk => { this.log = (this.log + chunk).slice(-200_000); };
    this.process.stdout.on('data', keep);
    this.process.stderr.on('data', keep);
    const started = performance.now();
    await until(async () => {
      if (this.process.exitCode !== null) throw new Error(`server ended with ${this.process.exitCode}:\n${this.log}${this.#portOwners()}`);
      return await this.#isReady();
    }, { what: 'the server to be ready', timeout: 30_000, describe: () => this.log });
    this.readyMs = performance.now() - started;
  }
}
