import type { AnsweredTrack, TrackSource } from './protocol.js';

/** What the negotiator needs of the signalling connection. */
export interface NegotiationChannel {
  offer(rev: number, sdp: string, tracks: Record<string, OfferedTrack>): Promise<Answer>;
  candidate(ufrag: string, mid: string, candidate: string | null): void;
}

/** A track that the offer publishes, by the mid of its section. */
export interface OfferedTrack {
  kind: 'audio' | 'video';
  source: TrackSource;
  name: string;
}

/** The server's answer: what each section carries. */
export interface Answer {
  sdp: string;
  tracks: Record<string, AnsweredTrack>;
}

/** What one section carries after an exchange. */
export interface SectionState extends Partial<AnsweredTrack> {
  mid: string;
  direction: 'send' | 'receive';
  media: MediaStreamTrack | null;
}

interface Publication {
  transceiver: RTCRtpTransceiver;
  offered: OfferedTrack;
  settle?: { resolve: (state: AnsweredTrack) => void; reject: (error: unknown) => void } | undefined;
}

/**
 * Keeps one peer connection in step with the server. The client is always the offerer, with one offer open at a time: wishes that
 * come up meanwhile are served by the next one. Sections are used again: a section the server no longer feeds goes to the
 * next track of its kind, a section we no longer send on goes to our next track.
 */
export class Negotiator {
  readonly #publications = new Map<RTCRtpTransceiver, Publication>();
  #wanted = false;
  #running: Promise<void> | null = null;
  #restart = false;
  #closed = false;

  constructor(
    readonly connection: RTCPeerConnection,
    private readonly channel: () => NegotiationChannel | null,
    private readonly onSections: (sections: SectionState[]) => void,
    private readonly onError: (error: unknown) => void,
    /** Numbers the offers of the session, which may outlive this connection. */
    private readonly nextRev: () => number,
  ) {
    connection.addEventListener('icecandidate', event => {
      const candidate = event.candidate;
      if (candidate?.usernameFragment && candidate.sdpMid !== null) this.channel()?.candidate(candidate.usernameFragment, candidate.sdpMid, candidate.candidate || null);
    });
  }

  /** Offers again with so many more sections to receive on. */
  receive(audio: number, video: number): void {
    for (let i = 0; i < audio; i++) this.connection.addTransceiver('audio', { direction: 'recvonly' });
    for (let i = 0; i < video; i++) this.connection.addTransceiver('video', { direction: 'recvonly' });
    this.wish();
  }

  /** Sends a track; resolves with the server's word on it. */
  publish(media: MediaStreamTrack, source: TrackSource, name: string, encodings?: RTCRtpEncodingParameters[]): Promise<{ transceiver: RTCRtpTransceiver; answered: AnsweredTrack }> {
    const kind = media.kind as 'audio' | 'video';
    let transceiver = encodings ? undefined : this.connection.getTransceivers().find(t =>
      // Only a section that the server knows to be idle: it would take the new track for the one before.
      this.#publications.get(t) === undefined && t.direction === 'inactive' && t.currentDirection === 'inactive' && t.sender.track === null
      && t.receiver.track.kind === kind && this.#wasOurs.has(t) && !this.#wasLayered.has(t));
    if (transceiver) {
      transceiver.direction = 'sendonly';
      void transceiver.sender.replaceTrack(media);
    } else {
      transceiver = this.connection.addTransceiver(media, { direction: 'sendonly', streams: [new MediaStream()], ...(encodings ? { sendEncodings: encodings } : {}) });
    }
    this.#wasOurs.add(transceiver);
    if (encodings) this.#wasLayered.add(transceiver);
    const used = transceiver;
    return new Promise((resolve, reject) => {
      this.#publications.set(used, {
        transceiver: used,
        offered: { kind, source, name },
        settle: { resolve: answered => resolve({ transceiver: used, answered }), reject },
      });
      this.wish();
    });
  }

  readonly #wasOurs = new Set<RTCRtpTransceiver>();
  readonly #wasLayered = new Set<RTCRtpTransceiver>();

  /** Stops sending on a section. */
  async unpublish(transceiver: RTCRtpTransceiver): Promise<void> {
    const publication = this.#publications.get(transceiver);
    if (!publication) return;
    publication.settle?.reject(new Error('unpublished'));
    this.#publications.delete(transceiver);
    await transceiver.sender.replaceTrack(null);
    transceiver.direction = 'inactive';
    this.wish();
  }

  /** Restarts ICE with the next offer: the path has failed. */
  restart(): void {
    this.#restart = true;
    this.wish();
  }

  /** Asks for an offer as soon as none is open. */
  wish(): void {
    this.#wanted = true;
    if (this.#running || this.#closed) return;
    this.#running = this.#run().finally(() => {
      this.#running = null;
      if (this.#wanted && !this.#closed && this.channel()) this.wish();
    });
  }

  close(): void {
    this.#closed = true;
    for (const publication of this.#publications.values()) publication.settle?.reject(new Error('closed'));
    this.connection.close();
  }

  async #run(): Promise<void> {
    while (this.#wanted && !this.#closed) {
      const channel = this.channel();
      if (!channel) return; // the next connection asks again
      this.#wanted = false;
      if (this.#restart) {
        this.#restart = false;
        this.connection.restartIce();
      }
      try {
        await this.#exchange(channel);
      } catch (error) {
        if (this.#closed) return;
        if (this.connection.signalingState === 'have-local-offer') await this.connection.setLocalDescription({ type: 'rollback' });
        if (this.channel() !== channel) { this.#wanted = true; return; } // cut in the middle: offered again after the resume
        for (const publication of this.#publications.values()) {
          publication.settle?.reject(error);
          publication.settle = undefined;
        }
        this.onError(error);
      }
    }
  }

  async #exchange(channel: NegotiationChannel): Promise<void> {
    await this.connection.setLocalDescription();
    if (this.#closed) return; // another connection has taken over: its offer must not meet this one
    const sdp = this.connection.localDescription!.sdp, sending = sendingMids(sdp);
    const offered: Record<string, OfferedTrack> = {};
    const open: Publication[] = [];
    for (const publication of this.#publications.values()) {
      // One that was published while the offer was made is in the next.
      const mid = publication.transceiver.mid;
      if (mid === null || !sending.has(mid)) continue;
      offered[mid] = publication.offered;
      open.push(publication);
    }
    const answer = await channel.offer(this.nextRev(), sdp, offered);
    if (this.#closed) return;
    await this.connection.setRemoteDescription({ type: 'answer', sdp: answer.sdp });
    const sections: SectionState[] = [];
    for (const transceiver of this.connection.getTransceivers()) {
      const mid = transceiver.mid;
      if (mid === null) continue;
      const answered = answer.tracks[mid] ?? {};
      const isOurs = this.#wasOurs.has(transceiver);
      sections.push({ mid, direction: isOurs ? 'send' : 'receive', media: isOurs ? transceiver.sender.track : transceiver.receiver.track, ...answered });
    }
    for (const publication of open) {
      publication.settle?.resolve(answer.tracks[publication.transceiver.mid!] ?? { track: '', participant: '', refused: 'internal' });
      publication.settle = undefined;
    }
    this.onSections(sections);
  }
}

/** The mids of an offer's sections that send. */
function sendingMids(sdp: string): Set<string> {
  const mids = new Set<string>();
  for (const section of sdp.split(/^m=/m).slice(1)) {
    const mid = /^a=mid:(\S+)/m.exec(section)?.[1];
    if (mid !== undefined && /^a=send(only|recv)\s*$/m.test(section)) mids.add(mid);
  }
  return mids;
}
