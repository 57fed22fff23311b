import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createStagingTable } from '../../../src/mysql/create-staging-table.ts';
import { readDefinition } from '../../../src/mysql/read-definition.ts';
import { quoteName } from '../../../src/mysql/table-names.ts';
import { Copying } from '../../support/copying.ts';
import { useServers } from '../../support/servers.ts';

let copying: Copying;
beforeAll(async () => {
  copying = await Copying.start(useServers());
});
afterAll(() => copying[Symbol.asyncDispose]());

const rename = (table: string): string => table.replace('wp_', 'blog_');

async function create(table: string): Promise<{ source: string; target: string }> {
  const { source, target, database } = copying;
  await createStagingTable({
    target,
    sourceTable: { database, name: table },
    definition: await readDefinition(source, { database, name: table }),
    stagingTable: { database, name: rename(table) },
    rename,
  });
  const show = async (connection: typeof source, name: string): Promise<string> => {
    const [row] = await connection.query<Record<string, string>>(`SHOW CREATE TABLE ${quoteName(name)}`);
    return row!['Create Table']!;
  };
  return { source: await show(source, table), target: await show(target, rename(table)) };
}

describe('createStagingTable', () => {
  it.each([
    [
      'a comment of any characters',
      `wp_a (id INT COMMENT 'it''s \\\\ "q" \`b\` é\\n') COMMENT = 'REFERENCES \`wp_a\` '`,
    ],
    [
      'defaults',
      `wp_b (a VARCHAR(9) DEFAULT 'it''s', b BINARY(2) DEFAULT 'x', c BIT(3) DEFAULT b'101', d DATETIME DEFAULT NOW() ON UPDATE NOW())`,
    ],
    [
      'zero dates (H30)',
      `wp_c (a DATE NOT NULL DEFAULT '0000-00-00', b DATETIME NOT NULL DEFAULT '0000-00-00 00:00:00')`,
    ],
    [
      'AUTO_INCREMENT, keys and indexes (H37)',
      `wp_d (id BIGINT AUTO_INCREMENT PRIMARY KEY, a VARCHAR(255), b TEXT, c POINT NOT NULL, UNIQUE (a(9)), KEY (id, a), FULLTEXT (b), SPATIAL (c)) AUTO_INCREMENT = 4711`,
    ],
    [
      'character sets',
      `wp_e (a TEXT CHARACTER SET latin1, b VARCHAR(9) COLLATE utf8mb4_bin) DEFAULT CHARSET = utf8mb3`,
    ],
    [
      'generated columns and checks (H29)',
      'wp_f (a INT, b INT AS (a + 1) VIRTUAL, c INT AS (a * 2) STORED, CHECK (a > 1))',
    ],
    ['row format and engine (H28, H38)', 'wp_g (a VARCHAR(9)) ENGINE = MyISAM ROW_FORMAT = FIXED'],
    [
      'partitions (H38)',
      'wp_h (a INT) PARTITION BY RANGE (a) (PARTITION p0 VALUES LESS THAN (9), PARTITION p1 VALUES LESS THAN MAXVALUE)',
    ],
    ['json', 'wp_i (a JSON)'],
    ['a name with quotes and dashes (H24)', '`wp_j``k-1` (a INT)'],
  ])('keeps %s', async (_, definition) => {
    await copying.fill(`CREATE TABLE ${definition}`);
    const name = definition.startsWith('`') ? 'wp_j`k-1' : definition.slice(0, 4);
    const { source, target } = await create(name);
    expect(target).toBe(source.replace('TABLE `wp_', 'TABLE `blog_'));
  });

  it('lets foreign keys follow, also to tables that come later (H36)', async () => {
    await copying.fill(
      'CREATE TABLE wp_parent (id INT PRIMARY KEY)',
      'CREATE TABLE wp_child (id INT, CONSTRAINT fk FOREIGN KEY (id) REFERENCES wp_parent (id) ON DELETE CASCADE)',
    );
    const child = await create('wp_child');
    await create('wp_parent');
    expect(child.target).toContain('REFERENCES `blog_parent` (`id`) ON DELETE CASCADE');
  });

  it('is schema when it is there already, or when the source has none or a view', async () => {
    await copying.fill('CREATE TABLE wp_twice (id INT)', 'CREATE VIEW wp_view AS SELECT 1');
    await create('wp_twice');
    for (const table of ['wp_twice', 'wp_none', 'wp_view']) {
      await expect(create(table)).rejects.toMatchObject({
        code: 'schema',
        message: expect.stringContaining(table.slice(3)),
      });
    }
  });
});
