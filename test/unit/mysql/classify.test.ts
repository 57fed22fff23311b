import { describe, expect, it } from 'vitest';
import { MigrationError } from '../../../src/errors.ts';
import { classifyDatabaseError } from '../../../src/mysql/classify.ts';

function driverError(fields: object, message = 'no'): Error {
  return Object.assign(new Error(message), fields);
}

describe('classifyDatabaseError', () => {
  it.each([
    ['timeout', { errno: 1969, code: 'ER_STATEMENT_TIMEOUT' }],
    ['timeout', { errno: 3024 }],
    ['connection', { errno: -111, code: 'ECONNREFUSED' }],
    ['connection', { code: 'PROTOCOL_CONNECTION_LOST' }],
    ['connection', { errno: 1040 }],
    ['connection', { errno: 1927 }],
    ['lock', { errno: 1205 }],
    ['lock', { errno: 1213 }],
    ['credentials', { errno: 1045, code: 'ER_ACCESS_DENIED_ERROR' }],
    ['credentials', { errno: 1698 }],
    ['access', { errno: 1142 }],
    // A failover's moments, which are waited for: read-only, Galera, Group Replication, ProxySQL.
    ['connection', { errno: 1290 }],
    ['connection', { errno: 1836 }],
    ['connection', { errno: 1047 }],
    ['connection', { errno: 3100 }],
    ['connection', { errno: 9001 }],
    ['lock', { errno: 3101 }],
    ['access', { errno: 1036 }],
    ['space', { errno: 1021 }],
    ['space', { errno: 1114 }],
    ['space', { errno: 28 }],
    ['packet_too_large', { errno: 1153 }],
    ['data', { errno: 1062 }],
    ['data', { errno: 1366 }],
    ['schema', { errno: 1146 }],
    ['schema', { errno: 1273 }],
    ['unknown', { errno: 1030 }],
    ['unknown', {}],
  ])('is %s for %j', (code, fields) => {
    expect(classifyDatabaseError(driverError(fields), 'copying').code).toBe(code);
  });

  it('goes by number, not by text', () => {
    const error = classifyDatabaseError(driverError({ errno: 1062 }, 'Lock wait timeout exceeded'), 'x');
    expect(error.code).toBe('data');
  });

  it('says what was being done, to what, and why it failed', () => {
    const cause = driverError(
      { errno: 1146, code: 'ER_NO_SUCH_TABLE', sqlState: '42S02' },
      "Table doesn't exist",
    );
    const error = classifyDatabaseError(cause, 'copying wp.wp_4_posts');
    expect(error.message).toBe("Copying wp.wp_4_posts failed: Table doesn't exist");
    expect(error.details).toEqual({ errno: 1146, code: 'ER_NO_SUCH_TABLE', sqlState: '42S02' });
    expect(error.cause).toBe(cause);
  });

  it('names the code of an error without a message', () => {
    const error = classifyDatabaseError(new AggregateError([], ''), 'connecting');
    expect(error.message).toBe('Connecting failed: AggregateError');
    const refused = classifyDatabaseError(driverError({ code: 'ECONNREFUSED' }, ''), 'connecting');
    expect(refused.message).toBe('Connecting failed: ECONNREFUSED');
  });

  it('passes a MigrationError through untouched', () => {
    const error = new MigrationError('verification', 'differs');
    expect(classifyDatabaseError(error, 'verifying')).toBe(error);
  });

  it('takes what is no error at all', () => {
    expect(classifyDatabaseError('broken', 'copying').message).toBe('Copying failed: broken');
    expect(classifyDatabaseError(undefined, 'copying').code).toBe('unknown');
  });
});
