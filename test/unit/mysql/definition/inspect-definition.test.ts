import { expect, it } from 'vitest';
import { createInspectDefinition } from '../../../../src/mysql/definition/inspect-definition.ts';
import { readServerKind } from '../../../../src/mysql/definition/server-kind.ts';

const MARIADB = readServerKind('10.11.18-MariaDB');
const inspect = createInspectDefinition({ mentionsHost: () => false, from: MARIADB, to: MARIADB });

const define = (type: string, after = ''): string =>
  `CREATE TABLE \`t\` (
  \`id\` int(11) NOT NULL,
  \`rs\` ${type} GENERATED ALWAYS AS ROW START${after},
  \`re\` ${type} GENERATED ALWAYS AS ROW END${after},
  PRIMARY KEY (\`id\`,\`re\`),
  PERIOD FOR SYSTEM_TIME (\`rs\`, \`re\`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 WITH SYSTEM VERSIONING`;

it('F11 tells a history in numbers of transactions from one in times', () => {
  for (const after of ['', ' INVISIBLE'])
    expect(inspect(define('bigint(20) unsigned', after))).toMatchObject({ transactions: ['rs', 're'] });
  expect(inspect(define('timestamp(6)'))).toBeNull();
});

it('F11 takes no other computed number for one', () => {
  const text =
    'CREATE TABLE `t` (\n  `a` int(11) DEFAULT NULL,\n  `b` bigint(20) GENERATED ALWAYS AS (`a` + 1) STORED\n) ENGINE=InnoDB';
  expect(inspect(text)).toBeNull();
});

it("F20 takes the CHECK that makes JSON of a text for none, whether the collation is its own or the table's", () => {
  const toMysql = createInspectDefinition({
    mentionsHost: () => false,
    from: MARIADB,
    to: readServerKind('9.7.4'),
  });
  const define = (own: string, collation: string): string =>
    `CREATE TABLE \`t\` (\n  \`d\` longtext${own} DEFAULT NULL CHECK (json_valid(\`d\`))\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=${collation}`;
  expect(toMysql(define(' COLLATE utf8mb4_bin', 'utf8mb4_general_ci'))).toBeNull();
  expect(toMysql(define('', 'utf8mb4_bin'))).toBeNull();
  expect(toMysql(define('', 'utf8mb4_general_ci'))).toMatchObject({ checks: ['(json_valid(`d`))'] });
});
