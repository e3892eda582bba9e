export { SfuClient } from './client.js';
export type { ClientEvents, ClientState, ConnectOptions, Publication, PublishOptions } from './client.js';
export { SfuError } from './protocol.js';
export type { DataMessage, MediaKind, ParticipantInfo, ParticipantRecording, PauseReason, Quality, QualityReport, RecordingInfo, RoomEvent, RoomInfo, TrackInfo, TrackSource } from './protocol.js';
