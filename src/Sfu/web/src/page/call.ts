import { batch, computed, signal } from '@preact/signals';
import { SfuClient, SfuError, type ParticipantInfo, type Publication, type Quality, type RecordingInfo, type TrackInfo, type TrackSource } from '../client/index.js';
import { chosen, openCamera, openDevices, openMicrophone, listDevices, parseCaptureWish, type MediaProblem } from './devices.js';
import { t } from './i18n/index.js';
import { turns } from './turns.js';

export type View = 'prejoin' | 'joining' | 'waiting' | 'call' | 'ended';
export type Panel = 'people' | 'chat' | null;

export interface ChatLine { id: number; from: string; own: boolean; text: string; at: number }
export interface Toast { id: number; text: string; admit?: string }

/** One rectangle of the call: a person's camera (or avatar), or a shared screen. */
export interface Tile { key: string; participant: ParticipantInfo; own: boolean; video: TrackInfo | null; audio: TrackInfo | null; screen: boolean }

const parameters = new URLSearchParams(location.search);
export const wish = parseCaptureWish(parameters.get('video'));

export const view = signal<View>('prejoin');
export const roomName = signal(parameters.get('room') ?? 'welcome');
export const ownName = signal(parameters.get('name') ?? localStorage.getItem('sfu.name') ?? '');
export const failure = signal<string | null>(null);
export const endReason = signal('left');
export const reconnecting = signal(false);
export const panel = signal<Panel>(null);
export const chat = signal<ChatLine[]>([]);
export const unread = signal(0);
export const toasts = signal<Toast[]>([]);
export const announcement = signal('');
export const speaking = signal<ReadonlySet<string>>(new Set());
export const dominant = signal<string | null>(null);
export const quality = signal<ReadonlyMap<string, Quality>>(new Map());
export const media = signal<ReadonlyMap<string, MediaStreamTrack>>(new Map());
export const problem = signal<MediaProblem>(null);
export const microphone = signal<MediaStreamTrack | null>(null);
export const camera = signal<MediaStreamTrack | null>(null);
export const microphoneOn = signal(true);
export const cameraOn = signal(true);
export const sharing = signal(false);
export const blocked = signal(false);

const version = signal(0);
let client: SfuClient | null = null;
let joining: AbortController | null = null;
let nextId = 1;
const published = new Map<TrackSource, Publication>();

export const self = computed(() => { version.value; return client?.self ?? null; });
export const others = computed<ParticipantInfo[]>(() => { version.value; return client ? [...client.participants.values()] : []; });
export const waiting = computed<ParticipantInfo[]>(() => { version.value; return client?.room?.waiting ?? []; });
export const locked = computed(() => { version.value; return client?.room?.locked ?? false; });
export const recording = computed(() => { version.value; return client?.recording ?? { state: 'off' as const }; });
export const isRecorded = computed(() => { version.value; return client?.self?.recording ?? 'off'; });
export const mayRecord = computed(() => self.value?.rights?.record ?? false);
export const isHost = computed(() => self.value?.rights?.admin ?? false);

const trackOf = (participant: ParticipantInfo, source: TrackSource) => participant.tracks.find(track => track.source === source) ?? null;

export const tiles = computed<Tile[]>(() => {
  const list: Tile[] = [];
  const everybody = [...others.value, ...(self.value ? [self.value] : [])];
  for (const participant of everybody) {
    const own = participant.id === self.value?.id;
    const screen = trackOf(participant, 'screen_share');
    if (screen) list.push({ key: screen.id, participant, own, video: screen, audio: null, screen: true });
    list.push({ key: participant.id, participant, own, video: trackOf(participant, 'camera'), audio: trackOf(participant, 'microphone'), screen: false });
  }
  return list;
});

export function toast(text: string, admit?: string): void {
  const id = nextId++;
  toasts.value = [...toasts.value.slice(-3), { id, text, ...(admit ? { admit } : {}) }];
  setTimeout(() => dismiss(id), admit ? 30_000 : 5000);
}

