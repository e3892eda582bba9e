import { useEffect } from 'preact/hooks';
import { Mic, MicOff, Video as VideoIcon, VideoOff } from 'lucide-preact';
import { camera, cameraOn, cancelJoin, failure, join, microphoneOn, ownName, preparePreview, problem, roomName, toggleCamera, toggleMicrophone, view } from '../call.js';
import { colourOf, initials } from '../layout.js';
import { t } from '../i18n/index.js';
import { Video } from './Tile.js';

export function Brand() {
  return <p class="brand"><img src="/icon.svg" alt="" />{t.product}</p>;
}

export function Prejoin() {
  useEffect(() => { if (!camera.value && cameraOn.value) void preparePreview(); }, []);
  const busy = view.value === 'joining';
  return (
    <main class="lobby">
      <div class="card">
        <div class="preview">
          {camera.value ? <Video track={camera.value} label={t.tile(t.you)} />
            : <div class="avatar" style={{ background: colourOf(ownName.value) }} aria-hidden="true">{initials(ownName.value)}</div>}
          <div class="controls">
            <button type="button" class={`control${microphoneOn.value ? '' : ' off'}`} aria-pressed={!microphoneOn.value} aria-label={microphoneOn.value ? t.mute : t.unmute} title={microphoneOn.value ? t.mute : t.unmute} onClick={() => void toggleMicrophone()}>
              {microphoneOn.value ? <Mic /> : <MicOff />}
            </button>
            <button type="button" class={`control${cameraOn.value ? '' : ' off'}`} aria-pressed={!cameraOn.value} aria-label={cameraOn.value ? t.cameraOff : t.cameraOn} title={cameraOn.value ? t.cameraOff : t.cameraOn} onClick={() => void toggleCamera()}>
              {cameraOn.value ? <VideoIcon /> : <VideoOff />}
            </button>
          </div>
        </div>
        <form class="form" onSubmit={event => { event.preventDefault(); if (ownName.value.trim()) void join(); }}>
          <Brand />
          <h1>{t.joinTitle}</h1>
          <p class="dim">{t.joinSubtitle(roomName.value)}</p>
          <label class="field">{t.nameLabel}
            <input required maxLength={60} autoComplete="name" placeholder={t.namePlaceholder} value={ownName.value} onInput={event => { ownName.value = event.currentTarget.value; }} />
          </label>
          {problem.value && <p class="dim">{t[problem.value]}</p>}
          {failure.value && <p class="error" role="alert">{failure.value}</p>}
          <button class="button primary" disabled={busy}>{busy ? t.joining : t.join}</button>
        </form>
      </div>
    </main>
  );
}

export function Waiting() {
  return (
    <main class="lobby">
      <div class="card narrow" role="status">
        <Brand />
        <div class="spinner" aria-hidden="true" />
        <h1>{t.waitingTitle}</h1>
        <p class="dim">{t.waitingText}</p>
        <button class="button" onClick={cancelJoin}>{t.cancel}</button>
      </div>
    </main>
  );
}
