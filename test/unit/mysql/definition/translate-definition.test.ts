import { describe, expect, it } from 'vitest';
import { readServerKind } from '../../../../src/mysql/definition/server-kind.ts';
import { translateDefinition } from '../../../../src/mysql/definition/translate-definition.ts';

const MARIADB = readServerKind('10.11.18-MariaDB-0+deb12u1');
const MYSQL = readServerKind('9.7.4-2');

const table = (
  items: string[],
  options = 'ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin',
): string => `CREATE TABLE \`t\` (\n  ${items.join(',\n  ')}\n) ${options}`;

const toMariadb = (items: string[], options?: string) =>
  translateDefinition(table(items, options), MYSQL, MARIADB);
const toMysql = (items: string[], options?: string) =>
  translateDefinition(table(items, options), MARIADB, MYSQL);

const NOTHING = { lost: [], refused: [] };
const ID = '`id` int NOT NULL';

describe('F20 MySQL to MariaDB', () => {
  it("puts in the other's words what both have", () => {
    expect(
      toMariadb([
        '`id` bigint unsigned NOT NULL AUTO_INCREMENT /*!80023 INVISIBLE */',
        "`a` varchar(9) DEFAULT '3' /*!80023 INVISIBLE */ COMMENT '/*!80023 INVISIBLE */'",
        '`g` geomcollection DEFAULT NULL',
        "`t` text DEFAULT (concat(_utf8mb4'a',_utf8mb4'\\\\',_utf8mb4'it\\'s',_utf8mb4'ö')) COMMENT '_utf8mb4''x'",
        'PRIMARY KEY (`id`)',
        'KEY `k` (`a`) /*!80000 INVISIBLE */',
      ]),
    ).toEqual({
      ...NOTHING,
      definition: table([
        '`id` bigint unsigned NOT NULL AUTO_INCREMENT INVISIBLE',
        "`a` varchar(9) DEFAULT '3' INVISIBLE COMMENT '/*!80023 INVISIBLE */'",
        '`g` geometrycollection DEFAULT NULL',
        "`t` text DEFAULT (concat(_utf8mb4'a','\\\\','it\\'s','ö')) COMMENT '_utf8mb4''x'",
        'PRIMARY KEY (`id`)',
        'KEY `k` (`a`) IGNORED',
      ]),
    });
  });

  it.each([
    [
      'a moment that is only updated',
      [
        '`p` timestamp(3) NOT NULL ON UPDATE CURRENT_TIMESTAMP(3)',
        '`d` datetime NOT NULL ON UPDATE CURRENT_TIMESTAMP',
        '`q` timestamp NULL ON UPDATE CURRENT_TIMESTAMP',
      ],
      [
        "`p` timestamp(3) NOT NULL DEFAULT '0000-00-00 00:00:00.000' ON UPDATE CURRENT_TIMESTAMP(3)",
        "`d` datetime NOT NULL DEFAULT '0000-00-00 00:00:00' ON UPDATE CURRENT_TIMESTAMP",
        '`q` timestamp NULL ON UPDATE CURRENT_TIMESTAMP',
      ],
      'that column p has no default, that column d has no default',
    ],
    [
      'a reference system',
      ['`p` point NOT NULL /*!80003 SRID 4326 */'],
      ['`p` point NOT NULL '],
      'the reference system of column p',
    ],
    [
      'storage',
      ['`p` int /*!50606 STORAGE DISK */ /*!50606 COLUMN_FORMAT FIXED */ DEFAULT NULL'],
      ['`p` int   DEFAULT NULL'],
      'STORAGE of column p, COLUMN_FORMAT of column p',
    ],
    [
      'a key over an expression',
      [ID, 'KEY `low` ((lower(`a`)),`id`)'],
      [ID],
      'key low, which is over an expression',
    ],
    [
      'a CHECK that is not enforced',
      [ID, 'CONSTRAINT `c` CHECK ((`id` > 0)) /*!80016 NOT ENFORCED */', 'CONSTRAINT `d` CHECK ((`id` > 1))'],
      [ID, 'CONSTRAINT `d` CHECK ((`id` > 1))'],
      'CHECK c, which is not enforced',
    ],
    [
      'NOT NULL of a generated column',
      ['`g` int GENERATED ALWAYS AS ((`id` + 1)) STORED NOT NULL'],
      ['`g` int GENERATED ALWAYS AS ((`id` + 1)) STORED '],
      'NOT NULL of the generated column g',
    ],
  ])('leaves out %s, and says so', (_, items, left, lost) => {
    const translated = toMariadb(items);
    expect(translated.definition).toBe(table(left));
    expect(translated.lost.join(', ')).toBe(lost);
    expect(translated.refused).toEqual([]);
  });

  it("leaves out what only MySQL's tables have, in which nothing is kept", () => {
    const { definition, lost, refused } = toMariadb(
      [ID],
      "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMPRESSION='zlib' /*!80016 ENCRYPTION='N' */ COMMENT='COMPRESSION=''x'''",
    );
    expect(definition).toBe(
      table([ID], "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin   COMMENT='COMPRESSION=''x'''"),
    );
    expect({ lost, refused }).toEqual({ lost: ['COMPRESSION of the table'], refused: [] });
  });

  it.each([
    [
      'an invisible column that must be given',
      ['`a` int NOT NULL /*!80023 INVISIBLE */'],
      'the invisible column a',
    ],
    [
      'a unique key over an expression',
      [ID, 'UNIQUE KEY `u` ((lower(`a`)))'],
      'key u, which is unique and over an expression',
    ],
    [
      'a parser',
      [ID, 'FULLTEXT KEY `ft` (`t`) /*!50100 WITH PARSER `ngram` */ '],
      'the parser ngram of key ft',
    ],
    ['a vector', ['`v` vector(3) DEFAULT NULL'], 'column v (VECTOR)'],
    [
      'a generated primary key',
      ['`g` int GENERATED ALWAYS AS ((`id` + 1)) STORED', 'PRIMARY KEY (`g`)'],
      'the primary key, which is over a generated column',
    ],
    [
      'a function of a default',
      ['`b` binary(16) DEFAULT (uuid_to_bin(uuid()))'],
      'the default of column b (UUID_TO_BIN)',
    ],
    [
      'a function of a generated column',
      ["`j` int GENERATED ALWAYS AS (json_value(`c`, _utf8mb4'$.a' returning char(512))) VIRTUAL"],
      'column j (RETURNING)',
    ],
    [
      'a function of a CHECK',
      [ID, "CONSTRAINT `c` CHECK (regexp_like(`a`,_utf8mb4'x'))"],
      'CHECK c (REGEXP_LIKE)',
    ],
  ])('refuses %s', (_, items, refused) => {
    expect(toMariadb(items).refused).toEqual([refused]);
  });

  it('refuses to give up encryption', () => {
    expect(
      toMariadb([ID], "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin /*!80016 ENCRYPTION='Y' */")
        .refused,
    ).toEqual(['the encryption of the table']);
  });
});

