// Decodes a media file to its end, by ffmpeg.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { basename } from 'node:path';
import { promisify } from 'node:util';

/**
 * Fails where a frame of a file does not decode, or two of a stream have the same time.
 * Without the file's own time base ffmpeg rounds times to a frame rate that it guesses, and complains of two pictures of a camera at one time.
 */
export async function decode(path) {
  const { stderr } = await promisify(execFile)('ffmpeg', ['-v', 'error', '-xerror', '-i', path, '-enc_time_base', '-1', '-f', 'null', '-'], { maxBuffer: 1 << 26 });
  assert.equal(stderr, '', basename(path));
}
