import { Lock, LockOpen, MicOff, MonitorUp, UserX, VideoOff, X } from 'lucide-preact';
import type { ParticipantInfo } from '../../client/index.js';
import { admit, isHost, kick, locked, muteAll, muteOther, others, quality, refuse, self, showPanel, toggleLock, waiting } from '../call.js';
import { colourOf, initials } from '../layout.js';
import { t } from '../i18n/index.js';
import { QualityBars } from './QualityBars.js';
import { RecordingControls } from './Recording.js';

const nameOf = (p: ParticipantInfo) => p.name || p.identity;

function Person({ person, own }: { person: ParticipantInfo; own: boolean }) {
  const microphone = person.tracks.find(x => x.source === 'microphone');
  const camera = person.tracks.find(x => x.source === 'camera');
  const name = nameOf(person);
  return (
    <li class="person">
      <div class="avatar" style={{ background: colourOf(person.identity) }} aria-hidden="true">{initials(name)}</div>
      <span class="who">{own ? t.youSuffix(name) : name}{person.role === 'host' && <span class="dim"> · {t.host}</span>}</span>
      <span class="state">
        {person.tracks.some(x => x.source === 'screen_share') && <MonitorUp size={16} aria-label={t.isPresenting(name)} role="img" />}
        {(!camera || camera.muted) && <VideoOff size={16} aria-label={t.cameraIsOff} role="img" />}
        {(!microphone || microphone.muted) && <MicOff size={16} aria-label={t.isMuted} role="img" />}
        <QualityBars quality={quality.value.get(person.id)} />
      </span>
      {isHost.value && !own && (
        <>
          {microphone && !microphone.muted && <button class="icon-button" aria-label={t.muteOther(name)} title={t.muteOther(name)} onClick={() => muteOther(microphone.id)}><MicOff size={18} /></button>}
          <button class="icon-button" aria-label={t.kick(name)} title={t.kick(name)} onClick={() => kick(person.id)}><UserX size={18} /></button>
        </>
      )}
    </li>
  );
}

export function People() {
  const everybody = [...(self.value ? [self.value] : []), ...others.value];
  return (
    <aside class="panel" aria-label={t.people}>
      <header><h2>{t.people} · {t.peopleCount(everybody.length)}</h2><button class="icon-button" aria-label={t.close} onClick={() => showPanel(null)}><X /></button></header>
      {waiting.value.length > 0 && (
        <>
          <h3>{t.lobby}</h3>
          <ul>{waiting.value.map(person => (
            <li class="person" key={person.id}>
              <span class="who">{nameOf(person)}</span>
              <button class="button small primary" aria-label={t.admit(nameOf(person))} onClick={() => admit(person.id)}>{t.admitShort}</button>
              <button class="button small" aria-label={t.refuse(nameOf(person))} onClick={() => refuse(person.id)}>{t.refuseShort}</button>
            </li>
          ))}</ul>
        </>
      )}
      <ul>{everybody.map(person => <Person key={person.id} person={person} own={person.id === self.value?.id} />)}</ul>
      {isHost.value && (
        <div class="host-bar">
          <RecordingControls />
          <button class="button small" onClick={muteAll}><MicOff size={16} />{t.muteAll}</button>
          <button class="button small" aria-pressed={locked.value} onClick={toggleLock}>{locked.value ? <LockOpen size={16} /> : <Lock size={16} />}{locked.value ? t.unlock : t.lock}</button>
        </div>
      )}
    </aside>
  );
}
