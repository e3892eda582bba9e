// Plays files in Chromium: one path a line on standard input, one line of JSON for each on standard output: { duration, ended, at, width,
// height, frames, soundBytes, error, waited }. Files longer than 20 s are played at both ends. Ends when standard input does.
import http from 'node:http';
import { createReadStream, statSync } from 'node:fs';
import { extname } from 'node:path';
import { createInterface } from 'node:readline';
import { launchChromium } from './browsers.mjs';

const types = { '.webm': 'video/webm', '.mp4': 'video/mp4', '.wav': 'audio/wav', '.ogg': 'audio/ogg', '.mkv': 'video/x-matroska' };
let served;

const server = http.createServer((request, response) => {
  if (request.url === '/') return response.setHeader('content-type', 'text/html').end('<video></video>');
  const size = statSync(served).size;
  const [, from, to] = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? '') ?? [null, '0', ''];
  const first = Number(from), last = to ? Math.min(Number(to), size - 1) : size - 1;
  response.writeHead(request.headers.range ? 206 : 200, {
    'content-type': types[extname(served)], 'accept-ranges': 'bytes', 'content-length': last - first + 1,
    ...(request.headers.range ? { 'content-range': `bytes ${first}-${last}/${size}` } : {}),
  });
  createReadStream(served, { start: first, end: last }).on('error', () => response.destroy()).pipe(response);
});

/* c8 ignore start: runs in the page */
async function play(url) {
  const video = document.querySelector('video');
  const once = (name, seconds) => new Promise(resolve => {
    const late = setTimeout(() => resolve(`no ${name}`), seconds * 1000);
    for (const event of [name, 'error']) video.addEventListener(event, () => { clearTimeout(late); resolve(''); }, { once: true });
  });
  video.muted = true;
  video.src = url;
  let waited = await once('loadedmetadata', 10);
  video.playbackRate = 16;
  if (!waited && !video.error) {
    const ended = once('ended', 20);
    await video.play().catch(error => { waited = String(error); });
    if (video.duration > 20) {
      while (video.currentTime < 3 && !video.error) await new Promise(resolve => setTimeout(resolve, 50));
      video.currentTime = video.duration - 3;
    }
    waited ||= await ended;
  }
  const quality = video.getVideoPlaybackQuality();
  return {
    duration: video.duration, ended: video.ended, at: video.currentTime, width: video.videoWidth, height: video.videoHeight, frames: quality.totalVideoFrames,
    soundBytes: video.webkitAudioDecodedByteCount, error: video.error?.message ?? '', waited,
  };
}
/* c8 ignore stop */

await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
const chromium = await launchChromium();
try {
  const page = await chromium.newPage();
  let number = 0;
  for await (const line of createInterface({ input: process.stdin })) {
    served = line;
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    console.log(JSON.stringify(await page.evaluate(play, `/${++number}${extname(line)}`)));
  }
} finally {
  await chromium.close();
  server.close();
}
