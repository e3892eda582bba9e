import { Emitter } from './emitter.js';
import { Negotiator, type NegotiationChannel, type SectionState } from './negotiator.js';
import { SfuError, type DataMessage, type Joined, type MediaKind, type ParticipantInfo, type ParticipantRecording, type PauseReason, type QualityReport, type RecordingInfo, type RoomEvent, type RoomInfo, type ServerMessage, type TrackInfo, type TrackSource } from './protocol.js';
import { SignallingSocket } from './socket.js';

export interface ConnectOptions {
  /** The server's address, such as `https://meet.example`; the page's own by default. */
  url?: string;
  /** Access token; it names the room and the identity. */
  token: string;
  name?: string;
  metadata?: string;
  /** `auto` (default) receives everything; `manual` what `subscribe` switches on. */
  subscribe?: 'auto' | 'manual';
  /** Called when the host has to let this participant in first. */
  onWaiting?: () => void;
  /** Gives up joining. */
  signal?: AbortSignal;
}

export interface PublishOptions {
  source: TrackSource;
  name?: string;
  /** Simulcast or other encodings, lowest first. */
  encodings?: RTCRtpEncodingParameters[];
}

/** A track of ours. */
export interface Publication {
  track: string;
  media: MediaStreamTrack;
  source: TrackSource;
  transceiver: RTCRtpTransceiver;
  muted: boolean;
}

export type ClientState = 'joining' | 'joined' | 'reconnecting' | 'closed';

/** What an {@link SfuClient} reports; the payloads are described in docs/client.md. */
export interface ClientEvents {
  state: ClientState;
  /** The list of participants, their tracks, the room or the lobby changed; `cause` is the event behind it, if one. */
  changed: { cause: RoomEvent | null };
  /** A received track has media to play, or (null) has none any more. */
  media: { track: string; media: MediaStreamTrack | null };
  /** A track cannot be received: `no_common_codec`. */
  refused: { track: string; code: string };
  speakers: { dominant: string | null; speaking: Set<string> };
  quality: QualityReport[];
  data: DataMessage;
  /** Somebody else muted one of our tracks. */
  muted: { track: string; reason: string };
  /** The call is over for us: `left`, `kicked`, `room_closed`, `replaced`, `network` .. */
  ended: { reason: string };
  error: SfuError;
}

function setRecording(participant: ParticipantInfo | undefined, state: ParticipantRecording): void {
  if (participant) participant.recording = state;
}

/** Pauses before each new try to reach the server, ms; a random part is added so that clients do not come back in step. */
const retryPauses = [0, 300, 1200, 2700, 4800, 7000, 7000, 7000, 7000];

/** One participation in a room: joining, media, and coming back after a cut. Make it with {@link SfuClient.connect}. */
export class SfuClient extends Emitter<ClientEvents> {
  readonly participants = new Map<string, ParticipantInfo>();
  readonly publications = new Map<string, Publication>();
  /** Tracks that are being received, by track id. */
  readonly received = new Map<string, MediaStreamTrack>();
  state: ClientState = 'joining';
  room!: RoomInfo;
  /** Known before any media flows. */
  recording: RecordingInfo = { state: 'off' };
  self!: ParticipantInfo;
  resumeWindowMs = 30_000;

  #socket: SignallingSocket | null = null;
  #negotiator: Negotiator | null = null;
  #session: { session: string; secret: string; seq: number } | null = null;
  #iceServers: RTCIceServer[] = [];
  #rev = 0;

  private constructor(private readonly options: ConnectOptions) { super(); }

  /** Joins the token's room; rejects with an {@link SfuError} when the server refuses or cannot be reached. */
  static async connect(options: ConnectOptions): Promise<SfuClient> {
    const client = new SfuClient(options);
    await client.#open(null);
    return client;
  }

  /** Publishes a track; resolves when the server has accepted it. */
  async publish(media: MediaStreamTrack, { source, name = '', encodings }: PublishOptions): Promise<Publication> {
    const { transceiver, answered } = await this.#requireNegotiator().publish(media, source, name, encodings);
    if (answered.refused) {
      await this.#negotiator?.unpublish(transceiver);
      throw new SfuError(answered.refused, `The server refused this track: ${answered.refused}.`);
    }
    const publication: Publication = { track: answered.track, media, source, transceiver, muted: false };
    this.publications.set(publication.track, publication);
    return publication;
  }

  async unpublish(track: string): Promise<void> {
    const publication = this.publications.get(track);
    if (!publication) return;
    this.publications.delete(track);
    await this.#negotiator?.unpublish(publication.transceiver);
  }

