// A wire between clients and a server that loses RTP of each client at its own rate: it has the server's public address, the server has loopback.
import dgram from 'node:dgram';
import { once } from 'node:events';

const bufferSize = 4 << 20;
const isRtp = packet => packet.length >= 12 && packet[0] >= 128 && packet[0] <= 191 && !(packet[1] >= 192 && packet[1] <= 223);

/** Numbers from 0 to 1 that are the same in every run (mulberry32). */
const random = seed => () => {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
};

export class LossyWire {
  #clients = new Map();                                       // "address:port" to { back, rate }
  #ownerOf = new Map();                                       // SSRC to client

  /** Stands on these ports of `outside` and passes on to the same ports of `inside`. */
  static async start(outside, inside, ports, seed = 1) {
    const wire = new LossyWire();
    wire.random = random(seed);
    wire.fronts = await Promise.all(ports.map(async port => {
      const front = dgram.createSocket({ type: 'udp4', recvBufferSize: bufferSize });
      front.bind(port, outside);
      await once(front, 'listening');
      front.on('message', (packet, from) => wire.#pass(front, packet, from, inside, port));
      return front;
    }));
    return wire;
  }

  /** From now on this share of the RTP packets of whoever sends this SSRC is lost. */
  lose(ssrc, rate) {
    const client = this.#ownerOf.get(ssrc);
    if (!client) return false;
    client.rate = rate;
    return true;
  }

  close() {
    for (const front of this.fronts) front.close();
    for (const { back } of this.#clients.values()) back.close();
  }

  #pass(front, packet, from, inside, port) {
    const client = this.#client(front, from);
    if (isRtp(packet)) {
      this.#ownerOf.set(packet.readUInt32BE(8), client);
      if (client.rate > 0 && this.random() < client.rate) return;
    }
    client.back.send(packet, port, inside);
  }

  #client(front, from) {
    const key = `${from.address}:${from.port}`;
    let client = this.#clients.get(key);
    if (client) return client;
    const back = dgram.createSocket({ type: 'udp4', recvBufferSize: bufferSize });
    back.on('message', packet => front.send(packet, from.port, from.address));
    this.#clients.set(key, client = { back, rate: 0 });
    return client;
  }
}
