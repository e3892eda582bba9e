// A source of flashes and beeps for a page, and how far apart they are in a file: two white pictures of 30 a second and 67 ms of 1 kHz, each
// second at the same moment.
import { execFile } from 'node:child_process';

/**
 * Runs in a page before its scripts: what it opens as camera and microphone is a canvas that flashes and a sound that beeps.
 * `window.source.events()` tells of each flash when it was drawn and when its beep begins by the count of samples: [{ flash, beep }], in ms of Unix time.
 * The sound is written sample by sample into a track, with the times of the samples: an AudioContext between moves it by 10 or 20 ms now and then, and
 * nobody behind it can tell.
 */
/* c8 ignore start: runs in the page */
export function flashAndBeep() {
  const rate = 30, sampleRate = 48000, length = 2 / rate, block = sampleRate / 100;
  const events = [];
  let video, sound;
  window.source = { events: () => events.filter(({ flash, beep }) => flash && performance.timeOrigin + performance.now() > beep + 200) };
  const now = () => performance.timeOrigin + performance.now();

  function begin() {
    const canvas = Object.assign(document.createElement('canvas'), { width: 320, height: 180 }), picture = canvas.getContext('2d');
    video = canvas.captureStream(0).getVideoTracks()[0];
    sound = new MediaStreamTrackGenerator({ kind: 'audio' });
    const start = now();
    let number = 0;
    const draw = () => {
      const inSecond = number % rate;
      picture.fillStyle = inSecond < 2 && number >= rate ? '#fff' : '#000';
      picture.fillRect(0, 0, 320, 180);
      picture.fillStyle = '#888';
      picture.fillRect(number * 4 % 300, 168, 8, 8);
      if (inSecond === 0 && number >= rate) events.push({ flash: now(), beep: start + number * 1000 / rate });
      video.requestFrame();
      number++;
      setTimeout(draw, Math.max(0, start + number * 1000 / rate - now()));
    };
    draw();
    play(sound.writable.getWriter(), start);
  }

  // Blocks of 10 ms, each when its last sample is over; a timer that comes late writes what is due, so that no sample is lost.
  function play(writer, start) {
    let written = 0;
    const write = () => {
      for (; start + (written + block) * 1000 / sampleRate <= now(); written += block) {
        const data = Float32Array.from({ length: block }, (_, i) => {
          const at = (written + i) / sampleRate;
          return at >= 1 && at % 1 < length ? 0.5 * Math.sin(2 * Math.PI * 1000 * at) : 0;
        });
        writer.write(new AudioData({ format: 'f32-planar', sampleRate, numberOfFrames: block, numberOfChannels: 1, timestamp: (start - performance.timeOrigin) * 1000 + written * 1e6 / sampleRate, data }));
      }
    };
    setInterval(write, 5);
  }

  navigator.mediaDevices.getUserMedia = async wish => {
    if (!video) begin();
    // The tracks themselves: a clone of a canvas track is not drawn to by requestFrame.
    return new MediaStream(wish.video ? [video] : [sound]);
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