  /** Sends other media on a published track, for example of another camera; nothing is negotiated. */
  async replace(track: string, media: MediaStreamTrack): Promise<void> {
    const publication = this.publications.get(track);
    if (!publication) throw new SfuError('not_found', 'This track is not published.');
    publication.media = media;
    await publication.transceiver.sender.replaceTrack(media);
  }

  /** Mutes or unmutes a track of ours; hosts may mute (not unmute) those of others. */
  async mute(track: string, muted: boolean): Promise<void> {
    const own = this.publications.get(track);
    if (own) own.muted = muted;
    await this.#request({ type: 'mute', track, muted });
  }

  async subscribe(tracks: string[], on: boolean): Promise<void> {
    await this.#request({ type: 'subscribe', tracks, on });
    for (const track of tracks) {
      // The section stays as it is until the next offer: what it carries is not heard of meanwhile.
      const media = on ? this.#assigned.get(track) : undefined;
      if (media && !this.received.has(track)) this.received.set(track, media);
      else if (on || !this.received.delete(track)) continue;
      this.emit('media', { track, media: media ?? null });
    }
  }

  /** Says how large a track is shown; the server sends no more than is useful. */
  layers(track: string, width: number, height: number, paused = false): void {
    this.#socket?.post({ type: 'layers', track, width: Math.round(width), height: Math.round(height), paused });
  }

