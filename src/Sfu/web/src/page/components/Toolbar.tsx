import type { ComponentChildren } from 'preact';
import { MessageSquare, Mic, MicOff, MonitorUp, MonitorX, PhoneOff, Settings, Users, Video, VideoOff } from 'lucide-preact';
import { cameraOn, leave, microphoneOn, panel, roomName, sharing, showPanel, toggleCamera, toggleMicrophone, toggleShare, unread, waiting } from '../call.js';
import { t } from '../i18n/index.js';
import { openDevicesDialog } from './DevicesDialog.js';

function Control({ label, shortcut, pressed, kind, onClick, count, children }: {
  label: string; shortcut?: string; pressed?: boolean; kind?: string; onClick: () => void; count?: number; children: ComponentChildren;
}) {
  return (
    <button type="button" class={`control ${kind ?? ''}`} aria-label={label} title={shortcut ? `${label} (${shortcut.toUpperCase()})` : label}
      {...(pressed === undefined ? {} : { 'aria-pressed': pressed })} {...(shortcut ? { 'aria-keyshortcuts': shortcut } : {})} onClick={onClick}>
      {children}
      {count ? <span class="count" aria-label={t.chatUnread(count)}>{count > 9 ? '9+' : count}</span> : null}
    </button>
  );
}

export function Toolbar() {
  const canShare = typeof navigator.mediaDevices?.getDisplayMedia === 'function';
  return (
    <nav class="bar" aria-label={t.toolbar}>
      <span class="room">{roomName.value}</span>
      <Control label={microphoneOn.value ? t.mute : t.unmute} shortcut="m" pressed={!microphoneOn.value} kind={microphoneOn.value ? '' : 'off'} onClick={() => void toggleMicrophone()}>
        {microphoneOn.value ? <Mic /> : <MicOff />}
      </Control>
      <Control label={cameraOn.value ? t.cameraOff : t.cameraOn} shortcut="v" pressed={!cameraOn.value} kind={cameraOn.value ? '' : 'off'} onClick={() => void toggleCamera()}>
        {cameraOn.value ? <Video /> : <VideoOff />}
      </Control>
      {canShare && (
        <Control label={sharing.value ? t.stopShare : t.share} shortcut="s" pressed={sharing.value} kind={sharing.value ? 'active' : ''} onClick={() => void toggleShare()}>
          {sharing.value ? <MonitorX /> : <MonitorUp />}
        </Control>
      )}
      <Control label={t.people} shortcut="p" pressed={panel.value === 'people'} kind={panel.value === 'people' ? 'active' : ''} count={waiting.value.length} onClick={() => showPanel('people')}><Users /></Control>
      <Control label={t.chat} shortcut="c" pressed={panel.value === 'chat'} kind={panel.value === 'chat' ? 'active' : ''} count={unread.value} onClick={() => showPanel('chat')}><MessageSquare /></Control>
      <Control label={t.devices} onClick={openDevicesDialog}><Settings /></Control>
      <Control label={t.leave} kind="leave" onClick={() => void leave()}><PhoneOff /></Control>
    </nav>
  );
}

/** One-letter shortcuts, unless somebody is typing. */
export function onShortcut(event: KeyboardEvent): void {
  const target = event.target as HTMLElement;
  if (event.ctrlKey || event.metaKey || event.altKey || target.closest('input, textarea, select, dialog')) return;
  const actions: Record<string, () => void> = {
    m: () => void toggleMicrophone(), v: () => void toggleCamera(), s: () => void toggleShare(), c: () => showPanel('chat'), p: () => showPanel('people'),
  };
  const action = actions[event.key.toLowerCase()];
  if (!action) return;
  event.preventDefault();
  action();
}
