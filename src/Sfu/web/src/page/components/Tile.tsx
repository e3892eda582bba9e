import { useEffect, useRef } from 'preact/hooks';
import { MicOff } from 'lucide-preact';
import { blocked, camera, media, quality, setLayers, speaking, type Tile as TileModel } from '../call.js';
import { colourOf, initials } from '../layout.js';
import { t } from '../i18n/index.js';
import { QualityBars } from './QualityBars.js';

/** Plays a track in a video element. */
export function Video({ track, label }: { track: MediaStreamTrack; label: string }) {
  const element = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const video = element.current!;
    video.srcObject = new MediaStream([track]);
    video.play().catch(() => undefined); // a muted video may always play; the next frame starts it
    return () => { video.srcObject = null; };
  }, [track]);
  return <video ref={element} autoPlay playsInline muted aria-label={label} />;
}

/** Plays a received voice; the browser may want a tap first. */
export function Audio({ track, sink }: { track: MediaStreamTrack; sink: string }) {
  const element = useRef<HTMLAudioElement>(null);
  useEffect(() => {
    const audio = element.current!;
    audio.srcObject = new MediaStream([track]);
    const play = () => audio.play().then(() => { blocked.value = false; }, () => { blocked.value = true; });
    void play();
    addEventListener('click', play);
    return () => { removeEventListener('click', play); audio.srcObject = null; };
  }, [track]);
  useEffect(() => {
    const audio = element.current as (HTMLAudioElement & { setSinkId?: (id: string) => Promise<void> }) | null;
    audio?.setSinkId?.(sink).catch(() => undefined); // the device may have been unplugged: the default plays on
  }, [sink]);
  return <audio ref={element} autoPlay />;
}

export function Tile({ tile, size }: { tile: TileModel; size?: { width: number; height: number } }) {
  const { participant, own, video, audio, screen } = tile;
  const name = own ? t.youSuffix(participant.name || participant.identity) : participant.name || participant.identity;
  const track = video && !video.muted ? (own && !screen ? camera.value : own ? null : media.value.get(video.id) ?? null) : null;
  const isMuted = !screen && (!audio || audio.muted);
  const isSpeaking = !screen && !isMuted && speaking.value.has(participant.id);
  const box = useRef<HTMLElement>(null);
  useEffect(() => {
    if (own || !video) return undefined;
    // The server sends no more than the tile can show.
    const tell = () => setLayers(video.id, box.current!.clientWidth * devicePixelRatio, box.current!.clientHeight * devicePixelRatio);
    let timer = setTimeout(tell, 300);
    const observer = new ResizeObserver(() => { clearTimeout(timer); timer = setTimeout(tell, 300); });
    observer.observe(box.current!);
    return () => { clearTimeout(timer); observer.disconnect(); };
  }, [own, video?.id]);
  const description = [screen ? t.screenTile(name) : t.tile(name), ...(isSpeaking ? [t.isSpeaking] : []), ...(isMuted ? [t.isMuted] : []), ...(track || own && screen ? [] : [t.cameraIsOff])].join(', ');
  return (
    <article ref={box} class={`tile${isSpeaking ? ' speaking' : ''}${own ? ' own' : ''}${screen ? ' screen' : ''}`} aria-label={description} style={size ? { width: `${size.width}px`, height: `${size.height}px` } : undefined}>
      {track ? <Video track={track} label={screen ? t.screenTile(name) : t.tile(name)} />
        : screen && own ? <p>{t.youPresent}</p>
          : <div class="avatar" style={{ background: colourOf(participant.identity) }} aria-hidden="true">{initials(participant.name || participant.identity)}</div>}
      <div class="label" aria-hidden="true">
        {isMuted && !screen && <MicOff size={15} class="muted-icon" />}
        <span class="name">{screen ? t.isPresenting(name) : name}</span>
        {!screen && <QualityBars quality={quality.value.get(participant.id)} />}
      </div>
    </article>
  );
}
