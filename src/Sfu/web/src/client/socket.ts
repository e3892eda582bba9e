import { SfuError, type ServerMessage } from './protocol.js';

type Reply = Extract<ServerMessage, { re?: number }>;

/** One WebSocket of the signalling protocol: numbered requests with a time limit each, pings, and nothing else. */
export class SignallingSocket {
  readonly #socket: WebSocket;
  readonly #open = new Map<number, { resolve: (reply: Reply) => void; reject: (error: unknown) => void; timer: ReturnType<typeof setTimeout> | undefined }>();
  #nextId = 1;
  #ping: ReturnType<typeof setInterval> | undefined;
  #heardAt = performance.now();

  constructor(url: string, token: string | null, private readonly onMessage: (message: ServerMessage) => void, private readonly onClose: (code: number) => void) {
    const address = new URL(url, location.href);
    address.protocol = address.protocol.replace('http', 'ws');
    if (token) address.searchParams.set('access_token', token);
    this.#socket = new WebSocket(address, 'sfu.v1');
    this.#socket.addEventListener('message', event => this.#receive(String(event.data)));
    this.#socket.addEventListener('close', event => this.#closed(event.code));
  }

  /** Resolves when the socket is open; rejects with `network` when it cannot be opened within the limit. */
  opened(limitMs = 8000): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = () => { clearTimeout(timer); reject(new SfuError('network', 'The signalling connection could not be opened.')); };
      const timer = setTimeout(() => { fail(); this.#socket.close(); }, limitMs);
      if (this.#socket.readyState === WebSocket.OPEN) { clearTimeout(timer); resolve(); return; }
      this.#socket.addEventListener('open', () => { clearTimeout(timer); resolve(); });
      this.#socket.addEventListener('close', fail);
    });
  }

  get isOpen(): boolean { return this.#socket.readyState === WebSocket.OPEN; }

  /** Sends without waiting for an answer. */
  post(message: object): void {
    if (this.isOpen) this.#socket.send(JSON.stringify(message));
  }

  /** Sends a request; rejects with the server's error, with `network` when the socket ends, and after `limitMs` (0 = no limit). */
  request(message: object, limitMs = 15_000): Promise<Reply> {
    return new Promise((resolve, reject) => {
      if (!this.isOpen) { reject(new SfuError('network', 'Not connected.')); return; }
      const id = this.#nextId++;
      const timer = limitMs === 0 ? undefined : setTimeout(() => {
        this.#open.delete(id);
        reject(new SfuError('network', 'The server did not answer in time.'));
      }, limitMs);
      this.#open.set(id, { resolve, reject, timer });
      this.#socket.send(JSON.stringify({ ...message, id }));
    });
  }

  /** Pings at the server's interval and closes a socket on which nothing has come for `idleMs`: a dead path gives no close of its own. */
  keepAlive(intervalMs: number, idleMs: number): void {
    clearInterval(this.#ping);
    this.#ping = setInterval(() => {
      if (performance.now() - this.#heardAt > idleMs) { this.close(); return; }
      this.post({ type: 'ping', t: Math.round(performance.now()) });
    }, intervalMs);
  }

  close(): void {
    this.#socket.close(1000);
    // A dead path would hold the close handshake for a minute: what waits is told at once.
    this.#closed(1006);
  }

  #ended = false;

  #closed(code: number): void {
    if (this.#ended) return;
    this.#ended = true;
    clearInterval(this.#ping);
    for (const { reject, timer } of this.#open.values()) {
      clearTimeout(timer);
      reject(new SfuError('network', 'The connection was lost.'));
    }
    this.#open.clear();
    this.onClose(code);
  }

  #receive(text: string): void {
    if (this.#ended) return;
    this.#heardAt = performance.now();
    const message = JSON.parse(text) as ServerMessage;
    const re = 're' in message ? message.re : undefined;
    const waiting = re === undefined ? undefined : this.#open.get(re);
    // A waiting participant's join is answered twice: `waiting` now, `joined` once it is admitted.
    if (waiting && message.type !== 'waiting') {
      this.#open.delete(re!);
      clearTimeout(waiting.timer);
      if (message.type === 'error') waiting.reject(new SfuError(message.code, message.message, message.field, message.retryAfterMs));
      else waiting.resolve(message as Reply);
      if (message.type !== 'bye') return;
    }
    if (waiting && message.type === 'waiting') { clearTimeout(waiting.timer); waiting.timer = undefined; }
    this.onMessage(message);
  }
}
