import { useEffect, useRef } from 'preact/hooks';
import { useDevice } from '../call.js';
import { cameras, chosen, listDevices, microphones, speakers } from '../devices.js';
import { t } from '../i18n/index.js';

let dialog: HTMLDialogElement | null = null;

export function openDevicesDialog(): void {
  void listDevices();
  dialog?.showModal();
}

function Choice({ kind, label, devices }: { kind: 'microphone' | 'camera' | 'speaker'; label: string; devices: MediaDeviceInfo[] }) {
  return (
    <label class="field">{label}
      <select value={chosen.value[kind]} onChange={event => void useDevice(kind, event.currentTarget.value)}>
        <option value="">{devices.length ? t.systemDefault : t.noDevices}</option>
        {devices.map(device => <option key={device.deviceId} value={device.deviceId}>{device.label || device.deviceId.slice(0, 8)}</option>)}
      </select>
    </label>
  );
}

export function DevicesDialog() {
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => { dialog = element.current; return () => { dialog = null; }; }, []);
  return (
    <dialog ref={element} aria-labelledby="devices-title">
      <form method="dialog">
        <h2 id="devices-title">{t.devices}</h2>
        <Choice kind="microphone" label={t.microphone} devices={microphones.value} />
        <Choice kind="camera" label={t.camera} devices={cameras.value} />
        {'setSinkId' in HTMLMediaElement.prototype && <Choice kind="speaker" label={t.speaker} devices={speakers.value} />}
        <p class="dim">{t.shortcuts}</p>
        <button class="button primary">{t.close}</button>
      </form>
    </dialog>
  );
}