describe("F20 MySQL to MariaDB, texts in expressions that the table's character set may lack", () => {
  const of = (charset: string) => `ENGINE=InnoDB DEFAULT CHARSET=${charset} COLLATE=${charset}_bin`;

  it.each([
    ['text CHARACTER SET utf8mb4 COLLATE utf8mb4_bin', "(_utf8mb4'日本')", "(x'E697A5E69CAC')"],
    ['text CHARACTER SET utf16 COLLATE utf16_bin', "(_utf8mb4'日')", "(x'65E5')"],
    ['text CHARACTER SET latin1 COLLATE latin1_bin', "(_utf8mb4'it\\'s ö')", "(x'6974277320F6')"],
    ['mediumtext CHARACTER SET gbk COLLATE gbk_bin', "(_utf8mb4'日')", "(x'C8D5')"],
    ['blob', "(_utf8mb4'ö')", "(x'C3B6')"],
    ['json', '(_utf8mb4\'["ö"]\')', "(x'5B22C3B6225D')"],
    ['varchar(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin', "(_utf8mb4'ö')", "'ö'"],
    ['varchar(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin', "'ö'", "'ö'"],
    ['text', "(_utf8mb4'o')", "(_utf8mb4'o')"],
  ])('writes one that is the default alone in another way: %s %s', (type, written, expected) => {
    expect(toMariadb([`\`a\` ${type} DEFAULT ${written} COMMENT 'ö'`], of('ascii'))).toEqual({
      ...NOTHING,
      definition: table([`\`a\` ${type} DEFAULT ${expected} COMMENT 'ö'`], of('ascii')),
    });
  });

  const items = (text: string) => [
    `\`a\` varchar(9) DEFAULT (concat(_utf8mb4'${text}'))`,
    `\`g\` varchar(9) GENERATED ALWAYS AS (concat(_utf8mb4'${text}',\`a\`)) VIRTUAL`,
    `CONSTRAINT \`c\` CHECK ((\`a\` <> _utf8mb4'${text}'))`,
  ];
  it.each([
    ['ascii', 'ö'],
    ['latin1', '日'],
    ['cp1251', 'ö'],
    ['gbk', 'ö'],
    ['utf8mb3', '😀'],
    ['swe7', 'ö'],
  ])('refuses any other: %s lacks %s', (charset, text) => {
    expect(toMariadb(items(text), of(charset)).refused).toEqual(
      ['the default of column a', 'column g', 'CHECK c'].map(
        where => `${where} (a text that the table's character set lacks)`,
      ),
    );
  });

  it.each([
    ['latin1', 'ö€'],
    ['cp1251', 'каша'],
    ['gbk', '日'],
    ['sjis', '日本'],
    ['utf8mb3', '日ö'],
    ['utf8mb4', '😀'],
    ['utf16', '😀'],
    ['swe7', 'o'],
  ])('carries those that it has: %s has %s', (charset, text) => {
    expect(toMariadb(items(text), of(charset)).refused).toEqual([]);
  });
});

