import assert from 'node:assert/strict';
import { test } from 'node:test';
import { turns } from '../src/page/turns.js';

test('changes of one thing run in order, also after one that failed; other things do not wait', async () => {
  const inTurn = turns<string>(), log: string[] = [];
  let finish!: () => void;
  const published = inTurn('camera', async () => { await new Promise<void>(resolve => { finish = resolve; }); log.push('published'); });
  const failed = inTurn('camera', async () => { log.push('fails'); throw new Error('refused'); });
  const unpublished = inTurn('camera', async () => { log.push('unpublished'); });
  await inTurn('microphone', async () => { log.push('microphone'); });
  assert.deepEqual(log, ['microphone'], 'the camera is still being published');
  finish();
  await Promise.all([published, assert.rejects(failed, /refused/), unpublished]);
  assert.deepEqual(log, ['microphone', 'published', 'fails', 'unpublished']);
});
