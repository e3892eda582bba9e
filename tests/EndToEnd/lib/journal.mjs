// What a sealed recording really holds: its records opened with the server's own keys (tests/Recorder.Host), apart from any manifest.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const host = fileURLToPath(new URL('../../Recorder.Host/bin/Release/net10.0/Sfu.Recorder.Host', import.meta.url));
const run = promisify(execFile);

export const recordType = { rtp: 1, rtcpReceived: 2, event: 4, data: 5, receipt: 7 };

/** All records: `[{ track, type, marks, mono: nanoseconds, wall: microseconds, payload: Buffer }]`, in the order of the journal. */
export async function decrypt(server, folder) {
  const { stdout } = await run(host, ['decrypt', server.data, folder], { maxBuffer: 1 << 30 });
  return stdout.split('\n').filter(line => line !== '').map(line => {
    const record = JSON.parse(line);
    return { ...record, payload: Buffer.from(record.payload, 'base64') };
  });
}

/** The fields of an RTP packet (RFC 3550 section 5.1): `{ payloadType, number, timestamp, ssrc, payload }`. */
export function rtp(packet) {
  let at = 12 + 4 * (packet[0] & 15);
  if (packet[0] & 0x10) at += 4 + 4 * packet.readUInt16BE(at + 2);
  const end = packet.length - (packet[0] & 0x20 ? packet[packet.length - 1] : 0);
  return {
    payloadType: packet[1] & 0x7f, number: packet.readUInt16BE(2), timestamp: packet.readUInt32BE(4),
    ssrc: packet.subarray(8, 12).toString('hex'), payload: packet.subarray(at, end),
  };
}

/** True when every manifest of a sealed recording has its time-stamp: tokens come after the seal. */
export async function isStamped(folder) {
  const names = [...await readdir(folder), ...await readdir(join(folder, 'seg', 'node'))];
  return names.filter(name => /^(recording|seg-\d+)\.json$/.test(name)).every(name => names.includes(`${name}.tsr`));
}

/** Runs sfu-verify on a folder with the root of the server, or of what lies in `data`: `{ code, report }`. */
export const verify = (server, folder, data = server.data) => new Promise((resolve, reject) => {
  const program = join(dirname(process.env.SFU_BINARY ?? 'artifacts/sfu/Sfu'), 'sfu-verify');
  execFile(program, [folder, '--root', join(data, 'recorder', 'signing', 'root.pem'), '--json'], (error, stdout, stderr) => {
    try { resolve({ code: error?.code ?? 0, report: JSON.parse(stdout) }); }
    catch { reject(new Error(`sfu-verify: ${error}\n${stdout}\n${stderr}`)); }
  });
});