describe('F20 MariaDB to MySQL', () => {
  it("puts in the other's words what both have", () => {
    expect(
      toMysql([
        "`t` text DEFAULT 'it''s ( x'",
        '`u` varchar(36) DEFAULT uuid()',
        '`d` date DEFAULT (curdate() + interval 1 day)',
        '`n` text DEFAULT NULL',
        "`v` varchar(9) DEFAULT 'x'",
        '`ts` timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp()',
        '`day` varchar(30) DEFAULT current_timestamp()',
        '`i` int(11) INVISIBLE DEFAULT 3',
        "`c` int(11) DEFAULT NULL CHECK (`c` > `i`) COMMENT 'x'",
        'KEY `k` (`v`) IGNORED',
        'CONSTRAINT `p` CHECK (`c` > 0)',
      ]),
    ).toEqual({
      ...NOTHING,
      definition: table([
        "`t` text DEFAULT ('it''s ( x')",
        '`u` varchar(36) DEFAULT (uuid())',
        '`d` date DEFAULT (curdate() + interval 1 day)',
        '`n` text DEFAULT NULL',
        "`v` varchar(9) DEFAULT 'x'",
        '`ts` timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp()',
        '`day` varchar(30) DEFAULT (current_timestamp())',
        '`i` int(11) INVISIBLE DEFAULT 3',
        "`c` int(11) DEFAULT NULL  COMMENT 'x'",
        'KEY `k` (`v`) INVISIBLE',
        'CONSTRAINT `p` CHECK (`c` > 0)',
        'CHECK (`c` > `i`)',
      ]),
    });
  });

  it('leaves out compression, and says so', () => {
    const options = 'ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin';
    const { definition, lost } = toMysql(
      ['`t` text /*M!100301 COMPRESSED*/ DEFAULT NULL'],
      `${options} \`PAGE_COMPRESSED\`=1`,
    );
    expect(definition).toBe(table(['`t` text  DEFAULT NULL'], `${options} `));
    expect(lost).toEqual(['the compression of column t', 'PAGE_COMPRESSED of the table']);
  });

  it.each(['char', 'varchar', 'binary', 'varbinary'])(
    'leaves out a key over a column of length 0, and refuses a unique one: %s',
    type => {
      const columns = [`\`a\` ${type}(0) NOT NULL`, ID, `\`b\` ${type}(10) NOT NULL`];
      const { definition, lost, refused } = toMysql([...columns, 'KEY `k` (`id`,`a` DESC)', 'KEY `b` (`b`)']);
      expect(definition).toBe(table([...columns, 'KEY `b` (`b`)']));
      expect({ lost, refused }).toEqual({
        lost: ['key k, which is over a column of length 0'],
        refused: [],
      });
      expect(toMysql([...columns, 'PRIMARY KEY (`a`)', 'UNIQUE KEY `u` (`id`,`a`)']).refused).toEqual([
        'the primary key, which is unique and over a column of length 0',
        'key u, which is unique and over a column of length 0',
      ]);
      expect(toMariadb([...columns, 'KEY `k` (`a`)'])).toMatchObject(NOTHING);
    },
  );

  const NULLABLE = ['`a` int(11) NOT NULL', '`b` int(11) NOT NULL', '`n` int(11) DEFAULT NULL'];
  it.each([
    [['UNIQUE KEY `u` (`a`,`b`) IGNORED', 'UNIQUE KEY `v` (`b`) IGNORED'], ['', ' INVISIBLE'], ['u']],
    [['UNIQUE KEY `u` (`a`,`n`) IGNORED', 'UNIQUE KEY `v` (`b`) IGNORED'], [' INVISIBLE', ''], ['v']],
    [['UNIQUE KEY `u` (`a`)', 'UNIQUE KEY `v` (`b`) IGNORED'], ['', ' INVISIBLE'], []],
    [['PRIMARY KEY (`b`)', 'UNIQUE KEY `u` (`a`) IGNORED'], ['', ' INVISIBLE'], []],
    [['KEY `u` (`a`) IGNORED', 'UNIQUE KEY `v` (`n`) IGNORED'], [' INVISIBLE', ' INVISIBLE'], []],
  ])("has no ignored key that is MySQL's primary one: %s", (keys, words, lost) => {
    const written = keys.map((key, index) => key.replace(/ IGNORED$/, '') + words[index]);
    const translated = toMysql([...NULLABLE, ...keys]);
    expect(translated.definition.replaceAll(/ +(?=[,\n])/g, '')).toBe(table([...NULLABLE, ...written]));
    expect(translated.lost).toEqual(lost.map(key => `that key ${key} is ignored`));
    expect(translated.refused).toEqual([]);
  });

  it("says the collation that is a character set's default at the source", () => {
    const { definition } = toMysql(
      ['`t` varchar(9) CHARACTER SET utf8mb4 DEFAULT NULL'],
      'ENGINE=InnoDB DEFAULT CHARSET=latin1',
    );
    expect(definition).toBe(
      table(
        ['`t` varchar(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci DEFAULT NULL'],
        'ENGINE=InnoDB DEFAULT CHARSET=latin1 COLLATE=latin1_swedish_ci',
      ),
    );
  });

  it.each([
    ['UUID', ['`u` uuid DEFAULT NULL'], 'column u (UUID)'],
    ['INET6', ['`i` inet6 DEFAULT NULL'], 'column i (INET6)'],
    [
      'a unique key over a whole text',
      ['`t` text DEFAULT NULL', 'UNIQUE KEY `t` (`t`) USING HASH'],
      'key t, which is unique over a whole text',
    ],
    [
      'WITHOUT OVERLAPS',
      [ID, 'PERIOD FOR `app` (`s`, `e`)', 'PRIMARY KEY (`id`,`app` WITHOUT OVERLAPS)'],
      'keys WITHOUT OVERLAPS',
    ],
    ['a column with history', ['`id` int(11) NOT NULL WITHOUT SYSTEM VERSIONING'], 'system versioning'],
    ['a sequence', ['`id` int(11) DEFAULT nextval(`d`.`s`)'], 'the default of column id (NEXTVAL)'],
  ])('refuses %s', (_, items, refused) => {
    expect(toMysql(items).refused).toContain(refused);
  });

  it('refuses history, and partitions of other engines', () => {
    expect(
      toMysql([ID], 'ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin WITH SYSTEM VERSIONING')
        .refused,
    ).toEqual(['system versioning']);
    expect(
      toMysql(
        [ID],
        'ENGINE=MyISAM DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin\n PARTITION BY HASH (`id`)\nPARTITIONS 4',
      ).refused,
    ).toEqual(['partitions of other engines than InnoDB']);
  });
});

