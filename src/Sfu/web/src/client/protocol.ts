// The messages of `sfu.v1`, as docs/signalling.md describes them. Members that are not listed are ignored, as the protocol asks.

export type MediaKind = 'audio' | 'video';
export type TrackSource = 'microphone' | 'camera' | 'screen_share' | 'screen_share_audio' | 'other';
export type Quality = 'excellent' | 'good' | 'poor' | 'lost';

export interface TrackInfo {
  id: string;
  /** Id of the participant who publishes it. */
  participant: string;
  kind: MediaKind;
  source: TrackSource;
  name: string;
  muted: boolean;
  mutedBy?: 'self' | 'admin' | 'server';
}

export interface Rights {
  publish: boolean;
  subscribe: boolean;
  data: boolean;
  admin: boolean;
  /** Sources that may be published; empty = all. */
  sources: TrackSource[];
  /** May steer the recording. */
  record: boolean;
}

export interface ParticipantInfo {
  /** Id of this participation; the same identity gets another when it joins again. */
  id: string;
  identity: string;
  name: string;
  metadata: string;
  state: 'waiting' | 'joined';
  role: 'host' | 'participant' | 'viewer';
  joinedAt: number;
  tracks: TrackInfo[];
  rights?: Rights;
  /** Whether it is recorded now. */
  recording: ParticipantRecording;
}

export type ParticipantRecording = 'off' | 'consent_pending' | 'on' | 'paused' | 'refused' | 'exempt';

/** The recording of a room; docs/signalling.md section 4 says what each value means. */
export interface RecordingInfo {
  state: 'off' | 'starting' | 'recording' | 'paused' | 'suspended' | 'failed';
  id?: string;
  policy?: 'required' | 'best_effort' | 'off';
  consent?: 'none' | 'first';
  reason?: string;
}

export type PauseReason = 'pci' | 'privacy' | 'off_the_record' | 'legal' | 'other';

export interface RoomInfo {
  id: string;
  name: string;
  metadata: string;
  locked: boolean;
  lobby: boolean;
  maxParticipants: number;
  /** Who waits to be admitted; for hosts only. */
  waiting?: ParticipantInfo[];
}

export interface Joined {
  type: 'joined';
  session: string;
  secret: string;
  resumeWindowMs: number;
  participant: ParticipantInfo;
  room: RoomInfo;
  participants: ParticipantInfo[];
  iceServers: RTCIceServer[];
  limits: { pingIntervalMs: number; idleTimeoutMs: number };
  recording: RecordingInfo;
  seq: number;
  resumed: boolean;
  /** `closed`: the session needs a new peer connection. */
  media: 'none' | 'connected' | 'closed';
}

export interface AnsweredTrack {
  track: string;
  participant: string;
  refused?: string;
}

export interface QualityReport {
  participant: string;
  quality: Quality;
  rttMs?: number;
  lossUp?: number;
  lossDown?: number;
  jitterMs?: number;
}

export type RoomEvent = { type: 'event'; seq: number; at: number } & (
  | { kind: 'participant_joined'; participant: ParticipantInfo }
  | { kind: 'participant_waiting'; participant: ParticipantInfo }
  | { kind: 'participant_left'; participant: string; identity: string; reason: string }
  | { kind: 'track_published'; track: TrackInfo }
  | { kind: 'track_updated'; track: TrackInfo }
  | { kind: 'track_unpublished'; track: string; participant: string; reason: string }
  | { kind: 'track_muted'; track: string; participant: string; muted: boolean; by: string | null; reason: string }
  | { kind: 'metadata'; participant: string | null; metadata: string; name?: string }
  | { kind: 'room_locked'; locked: boolean; by: string | null }
  | RecordingInfo & { kind: 'recording'; participants?: Record<string, ParticipantRecording> }
  | { kind: 'participant_recording'; participant: string; state: ParticipantRecording }
  | { kind: 'room_closed'; reason: string });

export type ServerMessage =
  | Joined & { re: number }
  | { type: 'waiting'; re: number; session: string; room: { name: string }; participant: ParticipantInfo }
  | { type: 'answer'; re: number; rev: number; sdp: string; tracks: Record<string, AnsweredTrack> }
  | { type: 'negotiate'; audio: number; video: number; reason: string }
  | RoomEvent
  | { type: 'media'; state: 'connected' | 'closed'; reason?: string }
  | { type: 'layers'; track: string; rid: string | null; temporal: number; paused: boolean; reason: string }
  | { type: 'mute'; track: string; muted: boolean; by: string | null; reason: string }
  | DataMessage
  | { type: 'speakers'; dominant: string | null; speakers: { participant: string; track: string; level: number }[] }
  | { type: 'quality'; participants: QualityReport[] }
  | { type: 'pong'; re?: number; t: number; now: number }
  | { type: 'ok'; re: number }
  | { type: 'error'; re?: number; code: string; field?: string; message: string; retryAfterMs?: number }
  | { type: 'bye'; re?: number; reason: string; action: 'none' | 'resume' | 'rejoin'; afterMs: number };

export interface DataMessage {
  type: 'data';
  /** Id of the sender, or null = the server. */
  from: string | null;
  direct: boolean;
  topic: string;
  text?: string;
  base64?: string;
  at: number;
}

/** A request the server refused; `code` is one of docs/signalling.md section 6, or `network`. */
export class SfuError extends Error {
  constructor(readonly code: string, message: string, readonly field?: string, readonly retryAfterMs?: number) {
    super(message);
    this.name = 'SfuError';
  }
}
