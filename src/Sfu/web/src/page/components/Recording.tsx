import { Circle, Pause, Play, Square } from 'lucide-preact';
import { consent, isRecorded, mayRecord, record, recording, recordingText } from '../call.js';
import { t } from '../i18n/index.js';

/** Says that the call is recorded, for as long as it is. */
export function RecordingBadge() {
  const { state, reason } = recording.value;
  if (state === 'off') return null;
  const spared = ['exempt', 'refused'].includes(isRecorded.value) || (isRecorded.value === 'paused' && state !== 'paused');
  const text = `${recordingText(state, reason)}${spared ? ` · ${t.notRecorded}` : ''}`;
  return (
    <span class={`recording ${state}`} role="img" aria-label={text} title={text}>
      <Circle aria-hidden="true" />{t.recordingShort}
    </span>
  );
}

/** Asks for the consent without which nothing of this participant is recorded. */
export function ConsentBanner() {
  if (isRecorded.value !== 'consent_pending') return null;
  return (
    <div class="banner consent" role="alertdialog" aria-label={t.consentAsk}>
      <span>{t.consentAsk}</span>
      <button class="button small primary" onClick={() => void consent(true)}>{t.consentYes}</button>
      <button class="button small" onClick={() => void consent(false)}>{t.consentNo}</button>
    </div>
  );
}

/** What a host whose token may record does with the recording. */
export function RecordingControls() {
  if (!mayRecord.value) return null;
  const { state, policy } = recording.value;
  const runs = state === 'recording' || state === 'paused' || state === 'suspended';
  return (
    <>
      {!runs && state !== 'starting' && <button class="button small" onClick={() => void record('start')}><Circle size={16} />{t.startRecording}</button>}
      {state === 'recording' && <button class="button small" onClick={() => void record('pause')}><Pause size={16} />{t.pauseRecording}</button>}
      {state === 'paused' && <button class="button small" onClick={() => void record('resume')}><Play size={16} />{t.resumeRecording}</button>}
      {runs && policy !== 'required' && <button class="button small" onClick={() => void record('stop')}><Square size={16} />{t.stopRecording}</button>}
    </>
  );
}