export function dismiss(id: number): void { toasts.value = toasts.value.filter(entry => entry.id !== id); }

/** What everybody is told about the recording. */
export function recordingText(state: RecordingInfo['state'], reason?: string): string {
  switch (state) {
    case 'recording': return t.recordingOn;
    case 'paused': return t.recordingPaused;
    case 'starting': return t.recordingStarting;
    case 'suspended': return t.recordingSuspended;
    case 'failed': return t.recordingFailed;
    default: return reason ? t.recordingFailed : t.recordingOff;
  }
}

export const textOfError = (code: string): string => {
  const known = (t as unknown as Record<string, string>)[`error_${code}`];
  return typeof known === 'string' ? known : t.error_unknown(code);
};

/** Opens camera and microphone for the preview. */
export async function preparePreview(): Promise<void> {
  const opened = await openDevices(wish);
  batch(() => {
    microphone.value = opened.microphone;
    camera.value = opened.camera;
    problem.value = opened.problem;
  });
  navigator.mediaDevices?.addEventListener?.('devicechange', () => void listDevices());
}

/** The token of the address, or on a development server one that it makes. */
async function accessToken(): Promise<string> {
  const given = parameters.get('token');
  if (given) return given;
  const answer = await fetch(`/dev/token?room=${encodeURIComponent(roomName.value)}&name=${encodeURIComponent(ownName.value)}`).catch(() => null);
  if (!answer) throw new SfuError('network', 'no answer');
  if (!answer.ok) throw new SfuError('unauthorized', 'no token');
  return ((await answer.json()) as { token: string }).token;
}

export async function join(): Promise<void> {
  if (view.value === 'joining') return;
  localStorage.setItem('sfu.name', ownName.value);
  batch(() => { failure.value = null; view.value = 'joining'; });
  joining = new AbortController();
  try {
    if (!microphone.value && !camera.value && !problem.value) await preparePreview();
    client = await SfuClient.connect({ token: await accessToken(), name: ownName.value, onWaiting: () => { view.value = 'waiting'; }, signal: joining.signal });
  } catch (error) {
    const code = error instanceof SfuError ? error.code : 'network';
    if (code === 'refused' || code === 'kicked' || code === 'room_closed') end(code);
    else batch(() => { failure.value = textOfError(code); view.value = 'prejoin'; });
    return;
  }
  listen(client);
  batch(() => { view.value = 'call'; version.value++; chat.value = []; unread.value = 0; });
  if (problem.value) toast(t[problem.value]);
  const publishing: Promise<void>[] = [];
  if (microphone.value) publishing.push(publish('microphone', microphone.value, !microphoneOn.value));
  if (camera.value && cameraOn.value) publishing.push(publish('camera', camera.value, false));
  await Promise.allSettled(publishing);
}

export function cancelJoin(): void {
  joining?.abort();
  view.value = 'prejoin';
}

/** A camera that is switched off while it is being published is unpublished after that. */
const inTurn = turns<TrackSource>();

const publish = (source: TrackSource, track: MediaStreamTrack, muted: boolean): Promise<void> => inTurn(source, () => publishNow(source, track, muted));

const unpublish = (source: TrackSource): Promise<void> => inTurn(source, () => unpublishNow(source));

async function publishNow(source: TrackSource, track: MediaStreamTrack, muted: boolean): Promise<void> {
  if (!client) return;
  try {
    const publication = await client.publish(track, { source });
    published.set(source, publication);
    if (muted) await client.mute(publication.track, true);
    version.value++;
  } catch (error) {
    if (client.state !== 'closed') toast(`${t.publishRefused}: ${error instanceof SfuError ? error.code : String(error)}`);
  }
}

async function unpublishNow(source: TrackSource): Promise<void> {
  const publication = published.get(source);
  published.delete(source);
  if (publication) await client?.unpublish(publication.track);
  version.value++;
}

