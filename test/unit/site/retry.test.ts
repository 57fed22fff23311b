import { describe, expect, it } from 'vitest';
import { classifyDatabaseError } from '../../../src/mysql/classify.ts';
import { mayTryAgain } from '../../../src/site/retry.ts';

const POLICY = { maxRetries: 3, reconnectMs: 60_000 };

const refused = (errno: number) =>
  classifyDatabaseError(Object.assign(new Error('no'), { errno, server: 'target "stg"' }), 'loading');

describe('a server that takes no writes for a while', () => {
  it.each([1290, 1836, 1047, 3100, 9001])('is waited for as one that is gone: %i', errno => {
    const error = refused(errno);
    expect(mayTryAgain(error, 20, 59_999, POLICY)).toMatchObject({ again: true });
    expect(mayTryAgain(error, 20, 60_000, POLICY)).toMatchObject({ again: false });
  });

  it('stops the run when it stays so, as the next site would find the same', () => {
    const next = mayTryAgain(refused(1290), 20, 60_000, POLICY);
    expect(next).toMatchObject({
      error: {
        code: 'connection',
        scope: 'migration',
        message: expect.stringContaining('(tried for 60 s)'),
        hint: expect.stringContaining('the primary answers at its address'),
      },
    });
  });

  it('fails the site alone where it may lie with what the site has written', () => {
    for (const errno of [1180, 3100])
      expect(mayTryAgain(refused(errno), 20, 60_000, POLICY)).toMatchObject({ error: { scope: 'site' } });
  });
});
