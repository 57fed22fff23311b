import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { createUnitProgress } from '../../../src/sinks/unit-progress.ts';
import { samplePlan } from '../../support/sample-plan.ts';

const plan = samplePlan(4);

function watch(terminal: { isTTY: true; columns: number } | null): {
  stream: NodeJS.WriteStream;
  text: () => string;
} {
  const stream = new PassThrough({ encoding: 'utf8' });
  return {
    stream: Object.assign(stream, terminal) as unknown as NodeJS.WriteStream,
    text: () => (stream.read() as string | null) ?? '',
  };
}

it('without a terminal: a line for each unit, with how many there are', () => {
  const { stream, text } = watch(null);
  {
    using progress = createUnitProgress({ plan, total: 3, deed: 'rolled back', stream });
    progress.done(0);
    progress.failed(2);
    progress.done(3);
    // The target was away, and it was done again.
    progress.done(3);
  }
  expect(
    text()
      .replaceAll(/\d\d:\d\d:\d\dZ/g, 'TIME')
      .split('\n'),
  ).toEqual([
    'TIME  1 of 3 rolled back: network tables',
    'TIME  NOT rolled back: site 2 art2.prod.example.edu',
    'TIME  2 of 3 rolled back: site 3 biology3.prod.example.edu',
    'TIME  2 of 3 rolled back: site 3 biology3.prod.example.edu',
    '',
  ]);
});

it('at a terminal: one line that counts, and goes in the end', () => {
  const { stream, text } = watch({ isTTY: true, columns: 30 });
  {
    using progress = createUnitProgress({ plan, total: 2, deed: 'rolled back', stream });
    progress.done(1);
    expect(text()).toBe('\r\u001b[K1 of 2 rolled back');
    progress.failed(2);
    expect(text()).toBe('\r\u001b[K1 of 2 rolled back · 1 failed');
  }
  expect(text()).toBe('\r\u001b[K');
});

it('without a stream it says nothing; and a stream that breaks stops nothing', () => {
  using silent = createUnitProgress({ plan, total: 1, deed: 'removed', stream: null });
  expect(() => silent.done(1)).not.toThrow();
  const { stream } = watch(null);
  using progress = createUnitProgress({ plan, total: 1, deed: 'removed', stream });
  stream.emit('error', new Error('EPIPE'));
  expect(() => progress.done(1)).not.toThrow();
});