function listen(current: SfuClient): void {
  const nameOf = (id: string | null) => current.participants.get(id ?? '')?.name ?? current.participants.get(id ?? '')?.identity ?? t.host;
  const names = new Map([...current.participants.values()].map(p => [p.id, p.name || p.identity]));
  current.on('state', state => {
    reconnecting.value = state === 'reconnecting';
    if (state === 'joined') announcement.value = t.reconnected;
  });
  current.on('changed', ({ cause }) => {
    version.value++;
    if (!cause) return;
    switch (cause.kind) {
      case 'participant_joined':
        if (cause.participant.id === current.self.id) break;
        names.set(cause.participant.id, cause.participant.name || cause.participant.identity);
        toast(t.joined(names.get(cause.participant.id)!));
        break;
      case 'participant_left': {
        const name = names.get(cause.participant);
        if (name && cause.participant !== current.self.id) toast(cause.reason === 'timeout' ? t.lost(name) : t.left(name));
        break;
      }
      case 'participant_waiting': toast(t.knocks(cause.participant.name || cause.participant.identity), cause.participant.id); break;
      case 'recording': announcement.value = recordingText(cause.state, cause.reason); break;
      case 'room_closed': if (cause.reason === 'recording_unavailable') end(cause.reason); break; // the goodbye behind it does not say why
      case 'room_locked': toast(cause.locked ? t.roomLocked : t.roomUnlocked); break;
      case 'track_published':
        if (cause.track.source === 'screen_share' && cause.track.participant !== current.self.id) toast(t.isPresenting(nameOf(cause.track.participant)));
        break;
      default: break;
    }
  });
  current.on('media', ({ track, media: received }) => {
    const next = new Map(media.value);
    if (received) next.set(track, received); else next.delete(track);
    media.value = next;
  });
  current.on('refused', ({ track }) => {
    const owner = [...current.participants.values()].find(p => p.tracks.some(x => x.id === track));
    toast(t.cannotPlay(owner?.name ?? ''));
  });
  current.on('speakers', ({ dominant: who, speaking: now }) => batch(() => { dominant.value = who; speaking.value = now; }));
  current.on('quality', reports => { quality.value = new Map([...quality.value, ...reports.map(r => [r.participant, r.quality] as const)]); });
  current.on('data', message => {
    if (message.topic !== 'chat' || message.text === undefined) return;
    addChat(nameOf(message.from), false, message.text, message.at);
  });
  current.on('muted', ({ track }) => {
    if (published.get('microphone')?.track === track) { microphoneOn.value = false; toast(t.mutedByHost); }
    if (published.get('camera')?.track === track) cameraOn.value = false;
    version.value++;
  });
  current.on('error', error => toast(textOfError(error.code)));
  current.on('ended', ({ reason }) => end(reason));
}

function addChat(from: string, own: boolean, text: string, at: number): void {
  chat.value = [...chat.value.slice(-499), { id: nextId++, from, own, text, at }];
  if (own) return;
  announcement.value = `${t.chatFrom(from)}: ${text}`;
  if (panel.value !== 'chat') { unread.value++; toast(`${from}: ${text.slice(0, 80)}`); }
}

function end(reason: string): void {
  if (view.value === 'ended') return;
  for (const track of [microphone.value, camera.value, published.get('screen_share')?.media, published.get('screen_share_audio')?.media]) track?.stop();
  published.clear();
  client = null;
  batch(() => {
    microphone.value = camera.value = null;
    sharing.value = false;
    reconnecting.value = false;
    panel.value = null;
    media.value = new Map();
    speaking.value = new Set();
    endReason.value = reason;
    view.value = 'ended';
    version.value++;
  });
}

/** Steers the recording, and says why when that is refused. */
export async function record(action: 'start' | 'pause' | 'resume' | 'stop'): Promise<void> {
  await client?.record(action, action === 'pause' ? 'privacy' : undefined).catch(reportDevice);
}

export async function consent(granted: boolean): Promise<void> { await client?.consent(granted).catch(reportDevice); }

export async function leave(): Promise<void> {
  await client?.leave();
  end('left');
}

