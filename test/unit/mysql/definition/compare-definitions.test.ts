import { describe, expect, it } from 'vitest';
import { compareDefinitions, describeDifference } from '../../../../src/mysql/definition/compare-definitions.ts';

const table = (
  items: string[],
  options = 'ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin',
): string => `CREATE TABLE \`t\` (\n  ${items.join(',\n  ')}\n) ${options}`;
const compare = (wanted: string, found: string): string[] =>
  compareDefinitions(table([wanted]), table([found])).map(describeDifference);

describe('F20 what servers print differently and mean alike', () => {
  it.each([
    ['`a` int(11) NOT NULL', '`a` int NOT NULL'],
    ['`a` bigint(20) unsigned DEFAULT 0', "`a` bigint unsigned DEFAULT '0'"],
    ['`a` decimal(10,2) DEFAULT 1.50', "`a` decimal(10,2) DEFAULT '1.50'"],
    ['`a` float DEFAULT -0.00000000015', "`a` float DEFAULT '-1.5e-10'"],
    ['`a` text DEFAULT NULL', '`a` text'],
    ['`a` timestamp NULL DEFAULT NULL', '`a` timestamp NULL'],
    [
      '`a` datetime(6) DEFAULT current_timestamp(6) ON UPDATE current_timestamp(6)',
      '`a` datetime(6) DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6)',
    ],
    ["`a` text DEFAULT 'x'", "`a` text DEFAULT (_utf8mb4'x')"],
    ['`a` varchar(9) DEFAULT uuid()', '`a` varchar(9) DEFAULT (uuid())'],
    [
      '`a` varchar(9) CHARACTER SET utf8 COLLATE utf8_general_ci',
      '`a` varchar(9) CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci',
    ],
    ['`a` varchar(9) CHARACTER SET latin1', '`a` varchar(9) CHARACTER SET latin1 COLLATE latin1_swedish_ci'],
    ['`a` varchar(9)', '`a` varchar(9) COLLATE utf8mb4_bin'],
    [
      '`a` json',
      '`a` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT NULL CHECK (json_valid(`a`))',
    ],
    ['`a` json', '`a` longtext DEFAULT NULL CHECK (json_valid(`a`))'],
    ["`a` binary(4) DEFAULT 'ö\\0\\0'", "`a` binary(4) DEFAULT (_utf8mb4'ö')"],
    ['`a` geomcollection', '`a` geometrycollection'],
    ['`a` int INVISIBLE DEFAULT 3', "`a` int DEFAULT '3' /*!80023 INVISIBLE */"],
    ['`a` int GENERATED ALWAYS AS (`b` + 1) STORED', '`a` int GENERATED ALWAYS AS ((`b` + 1)) STORED'],
    [
      "`a` int GENERATED ALWAYS AS (case when `b` = 1 then 'x' else 'y' end) VIRTUAL",
      "`a` int GENERATED ALWAYS AS ((case when (`b` = 1) then _utf8mb4'x' else _utf8mb4'y' end)) VIRTUAL",
    ],
    ...[
      ['utf8mb4', '0xF09F8E893F'],
      ['utf16', '0xD83CDF89003F'],
      ['utf16le', '0x3CD889DF3F00'],
      ['utf32', '0x0001F3890000003F'],
    ].map(([charset, bytes]): [string, string] => [
      `\`a\` varchar(9) CHARACTER SET ${charset} DEFAULT _${charset} ${bytes}`,
      `\`a\` varchar(9) CHARACTER SET ${charset} DEFAULT '??'`,
    ]),
    ["`a` enum('a''b','c\\\\d')", "`a` enum('a\\'b','c\\\\d')"],
    ['`a` int(5) unsigned zerofill', '`a` int(5) unsigned zerofill'],
  ])('%s', (one, other) => {
    expect(compare(one, other)).toEqual([]);
    expect(compare(other, one)).toEqual([]);
  });

  it('keys in another order, CHECKs of a column and of the table, partitions with and without quotes', () => {
    expect(
      compareDefinitions(
        table(
          [
            '`a` int(11) DEFAULT NULL CHECK (`a` > 1)',
            'KEY `y` (`a`)',
            'KEY `x` (`a`) USING BTREE',
            'CONSTRAINT `f` FOREIGN KEY (`a`) REFERENCES `b` (`id`) ON DELETE RESTRICT',
          ],
          'ENGINE=InnoDB DEFAULT CHARSET=utf8mb4\n PARTITION BY LIST  COLUMNS(`a`)\n(PARTITION `p` VALUES IN (1) ENGINE = InnoDB)',
        ),
        table(
          [
            '`a` int DEFAULT NULL',
            'KEY `x` (`a`)',
            'KEY `y` (`a`)',
            'CONSTRAINT `f` FOREIGN KEY (`a`) REFERENCES `b` (`id`)',
            'CONSTRAINT `t_chk_1` CHECK ((`a` > 1))',
          ],
          'ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci\n/*!50500 PARTITION BY LIST  COLUMNS(a)\n(PARTITION p VALUES IN (1) ENGINE = InnoDB) */',
        ),
      ),
    ).toEqual([]);
  });

  it("encryption that is the target's rule", () => {
    expect(
      compareDefinitions(
        table(['`a` int']),
        table(
          ['`a` int'],
          "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin /*!80016 ENCRYPTION='Y' */",
        ),
      ),
    ).toEqual([]);
  });
});

