import { describe, expect, it } from 'vitest';
import { renderTargetLock } from '../../../src/cli/render-target-lock.ts';
import type { TargetLock } from '../../../src/migration/target-lock.ts';

const held: TargetLock = {
  environment: 'stg',
  database: 'wp_stg',
  condition: 'living',
  broken: false,
  holder: {
    lockId: '0b5c1f0e',
    fencing: 7,
    host: 'admin-1',
    pid: 4711,
    migrationId: 'env-migrate-2026-11-21T02-30-00-abc123',
    takenAt: '2026-11-21T02:30:00.000Z',
    heartbeatAt: '2026-11-21T02:41:10.000Z',
    expiresInMs: 24_000,
  },
};
const render = (over: Partial<TargetLock> = {}): string =>
  renderTargetLock({ ...held, ...over }, 'wfuwp env-migrate unlock');
const expired = { ...held.holder!, expiresInMs: -90_000 };

describe('what unlock prints', () => {
  it('a living holder, and when it would end', () => {
    expect(render()).toBe(
      [
        'A run holds stg (database wp_stg), and it is alive.',
        '  run        env-migrate-2026-11-21T02-30-00-abc123',
        '  process    4711 on admin-1',
        '  since      2026-11-21T02:30:00.000Z',
        '  heartbeat  2026-11-21T02:41:10.000Z',
        '  lock id    0b5c1f0e',
        'If its process is dead, its lease expires in 24 s; the next run takes over then.',
      ].join('\n'),
    );
  });

  it('a dead one, with the command that breaks it', () => {
    const text = render({ condition: 'expired', holder: expired });
    expect(text).toContain('it expired 1 min 30 s ago');
    expect(text).toContain('wfuwp env-migrate unlock stg --id 0b5c1f0e');
    expect(render({ condition: 'process_dead' })).toContain('its process is gone');
  });

  it('a free target, and one that was just broken', () => {
    expect(render({ condition: 'free', holder: null })).toBe('Nobody holds stg (database wp_stg).');
    expect(render({ condition: 'free', broken: true, holder: expired })).toContain('is broken');
  });
});