it('F20 leaves a full-text key of a partitioned table, which MySQL has none of', () => {
  const { lost, refused } = toMysql(
    [ID, '`t` varchar(99) DEFAULT NULL', 'FULLTEXT KEY `ft` (`t`)'],
    'ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin\n PARTITION BY HASH (`id`)\nPARTITIONS 4',
  );
  expect(lost).toEqual(['key ft, which is a full-text key of a partitioned table']);
  expect(refused).toEqual([]);
});

describe('F20 MariaDB to an engine of MySQL', () => {
  const engine = (name: string) => `ENGINE=${name} DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin`;
  const NONE = [
    '`n` int(11) DEFAULT 3',
    "`v` varchar(9) DEFAULT 'x'",
    '`d` datetime DEFAULT current_timestamp() ON UPDATE current_timestamp()',
  ];
  const EXPRESSIONS = ['`a` int(11) DEFAULT (1 + 2)', '`u` varchar(36) DEFAULT uuid()'];

  it.each(['MEMORY', 'CSV', 'ARCHIVE', 'BLACKHOLE'])(
    'refuses defaults that are expressions, and no others: %s',
    name => {
      expect(toMysql([...NONE, ...EXPRESSIONS], engine(name)).refused).toEqual([
        'the default of column a',
        'the default of column u',
      ]);
    },
  );

  it.each(['InnoDB', 'MyISAM'])('carries them: %s', name => {
    expect(toMysql([...NONE, ...EXPRESSIONS], engine(name))).toMatchObject(NOTHING);
  });
});

describe('F20 an older server of the same make', () => {
  const older = readServerKind('10.6.20-MariaDB');
  it.each([
    ['`u` uuid DEFAULT NULL', 'column u (UUID)'],
    ['`v` vector(3) DEFAULT NULL', 'column v (VECTOR)'],
    ["`s` varchar(9) DEFAULT natural_sort_key('x')", 'the default of column s (NATURAL_SORT_KEY)'],
  ])('refuses %s', (column, refused) => {
    expect(translateDefinition(table([column]), readServerKind('11.8.2-MariaDB'), older).refused).toEqual([
      refused,
    ]);
  });

  it('leaves out a descending order, and nothing else', () => {
    const { definition, lost, refused } = translateDefinition(
      table(
        [ID, 'KEY `k` (`id` DESC,`desc`)'],
        'ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin `PAGE_COMPRESSED`=1 WITH SYSTEM VERSIONING',
      ),
      readServerKind('10.11.2-MariaDB'),
      older,
    );
    expect(definition).toContain('KEY `k` (`id` ,`desc`)');
    expect(definition).toContain('`PAGE_COMPRESSED`=1 WITH SYSTEM VERSIONING');
    expect({ lost, refused }).toEqual({ lost: ['the descending order of key k'], refused: [] });
  });
});