export async function toggleMicrophone(): Promise<void> {
  const on = microphoneOn.value = !microphoneOn.value;
  const publication = published.get('microphone');
  if (microphone.value) microphone.value.enabled = on;
  try {
    if (publication) await client?.mute(publication.track, !on);
    else if (on && view.value === 'call') {
      microphone.value ??= await openMicrophone();
      await publish('microphone', microphone.value, false);
    }
  } catch (error) {
    reportDevice(error);
  }
  version.value++;
}

export async function toggleCamera(): Promise<void> {
  const on = cameraOn.value = !cameraOn.value;
  try {
    if (!on) {
      camera.value?.stop(); // the camera's light goes out: off means off
      camera.value = null;
      await unpublish('camera');
    } else {
      camera.value = await openCamera(wish);
      if (view.value === 'call') await publish('camera', camera.value, false);
    }
  } catch (error) {
    cameraOn.value = false;
    reportDevice(error);
  }
  version.value++;
}

function reportDevice(error: unknown): void {
  if (error instanceof SfuError) toast(textOfError(error.code));
  else toast(error instanceof DOMException && error.name === 'NotAllowedError' ? t.mediaRefused : t.noCamera);
}

export async function toggleShare(): Promise<void> {
  if (sharing.value) { await stopShare(); return; }
  try {
    const stream = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { max: 15 } }, audio: true });
    const video = stream.getVideoTracks()[0]!, audio = stream.getAudioTracks()[0];
    video.contentHint = 'detail';
    video.addEventListener('ended', () => void stopShare());
    sharing.value = true;
    await publish('screen_share', video, false);
    if (audio) await publish('screen_share_audio', audio, false);
  } catch (error) {
    sharing.value = false;
    if (!(error instanceof DOMException && error.name === 'NotAllowedError')) toast(t.shareFailed);
  }
}

async function stopShare(): Promise<void> {
  if (!sharing.value) return;
  sharing.value = false;
  for (const source of ['screen_share', 'screen_share_audio'] as const) {
    published.get(source)?.media.stop();
    await unpublish(source);
  }
}

export async function useDevice(kind: 'microphone' | 'camera' | 'speaker', id: string): Promise<void> {
  chosen.value = { ...chosen.value, [kind]: id };
  try {
    if (kind === 'microphone' && microphone.value) {
      const next = await openMicrophone();
      next.enabled = microphoneOn.value;
      await replace('microphone', next);
      microphone.value.stop();
      microphone.value = next;
    } else if (kind === 'camera' && camera.value) {
      const next = await openCamera(wish);
      await replace('camera', next);
      camera.value.stop();
      camera.value = next;
    }
  } catch (error) {
    reportDevice(error);
  }
}

async function replace(source: TrackSource, next: MediaStreamTrack): Promise<void> {
  const publication = published.get(source);
  if (publication) await client?.replace(publication.track, next);
}

export async function sendChat(text: string): Promise<void> {
  await attempt(client?.send('chat', text));
  addChat(t.you, true, text, Date.now());
}

/** Runs a host's request and shows why, when it fails. */
async function attempt(request: Promise<void> | undefined): Promise<void> {
  try { await request; } catch (error) { toast(textOfError(error instanceof SfuError ? error.code : 'network')); throw error; }
}

const quietly = (request: Promise<void> | undefined) => void attempt(request).catch(() => undefined);
export const kick = (participant: string) => quietly(client?.kick(participant));
export const muteOther = (track: string) => quietly(client?.mute(track, true));
export const muteAll = () => quietly(client?.muteAll());
export const toggleLock = () => quietly(client?.lock(!locked.value));
export const admit = (participant: string) => quietly(client?.admit(participant));
export const refuse = (participant: string) => quietly(client?.refuse(participant));
export const setLayers = (track: string, width: number, height: number) => client?.layers(track, width, height);

export function showPanel(next: Panel): void {
  batch(() => {
    panel.value = panel.value === next ? null : next;
    if (panel.value === 'chat') unread.value = 0;
  });
}

addEventListener('pagehide', () => { void client?.leave(); });
