import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { runPool } from '../../../src/lib/run-pool.ts';

test('works on so many at a time, in order', async () => {
  const started: number[] = [];
  let [running, most] = [0, 0];
  await runPool([1, 2, 3, 4, 5], 2, async item => {
    started.push(item);
    most = Math.max(most, ++running);
    await nextTurn();
    running -= 1;
  });
  expect(started).toEqual([1, 2, 3, 4, 5]);
  expect(most).toBe(2);
});

test('the first failure starts nothing more, waits for what runs, and is thrown', async () => {
  const ended: number[] = [];
  const work = runPool([1, 2, 3, 4], 2, async item => {
    if (item === 1) throw new Error('first');
    await nextTurn();
    ended.push(item);
    if (item === 2) throw new Error('second');
  });
  await expect(work).rejects.toThrow('first');
  expect(ended).toEqual([2]);
});

test('a signal starts nothing more and is thrown', async () => {
  const stop = new AbortController();
  const started: number[] = [];
  const work = runPool(
    [1, 2, 3],
    1,
    async item => {
      started.push(item);
      stop.abort(new Error('stop'));
    },
    stop.signal,
  );
  await expect(work).rejects.toThrow('stop');
  expect(started).toEqual([1]);
});
