import { describe, expect, it } from 'vitest';
import { findLeads, findSequenceDefaults, keepsRows } from '../../../../src/mysql/definition/find-leads.ts';
import { parseDefinition } from '../../../../src/mysql/definition/parse-definition.ts';

const find = (...lines: string[]) => findLeads(parseDefinition(lines.join('\n')));

describe('findLeads', () => {
  it('H36 has the tables of foreign keys, with a foreign database, and none that a comment speaks of', () => {
    const { foreignKeys } = find(
      'CREATE TABLE `wp_4_form` (',
      "  `id` int COMMENT 'REFERENCES `wp_x`',",
      '  CONSTRAINT `a REFERENCES ``wp_y``` FOREIGN KEY (`id`) REFERENCES `wp_4_``odd` (`id`),',
      '  CONSTRAINT `two` FOREIGN KEY (`id`) REFERENCES `other`.`wp_t` (`id`)',
      ')',
    );
    expect(foreignKeys).toEqual([
      { name: 'a REFERENCES `wp_y`', referenced: { name: 'wp_4_`odd' } },
      { name: 'two', referenced: { database: 'other', name: 'wp_t' } },
    ]);
  });

  it('F08 has the sequences of defaults, within an expression too, and none that text speaks of', () => {
    const { sequences } = find(
      'CREATE TABLE `t` (',
      '  `id` bigint(20) NOT NULL DEFAULT nextval(`db`.`s``1`),',
      '  `b` int(11) DEFAULT (lastval(`db`.`s2`) + nextval(`db`.`s3`) * 2),',
      "  `c` varchar(99) DEFAULT 'nextval(`db`.`no`)' COMMENT 'setval(`db`.`no`)'",
      ') ENGINE=InnoDB',
    );
    expect(sequences).toEqual([
      { column: 'id', sequence: { database: 'db', name: 's`1' } },
      { column: 'b', sequence: { database: 'db', name: 's2' } },
      { column: 'b', sequence: { database: 'db', name: 's3' } },
    ]);
  });

  it('F18 has what a MERGE table is made of', () => {
    const { union } = find(
      "CREATE TABLE `t` (\n  `id` int\n) ENGINE=MRG_MyISAM COMMENT='UNION=(`x`)' UNION=(`a`,`other`.`b`)",
    );
    expect(union).toEqual([{ name: 'a' }, { database: 'other', name: 'b' }]);
  });
});

it('F08 a default keeps all but the names of its sequences', () => {
  const [id, label] = findSequenceDefaults(
    "CREATE TABLE `t` (\n  `id` int DEFAULT nextval(`a`.`s`),\n  `l` varchar(9) DEFAULT concat('nextval(`a`.`s`) ',nextval(`a`.`s`)) COMMENT 'x'\n) ENGINE=InnoDB",
  );
  const write = ({ name }: { name: string }): string => `\`live\`.\`${name}\``;
  expect(id).toMatchObject({ column: 'id' });
  expect(id!.write(write)).toBe('nextval(`live`.`s`)');
  expect(label!.write(write)).toBe("concat('nextval(`a`.`s`) ',nextval(`live`.`s`))");
});

it('F02 only known engines keep their rows', () => {
  for (const engine of ['InnoDB', 'MyISAM', 'Aria', 'MEMORY', 'ARCHIVE', 'CSV', 'BLACKHOLE', 'ROCKSDB'])
    expect(keepsRows(engine), engine).toBe(true);
  for (const engine of [
    'FEDERATED',
    'CONNECT',
    'SPIDER',
    'S3',
    'MRG_MyISAM',
    'OQGRAPH',
    'SPHINX',
    'Mroonga',
    '',
  ])
    expect(keepsRows(engine), engine).toBe(false);
});
