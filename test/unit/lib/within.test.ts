import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { within } from '../../../src/lib/within.ts';

it('answers what is in time', async () => {
  expect(await within(Promise.resolve('here'), 10_000)).toBe('here');
  await expect(within(Promise.reject(new Error('broken')), 10_000)).rejects.toThrow('broken');
});

it('rejects in place of what is late, and gets rid of it when it comes', async () => {
  const late = Promise.withResolvers<string>();
  const discard = vi.fn();
  await expect(within(late.promise, 1, discard)).rejects.toThrow('no answer within 1 ms');
  late.resolve('too late');
  await vi.waitFor(() => expect(discard).toHaveBeenCalledExactlyOnceWith('too late'));
});

it('a late error is nobody’s', async () => {
  const late = Promise.withResolvers<string>();
  await expect(within(late.promise, 1)).rejects.toThrow('no answer');
  late.reject(new Error('unhandled, if it were'));
  await sleep(1);
});
