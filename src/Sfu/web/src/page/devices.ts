import { signal } from '@preact/signals';

/** What the page was asked to capture: `?video=320x180@15`. */
export interface CaptureWish { width: number; height: number; frameRate: number }

export function parseCaptureWish(text: string | null): CaptureWish {
  const match = /^(\d{2,4})x(\d{2,4})(?:@(\d{1,2}))?$/.exec(text ?? '');
  return match ? { width: Number(match[1]), height: Number(match[2]), frameRate: Number(match[3] ?? 30) } : { width: 1280, height: 720, frameRate: 30 };
}

export type MediaProblem = 'insecure' | 'mediaRefused' | 'noCamera' | null;

export const microphones = signal<MediaDeviceInfo[]>([]);
export const cameras = signal<MediaDeviceInfo[]>([]);
export const speakers = signal<MediaDeviceInfo[]>([]);
export const chosen = signal<{ microphone: string; camera: string; speaker: string }>({ microphone: '', camera: '', speaker: '' });

export async function listDevices(): Promise<void> {
  if (!navigator.mediaDevices?.enumerateDevices) return;
  const devices = await navigator.mediaDevices.enumerateDevices();
  const ofKind = (kind: MediaDeviceKind) => devices.filter(d => d.kind === kind && d.deviceId !== '');
  microphones.value = ofKind('audioinput');
  cameras.value = ofKind('videoinput');
  speakers.value = ofKind('audiooutput');
}

const problemOf = (error: unknown): MediaProblem =>
  error instanceof DOMException && (error.name === 'NotAllowedError' || error.name === 'SecurityError') ? 'mediaRefused' : 'noCamera';

const exact = (id: string) => (id ? { deviceId: { exact: id } } : {});

export const openMicrophone = async (): Promise<MediaStreamTrack> =>
  (await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true, ...exact(chosen.value.microphone) } })).getAudioTracks()[0]!;

export const openCamera = async (wish: CaptureWish): Promise<MediaStreamTrack> =>
  (await navigator.mediaDevices.getUserMedia({
    video: { width: { ideal: wish.width }, height: { ideal: wish.height }, frameRate: { ideal: wish.frameRate, max: wish.frameRate }, ...exact(chosen.value.camera) },
  })).getVideoTracks()[0]!;

/** Opens what there is: both devices, else one of them, else none and why. */
export async function openDevices(wish: CaptureWish): Promise<{ microphone: MediaStreamTrack | null; camera: MediaStreamTrack | null; problem: MediaProblem }> {
  if (!navigator.mediaDevices?.getUserMedia) return { microphone: null, camera: null, problem: 'insecure' };
  const [microphone, camera] = await Promise.allSettled([openMicrophone(), openCamera(wish)]);
  const value = (result: PromiseSettledResult<MediaStreamTrack>) => (result.status === 'fulfilled' ? result.value : null);
  const problem = microphone.status === 'rejected' && camera.status === 'rejected' ? problemOf(microphone.reason) : null;
  await listDevices();
  return { microphone: value(microphone), camera: value(camera), problem };
}
