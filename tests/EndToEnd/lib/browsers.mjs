// Debian's Chromium and Firefox ESR with fake devices. A page's peer connections are kept by a wrapper that the test puts in
// before any script of the page runs: the page itself has nothing made for tests.
import puppeteer from 'puppeteer-core';

// Chromium's own resolver binds random UDP ports, which may be those of a server that is about to start.
const chromiumFlags = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
  '--disable-sync', '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream', '--autoplay-policy=no-user-gesture-required',
  '--allow-loopback-in-peer-connection', '--disable-features=WebRtcHideLocalIpsWithMdns,AsyncDns', '--disable-renderer-backgrounding',
  '--disable-backgrounding-occluded-windows', '--disable-background-timer-throttling', '--mute-audio', '--lang=en-US',
];

const firefoxPrefs = {
  'media.navigator.streams.fake': true,
  'media.navigator.permission.disabled': true,
  'media.autoplay.default': 0,
  'media.autoplay.blocking_policy': 0,
  'media.peerconnection.ice.obfuscate_host_addresses': false,
  'media.peerconnection.ice.loopback': true,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'app.update.enabled': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'extensions.getAddons.cache.enabled': false,
  'browser.safebrowsing.downloads.remote.enabled': false,
};

export const launchChromium = (...flags) =>
  puppeteer.launch({ browser: 'chrome', executablePath: '/usr/bin/chromium', headless: true, args: [...chromiumFlags, ...flags], protocolTimeout: 120_000, timeout: 60_000 });

export const launchFirefox = () =>
  puppeteer.launch({ browser: 'firefox', executablePath: '/usr/bin/firefox-esr', headless: true, extraPrefsFirefox: firefoxPrefs, protocolTimeout: 120_000, timeout: 60_000 });

/** A new page of a browser, whose peer connections are kept in `window.testPeerConnections`. */
export async function newPage(browser, { viewport } = {}) {
  const page = await browser.newPage();
  if (viewport) await page.setViewport(viewport);
  page.errors = [];
  page.on('pageerror', error => page.errors.push(String(error.stack ?? error)));
  page.on('console', message => { if (message.type() === 'error') page.errors.push(message.text()); });
  await page.evaluateOnNewDocument(keepPeerConnections);
  return page;
}

/* c8 ignore start: runs in the page */
function keepPeerConnections() {
  const Original = window.RTCPeerConnection;
  window.testPeerConnections = [];
  window.testTrackEvents = [];
  window.RTCPeerConnection = class extends Original {
    constructor(...args) {
      super(...args);
      window.testPeerConnections.push(this);
      this.addEventListener('track', event => window.testTrackEvents.push({ at: performance.now(), kind: event.track.kind, mid: event.transceiver.mid }));
    }
  };
  // Firefox takes its fake devices only when a page asks for them by name.
  if (navigator.userAgent.includes('Firefox') && navigator.mediaDevices) {
    const original = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = constraints => original({ ...constraints, fake: true });
  }
}
/* c8 ignore stop */

/** Inbound RTP of a page: `[{ kind, mid, ssrc, framesDecoded, freezeCount, concealedSamples, totalAudioEnergy, .. }]`. */
export const inbound = page => page.evaluate(async () => {
  const rows = [];
  for (const connection of window.testPeerConnections ?? []) {
    if (connection.connectionState === 'closed') continue;
    const directions = new Map(connection.getTransceivers().map(t => [t.mid, t.currentDirection]));
    (await connection.getStats()).forEach(s => {
      if (s.type !== 'inbound-rtp') return;
      const { kind, mid, ssrc, framesDecoded, freezeCount, concealedSamples, totalSamplesReceived, totalAudioEnergy, packetsReceived, packetsLost, frameWidth, frameHeight, decoderImplementation, keyFramesDecoded, nackCount, pliCount } = s;
      rows.push({ at: performance.now(), kind, mid, ssrc, direction: directions.get(mid), framesDecoded, freezeCount, concealedSamples, totalSamplesReceived, totalAudioEnergy, packetsReceived, packetsLost, frameWidth, frameHeight, decoderImplementation, keyFramesDecoded, nackCount, pliCount });
    });
  }
  return rows;
});

/** Outbound RTP of a page. */
export const outbound = page => page.evaluate(async () => {
  const rows = [];
  for (const connection of window.testPeerConnections ?? []) {
    if (connection.connectionState === 'closed') continue;
    (await connection.getStats()).forEach(s => {
      if (s.type !== 'outbound-rtp') return;
      const { kind, mid, rid, ssrc, framesEncoded, framesSent, packetsSent, bytesSent, pliCount, firCount, nackCount, keyFramesEncoded, frameWidth, frameHeight } = s;
      rows.push({ at: performance.now(), kind, mid, rid, ssrc, framesEncoded, framesSent, packetsSent, bytesSent, pliCount, firCount, nackCount, keyFramesEncoded, frameWidth, frameHeight });
    });
  }
  return rows;
});

/** The selected candidate pair: protocol and the server's port. */
export const selectedPair = page => page.evaluate(async () => {
  for (const connection of window.testPeerConnections ?? []) {
    if (connection.connectionState === 'closed') continue;
    const stats = await connection.getStats();
    for (const s of stats.values()) {
      if (s.type === 'candidate-pair' && s.nominated && s.state === 'succeeded') {
        const remote = stats.get(s.remoteCandidateId), local = stats.get(s.localCandidateId);
        return { protocol: local.protocol, remotePort: remote.port, remoteAddress: remote.address, rtt: s.currentRoundTripTime };
      }
    }
  }
  return null;
});