describe('F07 F20 what differs', () => {
  it.each([
    ['`a` int', '`a` bigint', 'column a: type should be int and is bigint'],
    ['`a` int', '`a` int unsigned', 'column a: type should be int and is int unsigned'],
    ['`a` varchar(9)', '`a` varchar(8)', 'column a: type should be varchar(9) and is varchar(8)'],
    [
      '`a` varchar(9)',
      '`a` varchar(9) CHARACTER SET latin1',
      'column a: collation should be utf8mb4_bin and is latin1_swedish_ci',
    ],
    ['`a` int', '`a` int NOT NULL', 'column a: null should be none and is not null'],
    ["`a` varchar(9) DEFAULT ''", '`a` varchar(9)', 'column a: default should be "" and is none'],
    [
      "`a` varchar(9) DEFAULT '0'",
      "`a` varchar(9) DEFAULT '0.0'",
      'column a: default should be "0" and is "0.0"',
    ],
    [
      '`a` timestamp NOT NULL',
      '`a` timestamp NOT NULL DEFAULT current_timestamp()',
      'column a: default should be none and is current_timestamp',
    ],
    [
      '`a` int GENERATED ALWAYS AS (`b` + 1) STORED',
      '`a` int GENERATED ALWAYS AS (`b` + 1) VIRTUAL',
      'column a: kind should be stored and is virtual',
    ],
    [
      '`a` int GENERATED ALWAYS AS (`b` + 1) STORED',
      '`a` int GENERATED ALWAYS AS (`b` + 2) STORED',
      'column a: generated should be b + 1 and is b + 2',
    ],
    ["`a` int COMMENT 'x'", "`a` int COMMENT 'X'", 'column a: comment should be "x" and is "X"'],
    ['`a` int INVISIBLE', '`a` int', 'column a: invisible should be invisible and is none'],
    ['`a` point /*!80003 SRID 4326 */', '`a` point', 'column a: srid should be 4326 and is none'],
    ["`a` enum('x','y')", "`a` enum('y','x')", 'column a: type should be enum("x","y") and is enum("y","x")'],
    ['`a` int CHECK (`a` > 1)', '`a` int', 'check a > 1 should be  and is none'],
    ['KEY `k` (`a`)', 'KEY `k` (`a`(9))', 'key k should be key (a) and is key (a(9))'],
    ['KEY `k` (`a`)', 'KEY `k` (`a` DESC)', 'key k should be key (a) and is key (a desc)'],
    ['KEY `k` (`a`,`b`)', 'KEY `k` (`b`,`a`)', 'key k should be key (a, b) and is key (b, a)'],
    ['KEY `k` (`a`)', 'UNIQUE KEY `k` (`a`)', 'key k should be key (a) and is unique (a)'],
    ['KEY `k` (`a`) IGNORED', 'KEY `k` (`a`)', 'key k: invisible should be invisible and is none'],
    [
      'FULLTEXT KEY `k` (`a`) /*!50100 WITH PARSER `ngram` */',
      'FULLTEXT KEY `k` (`a`)',
      'key k: parser should be ngram and is none',
    ],
    [
      'CONSTRAINT `c` FOREIGN KEY (`a`) REFERENCES `b` (`id`)',
      'CONSTRAINT `c` FOREIGN KEY (`a`) REFERENCES `b` (`id`) ON DELETE CASCADE',
      'foreign key c should be foreign key ( a ) references b id and is foreign key ( a ) references b id on delete cascade',
    ],
    [
      'CONSTRAINT `c` CHECK (`a` > 1)',
      'CONSTRAINT `c` CHECK (`a` > 1) /*!80016 NOT ENFORCED */',
      'check a > 1 should be c and is c not enforced',
    ],
  ])('%s', (wanted, found, difference) => {
    expect(compare(wanted, found)).toContain(difference);
  });

  it('places of columns, options of the table, partitions', () => {
    const differences = compareDefinitions(
      table(
        ['`a` int', '`b` int'],
        "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin ROW_FORMAT=COMPRESSED COMMENT='x'\n PARTITION BY HASH (`a`)\nPARTITIONS 4",
      ),
      table(
        ['`b` int', '`a` int'],
        'ENGINE=MyISAM DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci\n PARTITION BY HASH (`a`)\nPARTITIONS 3',
      ),
    );
    expect(differences.map(({ property }) => property)).toEqual([
      ...['default collation', 'column a: place', 'column b: place', 'table: engine', 'table: row_format'],
      ...['table: comment', 'partitions'],
    ]);
  });

  it('not the next number, which is of the rows', () => {
    expect(
      compareDefinitions(
        table(['`a` int'], 'ENGINE=InnoDB AUTO_INCREMENT=7'),
        table(['`a` int'], 'ENGINE=InnoDB AUTO_INCREMENT=9'),
      ),
    ).toEqual([]);
  });
});
