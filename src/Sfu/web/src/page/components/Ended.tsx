import { useEffect, useRef } from 'preact/hooks';
import { endReason, join, textOfError } from '../call.js';
import { t } from '../i18n/index.js';
import { Brand } from './Prejoin.js';

const titles: Record<string, string> = {
  left: t.leftTitle, kicked: t.removedTitle, room_closed: t.closedTitle, replaced: t.replacedTitle, refused: t.refusedTitle,
  recording_unavailable: t.closedTitle,
};

export function Ended() {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const reason = endReason.value;
  return (
    <main class="lobby">
      <div class="card narrow">
        <Brand />
        <h1 ref={heading} tabIndex={-1}>{titles[reason] ?? t.failedTitle}</h1>
        {(reason === 'recording_unavailable' || !(reason in titles)) && <p class="dim">{textOfError(reason)}</p>}
        {reason !== 'room_closed' && <button class="button primary" onClick={() => void join()}>{t.rejoin}</button>}
      </div>
    </main>
  );
}
