import { expect, it } from 'vitest';
import { MigrationError } from '../../../src/errors.ts';
import { explainFull, isFull, noteLimits } from '../../../src/mysql/connection-limits.ts';

const refusal = (errno: number, message: string): MigrationError =>
  new MigrationError('connection', `Connecting failed: ${message}`, { details: { errno } });

const exceeded = (name: string, value: number, who = 'writer'): MigrationError =>
  refusal(1226, `User '${who}' has exceeded the '${name}' resource (current value: ${value})`);

noteLimits(
  'known',
  new Map([
    ['max_connections', '10'],
    ['max_user_connections', '7'],
  ]),
);

it.each([
  [exceeded('max_user_connections', 3), 'source', 'max_user_connections: 3', 1],
  [exceeded('max_user_connections', 9), 'source', 'max_user_connections: 9', 7],
  [exceeded('max_user_connections', 9), 'target', 'max_user_connections: 9', 3],
  [exceeded('max_user_connections', 1), 'target', 'max_user_connections: 1', 1],
  [exceeded('max_user_connections', 9, "o'x 'max_1'"), 'target', 'max_user_connections: 9', 3],
  [refusal(1203, 'User x already has more than …'), 'target', 'max_user_connections: 7', 2],
  [refusal(1040, 'Too many connections'), 'source', 'max_connections: 10', 8],
] as const)('F28 names the limit and the concurrency that fits: %s at the %s', (error, role, limit, most) => {
  expect(isFull(error)).toBe(true);
  const { hint, details, message } = explainFull(error, 'known', role);
  expect(hint).toContain(`(${limit})`);
  expect(hint).toContain(`--concurrency ${most},`);
  expect(details.limit).toBe(limit.split(':')[0]);
  expect(message).toBe(error.message);
});

it('F28 advises a smaller one where the server has not said its limit', () => {
  const { hint } = explainFull(refusal(1040, 'Too many connections'), 'unknown', 'target');
  expect(hint).toContain('(max_connections)');
  expect(hint).toContain('--concurrency of a smaller number');
});

it('F28 does not take a limit by the hour for one of connections at once', () => {
  const { hint } = explainFull(exceeded('max_connections_per_hour', 60), 'known', 'source');
  expect(hint).toMatch(/in an hour \(max_connections_per_hour: 60\): wait, or raise the limit/);
  expect(isFull(refusal(1045, 'Access denied'))).toBe(false);
});
