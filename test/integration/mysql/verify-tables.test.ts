import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Copying } from '../../support/copying.ts';
import { useServers } from '../../support/servers.ts';

let copying: Copying;
beforeAll(async () => {
  copying = await Copying.start(useServers());
});
afterAll(() => copying[Symbol.asyncDispose]());

/** A copied table of three rows, then changed by a statement on the target. */
async function copyAndSpoil(table: string, spoil: string) {
  await copying.fill(
    `CREATE TABLE ${table} (id INT PRIMARY KEY, a TEXT, b TEXT, n INT)`,
    `INSERT INTO ${table} VALUES (1, 'one', 'eins', 1), (2, '', NULL, 0), (3, 'three', 'drei', 3)`,
  );
  const result = await copying.copy(table);
  await copying.target.execute(spoil);
  return result;
}

describe('the checksum', () => {
  it.each([
    ['a changed byte', "UPDATE t SET a = 'onE' WHERE id = 1"],
    ['a value cut short', "UPDATE t SET b = 'drei' WHERE id = 1"],
    ['NULL for an empty text', 'UPDATE t SET a = NULL WHERE id = 2'],
    ['an empty text for NULL', "UPDATE t SET b = '' WHERE id = 2"],
    ['values that changed places between rows', 'UPDATE t SET n = 4 - n WHERE id IN (1, 3)'],
    ['values that changed places in a row', "UPDATE t SET a = 'eins', b = 'one' WHERE id = 1"],
    ['a row for another', 'UPDATE t SET id = 4 WHERE id = 3'],
  ])('notices %s', async (what, spoil) => {
    const table = what.replaceAll(/\W/g, '_');
    const result = await copyAndSpoil(table, spoil.replace('UPDATE t', `UPDATE ${table}`));
    await expect(copying.verify(table, result)).rejects.toMatchObject({
      code: 'verification',
      details: { sentChecksum: result.checksum, storedChecksum: expect.any(String) },
    });
    await copying.verify(table, result, { mode: 'counts' });
    await copying.verify(table, result, { mode: 'off' });
  });

  it('does not depend on the order of rows', async () => {
    const result = await copyAndSpoil('sorted', 'ALTER TABLE sorted DROP PRIMARY KEY, ADD PRIMARY KEY (n)');
    await copying.verify('sorted', result);
  });
});

describe('the count', () => {
  it.each(['counts', 'checksum'] as const)('is exact by %s', async mode => {
    const table = `count_${mode}`;
    const result = await copyAndSpoil(table, `DELETE FROM ${table} WHERE id = 2`);
    await expect(copying.verify(table, result, { mode })).rejects.toMatchObject({
      code: 'verification',
      message: expect.stringContaining('has 2 rows, but 3 were sent'),
      details: { sentRows: 3, storedRows: 2 },
    });
  });
});

it('rejects with the reason when it is told to stop', async () => {
  const result = await copyAndSpoil('stopped', 'DO 0');
  const stop = new AbortController();
  const verifying = copying.verify('stopped', result, { signal: stop.signal });
  stop.abort('deadline');
  await expect(verifying).rejects.toBe('deadline');
});
