import { expect, it } from 'vitest';
import { Rate } from '../../../src/sinks/rate.ts';

it('has nothing to say before time has passed', () => {
  const rate = new Rate(1_000);
  rate.restart(0, 5);
  expect(rate.measure(0, 5)).toBeNull();
});

it('measures growth over its window, not before it', () => {
  const rate = new Rate(1_000);
  rate.restart(0, 0);
  expect(rate.measure(1_000, 1_000)).toBe(1);
  expect(rate.measure(2_000, 1_500)).toBe(0.5);
  expect(rate.measure(3_000, 1_500)).toBe(0);
});

it('calls a step back no negative speed', () => {
  const rate = new Rate(1_000);
  rate.restart(0, 100);
  expect(rate.measure(500, 40)).toBe(0);
});

it('forgets what was before a restart', () => {
  const rate = new Rate(1_000);
  rate.restart(0, 0);
  rate.measure(500, 900);
  rate.restart(600, 900);
  expect(rate.measure(700, 910)).toBe(0.1);
});