  /** Sends text to everybody, or to the participants in `to`. */
  async send(topic: string, text: string, to?: string[]): Promise<void> { await this.#request({ type: 'data', topic, text, ...(to ? { to } : {}) }); }

  async kick(participant: string): Promise<void> { await this.#request({ type: 'kick', participant }); }
  async muteAll(kind: MediaKind = 'audio'): Promise<void> { await this.#request({ type: 'mute_all', kind }); }
  async lock(locked: boolean): Promise<void> { await this.#request({ type: locked ? 'lock' : 'unlock' }); }
  async admit(participant: string): Promise<void> { await this.#request({ type: 'admit', participant }); }
  async refuse(participant: string): Promise<void> { await this.#request({ type: 'refuse', participant }); }

  /** Starts, pauses, resumes or stops the recording of the room; for hosts whose token may record. */
  async record(action: 'start' | 'pause' | 'resume' | 'stop', reason?: PauseReason): Promise<void> {
    await this.#request({ type: 'record', action, ...(reason ? { reason } : {}) });
  }

  /** Says whether this participant agrees to be recorded; it may be taken back. */
  async consent(granted: boolean): Promise<void> { await this.#request({ type: 'consent', granted }); }

  /** Leaves the room. */
  async leave(): Promise<void> {
    if (this.state === 'closed') return;
    const socket = this.#socket;
    if (socket?.isOpen) await socket.request({ type: 'leave' }, 1000).catch(() => undefined);
    this.#end('left');
  }

  /** The peer connection, for statistics; null before the first negotiation. */
  get connection(): RTCPeerConnection | null { return this.#negotiator?.connection ?? null; }

  #requireNegotiator(): Negotiator {
    if (this.state === 'closed') throw new SfuError('bad_state', 'The call is over.');
    return this.#negotiator ??= this.#createNegotiator();
  }

  #createNegotiator(): Negotiator {
    const connection = new RTCPeerConnection({ iceServers: this.#iceServers, bundlePolicy: 'max-bundle' });
    const negotiator = new Negotiator(
      connection,
      () => {
        const socket = this.#socket;
        if (!socket?.isOpen || this.state !== 'joined') return null;
        return this.#channelOf(socket);
      },
      sections => this.#onSections(sections),
      error => this.emit('error', error instanceof SfuError ? error : new SfuError('bad_sdp', String(error))),
      () => ++this.#rev,
    );
    connection.addEventListener('connectionstatechange', () => {
      if (connection.connectionState === 'failed') negotiator.restart();
    });
    return negotiator;
  }

  readonly #channels = new WeakMap<SignallingSocket, NegotiationChannel>();

  #channelOf(socket: SignallingSocket): NegotiationChannel {
    let channel = this.#channels.get(socket);
    if (!channel) this.#channels.set(socket, channel = this.#makeChannel(socket));
    return channel;
  }

  #makeChannel(socket: SignallingSocket): NegotiationChannel {
    return {
      offer: async (rev, sdp, tracks) => {
        const reply = await socket.request({ type: 'offer', rev, sdp, tracks });
        if (reply.type !== 'answer') throw new SfuError('internal', `Unexpected ${reply.type}.`);
        return reply;
      },
      candidate: (ufrag, mid, candidate) => socket.post({ type: 'candidate', ufrag, mid, candidate }),
    };
  }

  /** What the sections carried after the last exchange, switched off or not. */
  #assigned = new Map<string, MediaStreamTrack>();

  #onSections(sections: SectionState[]): void {
    const now = new Map<string, MediaStreamTrack>();
    for (const section of sections) {
      if (section.direction !== 'receive' || !section.track || !section.media) continue;
      if (section.refused) this.emit('refused', { track: section.track, code: section.refused });
      else now.set(section.track, section.media);
    }
    this.#assigned = now;
    for (const track of [...this.received.keys()]) {
      if (now.has(track)) continue;
      this.received.delete(track);
      this.emit('media', { track, media: null });
    }
    for (const [track, media] of now) {
      if (this.received.get(track) === media) continue;
      this.received.set(track, media);
      this.emit('media', { track, media });
    }
  }

  async #open(resume: { session: string; secret: string; seq: number } | null): Promise<void> {
    const { token, name, metadata, subscribe = 'auto', url = location.origin, signal } = this.options;
    const socket = new SignallingSocket(new URL('/ws', url).href, token,
      message => { if (socket === this.#socket) this.#onMessage(message); },
      code => { if (socket === this.#socket) this.#onSocketClosed(code); });
    this.#socket = socket;
    const abort = () => this.#end('left');
    signal?.addEventListener('abort', abort);
    try {
      await socket.opened();
      const reply = await socket.request({
        type: 'join', v: 1, client: { name: 'sfu-client', version: '1.0' }, subscribe,
        ...(name ? { name } : {}), ...(metadata ? { metadata } : {}), ...(resume ? { resume } : {}),
      });
      if (reply.type === 'bye') throw new SfuError(reply.reason, `The server ended the call: ${reply.reason}.`);
      if (reply.type !== 'joined') throw new SfuError('internal', `Unexpected ${reply.type}.`);
      this.#onJoined(reply, socket);
    } catch (error) {
      if (this.#socket === socket && !resume) this.#socket = null;
      socket.close();
      throw error;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  #onJoined(joined: Joined, socket: SignallingSocket): void {
    this.#session = { session: joined.session, secret: joined.secret, seq: joined.seq };
    this.resumeWindowMs = joined.resumeWindowMs;
    this.self = joined.participant;
    this.room = joined.room;
    this.recording = joined.recording;
    this.#iceServers = joined.iceServers;
    this.participants.clear();
    for (const participant of joined.participants) this.participants.set(participant.id, participant);
    socket.keepAlive(joined.limits.pingIntervalMs, joined.limits.idleTimeoutMs);
    this.#setState('joined');
    if (joined.resumed) {
      if (joined.media === 'closed') this.#startMediaAfresh(true);
      else if (this.connection?.connectionState === 'failed') this.#negotiator?.restart();
      else this.#negotiator?.wish();
    } else if (this.#negotiator) {
      this.#startMediaAfresh(false);
    }
    this.emit('changed', { cause: null });
  }

  /** A new participation, or a dead path: what was published is published again on a new connection. */
  #startMediaAfresh(same: boolean): void {
    const old = [...this.publications.values()];
    this.#negotiator?.close();
    this.#negotiator = null;
    this.publications.clear();
    this.#assigned.clear();
    const sections = { audio: 0, video: 0 };
    for (const [track, media] of [...this.received]) {
      // A new participation is told by `negotiate` how many sections it needs; the same one asks for as many as it had.
      if (same) sections[media.kind as MediaKind]++;
      this.received.delete(track);
      this.emit('media', { track, media: null });
    }
    if (sections.audio + sections.video > 0) this.#requireNegotiator().receive(sections.audio, sections.video);
    for (const { media, source, muted } of old) {
      if (media.readyState === 'ended') continue;
      this.publish(media, { source })
        .then(publication => { if (muted) return this.mute(publication.track, true); })
        .then(() => this.emit('changed', { cause: null }))
        .catch(error => this.emit('error', error as SfuError));
    }
  }

  #onMessage(message: ServerMessage): void {
    switch (message.type) {
      case 'waiting': this.options.onWaiting?.(); break;
      case 'negotiate': this.#requireNegotiator().receive(message.audio, message.video); break;
      case 'event': this.#onEvent(message); break;
      case 'media': if (message.state === 'closed' && this.state === 'joined') this.#startMediaAfresh(true); break;
      case 'mute': {
        const own = this.publications.get(message.track);
        if (own) own.muted = message.muted;
        this.emit('muted', { track: message.track, reason: message.reason });
        break;
      }
      case 'speakers': this.emit('speakers', { dominant: message.dominant, speaking: new Set(message.speakers.map(s => s.participant)) }); break;
      case 'quality': this.emit('quality', message.participants); break;
      case 'data': this.emit('data', message); break;
      case 'error': this.emit('error', new SfuError(message.code, message.message, message.field, message.retryAfterMs)); break;
      case 'bye': this.#onBye(message.reason, message.action, message.afterMs); break;
      default: break;
    }
  }

  #onEvent(event: RoomEvent): void {
    if (this.#session && event.seq > this.#session.seq) this.#session.seq = event.seq;
    const trackOf = (id: string): TrackInfo | undefined => {
      for (const participant of [this.self, ...this.participants.values()]) {
        const found = participant.tracks.find(t => t.id === id);
        if (found) return found;
      }
      return undefined;
    };
    const owner = (id: string) => (id === this.self.id ? this.self : this.participants.get(id));
    switch (event.kind) {
      case 'participant_joined':
        if (event.participant.id !== this.self.id) this.participants.set(event.participant.id, event.participant);
        this.#forgetWaiting(event.participant.id);
        break;
      case 'participant_waiting':
        this.#forgetWaiting(event.participant.id);
        this.room.waiting = [...(this.room.waiting ?? []), event.participant];
        break;
      case 'participant_left':
        this.participants.delete(event.participant);
        this.#forgetWaiting(event.participant);
        break;
      case 'track_published': {
        const participant = owner(event.track.participant);
        if (participant && !participant.tracks.some(t => t.id === event.track.id)) participant.tracks.push(event.track);
        break;
      }
      case 'track_updated': {
        const track = trackOf(event.track.id);
        if (track) Object.assign(track, event.track);
        break;
      }
      case 'track_unpublished': {
        const participant = owner(event.participant);
        if (participant) participant.tracks = participant.tracks.filter(t => t.id !== event.track);
        if (this.received.delete(event.track)) this.emit('media', { track: event.track, media: null });
        break;
      }
      case 'track_muted': {
        const track = trackOf(event.track);
        if (track) track.muted = event.muted;
        break;
      }
      case 'metadata': {
        if (event.participant === null) { this.room.metadata = event.metadata; break; }
        const participant = owner(event.participant);
        if (participant) { participant.metadata = event.metadata; participant.name = event.name ?? participant.name; }
        break;
      }
      case 'room_locked': this.room.locked = event.locked; break;
      case 'recording': {
        const { state, id, policy, consent, reason } = event;
        this.recording = { state, ...(id ? { id } : {}), ...(policy ? { policy } : {}), ...(consent ? { consent } : {}), ...(reason ? { reason } : {}) };
        for (const [one, now] of Object.entries(event.participants ?? {})) setRecording(owner(one), now);
        break;
      }
      case 'participant_recording': setRecording(owner(event.participant), event.state); break;
      default: break;
    }
    this.emit('changed', { cause: event });
  }

  #forgetWaiting(id: string): void {
    if (this.room.waiting) this.room.waiting = this.room.waiting.filter(p => p.id !== id);
  }

  #onBye(reason: string, action: string, afterMs: number): void {
    if (action === 'none' || this.state === 'joining') { this.#end(reason); return; }
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
    void this.#comeBack(action === 'resume', afterMs);
  }

  #onSocketClosed(code: number): void {
    this.#socket = null;
    if (this.state !== 'joined') return;
    if (code === 4409) { this.#end('replaced'); return; }
    void this.#comeBack(true, 0);
  }

  #isOver(): boolean { return this.state !== 'reconnecting'; }

  async #comeBack(resume: boolean, afterMs: number): Promise<void> {
    if (this.state !== 'joined') return;
    this.#setState('reconnecting');
    for (const pause of retryPauses) {
      const wait = Math.max(afterMs, pause) + (pause > 300 ? Math.random() * 500 : 0);
      afterMs = 0;
      await new Promise(resolve => setTimeout(resolve, wait));
      if (this.#isOver()) return;
      try {
        await this.#open(resume ? this.#session : null);
        return;
      } catch (error) {
        const code = error instanceof SfuError ? error.code : 'network';
        if (!['network', 'limit', 'draining', 'internal'].includes(code)) { this.#end(code); return; }
        if (error instanceof SfuError) afterMs = error.retryAfterMs ?? 0;
      }
    }
    this.#end('network');
  }

  async #request(message: object): Promise<void> {
    if (!this.#socket) throw new SfuError('network', 'Not connected.');
    await this.#socket.request(message);
  }

  #setState(state: ClientState): void {
    if (this.state === state) return;
    this.state = state;
    this.emit('state', state);
  }

  #end(reason: string): void {
    if (this.state === 'closed') return;
    this.#setState('closed');
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
    this.#negotiator?.close();
    this.emit('ended', { reason });
  }
}
