import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { admit, announcement, blocked, dismiss, dominant, media, others, panel, reconnecting, roomName, tiles, toast, toasts } from '../call.js';
import { chosen } from '../devices.js';
import { tileSize } from '../layout.js';
import { t } from '../i18n/index.js';
import { Chat } from './Chat.js';
import { DevicesDialog } from './DevicesDialog.js';
import { People } from './People.js';
import { ConsentBanner, RecordingBadge } from './Recording.js';
import { Audio, Tile } from './Tile.js';
import { Toolbar, onShortcut } from './Toolbar.js';

const gap = 10, mostTiles = 25;

function Grid({ staged }: { staged: string | null }) {
  const box = useRef<HTMLDivElement>(null);
  const [space, setSpace] = useState({ width: 0, height: 0 });
  useLayoutEffect(() => {
    const observer = new ResizeObserver(() => setSpace({ width: box.current!.clientWidth, height: box.current!.clientHeight }));
    observer.observe(box.current!);
    return () => observer.disconnect();
  }, []);
  let shown = tiles.value.filter(tile => tile.key !== staged);
  // Nobody speaks unseen: the dominant speaker has a place however many there are.
  if (shown.length > mostTiles) shown = [...shown].sort((a, b) => Number(b.participant.id === dominant.value) - Number(a.participant.id === dominant.value)).slice(0, mostTiles);
  const size = tileSize(shown.length, space.width, space.height, gap);
  return <div class="grid" ref={box}>{shown.map(tile => <Tile key={tile.key} tile={tile} {...(staged ? {} : { size })} />)}</div>;
}

function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map(entry => (
        <div class="toast" key={entry.id}>{entry.text}
          {entry.admit && <button class="button small" onClick={() => { admit(entry.admit!); dismiss(entry.id); }}>{t.admitShort}</button>}
        </div>
      ))}
    </div>
  );
}

export function Call() {
  useEffect(() => {
    addEventListener('keydown', onShortcut);
    return () => removeEventListener('keydown', onShortcut);
  }, []);
  const screen = tiles.value.find(tile => tile.screen) ?? null;
  const voices = others.value.flatMap(p => p.tracks.filter(track => track.kind === 'audio'));
  const copyLink = async () => {
    const link = new URL(location.pathname, location.origin);
    link.searchParams.set('room', roomName.value);
    await navigator.clipboard?.writeText(link.href);
    toast(t.linkCopied);
  };
  return (
    <div class="call">
      <main class={`main${screen ? ' with-stage' : ''}`} aria-label={t.mainRegion}>
        <h1 class="visually-hidden">{t.product}: {roomName.value}</h1>
        {reconnecting.value && <div class="banner" role="alert"><span class="spinner" aria-hidden="true" />{t.reconnecting}</div>}
        <RecordingBadge />
        <ConsentBanner />
        {blocked.value && !reconnecting.value && <button class="banner" onClick={() => { blocked.value = false; }}>{t.tapToHear}</button>}
        {screen && <div class="stage"><Tile tile={screen} /></div>}
        <Grid staged={screen?.key ?? null} />
        {others.value.length === 0 && (
          <div class="alone"><span><strong>{t.alone}</strong> {t.aloneHint}</span><button class="button small" onClick={() => void copyLink()}>{t.copyLink}</button></div>
        )}
      </main>
      {panel.value === 'people' && <People />}
      {panel.value === 'chat' && <Chat />}
      <Toolbar />
      <DevicesDialog />
      <Toasts />
      <p class="visually-hidden" aria-live="polite">{announcement.value}</p>
      {voices.map(track => { const received = media.value.get(track.id); return received ? <Audio key={track.id} track={received} sink={chosen.value.speaker} /> : null; })}
    </div>
  );
}
