import { expect, it } from 'vitest';
import { BufferPool } from '../../../src/mysql/buffer-pool.ts';

it('gives buffers again, and keeps no more than it may', () => {
  const pool = new BufferPool(8, 2);
  const [one, two, three] = [pool.take(), pool.take(), pool.take()];
  expect(new Set([one, two, three]).size).toBe(3);
  expect(one).toHaveLength(8);
  pool.giveBack(one, two, three);
  const again = [pool.take(), pool.take(), pool.take()];
  expect(again).toContain(one);
  expect(again).not.toContain(three);
});
