// A source of flashes and beeps for a page, and how far apart they are in a file: two white pictures of 30 a second and 67 ms of 1 kHz, each
// second at the same moment.
import { execFile } from 'node:child_process';

/**
 * Runs in a page before its scripts: what it opens as camera and microphone is a canvas that flashes and a sound that beeps.
 * `window.source.events()` tells of each flash when it was drawn and when its beep was rendered: [{ flash, beep }], in ms of Unix time.
 * `window.source.record()` begins a MediaRecorder of the same tracks; `window.source.recorded()` ends it and gives its bytes in base 64.
 */
/* c8 ignore start: runs in the page */
export function flashAndBeep() {
  const rate = 30, lead = 0.15, length = 2 / rate;
  let canvas, picture, video, sound, gain, out, recorder;
  const chunks = [];
  const source = window.source = { drawn: [], events: () => events(), record, recorded };
  // The clock of the sound against that of the page: currentTime goes in steps of 10 ms, so the largest of some values is the true one. When the
  // machine is busy the sound halts for a step, so it is the values around a beep that count.
  const clocks = [];
  const now = () => performance.timeOrigin + performance.now();
  const ahead = around => Math.max(...clocks.filter(clock => Math.abs(clock.at - around) < 100).map(clock => clock.ahead));

  function begin() {
    canvas = Object.assign(document.createElement('canvas'), { width: 320, height: 180 });
    picture = canvas.getContext('2d');
    video = canvas.captureStream(0).getVideoTracks()[0];
    sound = new AudioContext({ sampleRate: 48000, latencyHint: 'interactive' });
    out = sound.createMediaStreamDestination();
    gain = new GainNode(sound, { gain: 0 });
    const tone = new OscillatorNode(sound, { frequency: 1000 });
    tone.connect(gain).connect(out);
    tone.start();
    setInterval(() => { const at = now(); clocks.push({ at, ahead: sound.currentTime * 1000 - at }); }, 3);
    let number = 0;
    const start = now();
    const draw = () => {
      const inSecond = number % rate;
      picture.fillStyle = inSecond < 2 && number >= rate ? '#fff' : '#000';
      picture.fillRect(0, 0, 320, 180);
      picture.fillStyle = '#888';
      picture.fillRect(number * 4 % 300, 168, 8, 8);
      if (inSecond === 0 && number >= rate) source.drawn.at(-1).flash = now();
      video.requestFrame();
      number++;
      if (number % rate === rate - 6) beep(start + (number + 6) * 1000 / rate);
      setTimeout(draw, Math.max(0, start + number * 1000 / rate - now()));
    };
    draw();
  }

  function beep(at) {
    const from = Math.round((at + ahead(now())) * 48) / 48000;
    gain.gain.setValueAtTime(0.5, from);
    gain.gain.setValueAtTime(0, from + length);
    source.drawn.push({ from, at });
  }

  // When each beep was rendered.
  const events = () => source.drawn.filter(({ flash, at }) => flash && now() > at + 200).map(({ flash, from, at }) => ({ flash, beep: from * 1000 - ahead(at) }));

  function record() {
    recorder = new MediaRecorder(new MediaStream([video, out.stream.getAudioTracks()[0]]), { mimeType: 'video/webm;codecs=vp8,opus' });
    recorder.ondataavailable = event => chunks.push(event.data);
    recorder.start(500);
  }

  async function recorded() {
    const ended = new Promise(resolve => { recorder.onstop = resolve; });
    recorder.stop();
    await ended;
    const bytes = new Uint8Array(await new Blob(chunks).arrayBuffer());
    let text = '';
    for (let i = 0; i < bytes.length; i += 32768) text += String.fromCharCode(...bytes.subarray(i, i + 32768));
    return btoa(text);
  }

  navigator.mediaDevices.getUserMedia = async wish => {
    if (!canvas) begin();
    // The tracks themselves: a clone of a canvas track is not drawn to by requestFrame.
    return new MediaStream(wish.video ? [video] : [out.stream.getAudioTracks()[0]]);
  };
}
/* c8 ignore stop */

const run = (program, args) => new Promise((resolve, reject) =>
  execFile(program, args, { encoding: 'buffer', maxBuffer: 1 << 28 }, (error, stdout, stderr) => (error ? reject(new Error(`${program}: ${stderr}`)) : resolve(stdout))));

/** Begins of the flashes that are whole, in seconds from the start of the file; `crop` as ffmpeg's filter takes it. */
export async function flashes(file, crop = 'iw:ih/2:0:0') {
  const text = String(await run('ffmpeg', ['-hide_banner', '-nostdin', '-v', 'error', '-i', file, '-map', '0:v:0', '-fps_mode', 'passthrough', '-copyts', '-vf',
    `crop=${crop},signalstats,metadata=print:key=lavfi.signalstats.YAVG:file=-`, '-f', 'null', '-']));
  const pictures = [...text.matchAll(/pts_time:([\d.]+)[^]*?YAVG=([\d.]+)/g)].map(([, at, mean]) => ({ at: Number(at), white: Number(mean) > 150 }));
  const found = [];
  let from = 0;
  for (let i = 1; i < pictures.length; i++) {
    if (pictures[i].white && !pictures[i - 1].white) from = pictures[i].at - pictures[i - 1].at < 0.05 ? pictures[i].at : 0;
    if (!pictures[i].white && pictures[i - 1].white && from && pictures[i].at - from > 0.045 && pictures[i].at - from < 0.095) found.push(from);
  }
  return found;
}

/** Begins of the beeps that are whole, in seconds from the start of the file. */
export async function beeps(file) {
  const raw = await run('ffmpeg', ['-hide_banner', '-nostdin', '-v', 'error', '-i', file, '-map', '0:a:0', '-af', 'aresample=async=1:min_hard_comp=0.001:first_pts=0',
    '-f', 's16le', '-ac', '1', '-ar', '48000', '-']);
  const samples = new Int16Array(raw.buffer.slice(raw.byteOffset, raw.byteOffset + (raw.length & ~1)));
  const found = [];
  for (let i = 0; i < samples.length; i++) {
    if (Math.abs(samples[i]) < 3000) continue;
    let last = Math.min(samples.length, i + 9600) - 1;
    while (Math.abs(samples[last]) < 3000) last--;
    if (last - i > 0.062 * 48000 && last - i < 0.080 * 48000) found.push(i / 48000);
    i += 30000;
  }
  return found;
}

const nearest = (list, at) => list.reduce((best, one) => (Math.abs(one - at) < Math.abs(best - at) ? one : best), Infinity);

/** Time of each flash minus that of its beep, in ms: [{ at, apart }]. */
export const apart = (seen, heard) =>
  seen.map(at => ({ at, apart: (at - nearest(heard, at)) * 1000 })).filter(one => Math.abs(one.apart) < 400);

export const median = values => values.toSorted((a, b) => a - b)[values.length >> 1];

/** 99th percentile (nearest rank) of how far values are from 0. */
export const p99 = values => values.map(Math.abs).toSorted((a, b) => a - b)[Math.ceil(values.length * 0.99) - 1];
