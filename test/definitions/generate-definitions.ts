// Definitions of tables, as many as wanted and the same for the same seed: types, defaults, keys, options, partitions and
// comments of MariaDB and MySQL, put together at random. A server refuses some of them; those that it takes are tables that
// somebody may have.

import { seededRandom } from '../crash/kills.ts';

export type Flavour = 'mariadb' | 'mysql';

/** `CREATE TABLE <name>` and what this gives. */
export function* generateDefinitions(flavour: Flavour, seed: number): Generator<string> {
  for (let index = 0; ; index++) yield new TableMaker(flavour, seed * 1_000_003 + index).make();
}

const quote = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;

/** What has been of harm to parsers of definitions. */
const TEXTS = [
  ...[
    '',
    'x',
    'it’s',
    "it's",
    'a "b" c',
    'back\\slash',
    'tab\tnew\nline',
    '(paren',
    'a,b)',
    '`name`',
    '/*!80023 INVISIBLE */',
  ],
  ...[
    'ENGINE=FEDERATED',
    'REFERENCES `wp_x` (`id`)',
    'nextval(`a`.`b`)',
    '\n) ENGINE=CSV',
    'Größe',
    'каша',
    '100 %',
    '--',
    '#',
    ';',
    '0',
    'NULL',
  ],
  ...['DEFAULT', 'a_b%c', ' lead', 'trail ', "''", '\\', '日本'],
];

const NUMBERS = ['0', '1', '-1', '7', '42', '1.5', '-0.25', '1e3', '127', '255'];

interface Column {
  readonly name: string;
  readonly type: string;
  readonly kind:
    | 'number'
    | 'text'
    | 'blob'
    | 'date'
    | 'time'
    | 'enum'
    | 'set'
    | 'bit'
    | 'json'
    | 'spatial'
    | 'other';
  /** Rows can be told apart by the whole of it. */
  readonly isShort: boolean;
  readonly isGenerated: boolean;
  readonly sql: string;
}

class TableMaker {
  readonly #flavour: Flavour;
  readonly #random: () => number;

  constructor(flavour: Flavour, seed: number) {
    this.#flavour = flavour;
    this.#random = seededRandom(seed);
    // The first number of a seed is much like that of the next.
    this.#random();
  }

  make(): string {
    const columns = Array.from({ length: 1 + this.#upTo(6) }, (_, index) => this.#column(index));
    const numbered = this.#chance(0.4) ? ['`id` bigint unsigned NOT NULL AUTO_INCREMENT'] : [];
    const keys = this.#keys(columns, numbered.length > 0);
    const checks = this.#chance(0.25) ? [this.#check(columns)] : [];
    const items = [...numbered, ...columns.map(column => column.sql), ...keys, ...checks].filter(Boolean);
    return `(${items.join(', ')}) ${this.#options()} ${this.#partitions(columns, numbered.length > 0)}`.trim();
  }

  // -------------------------------------------------------------- columns

  #column(index: number): Column {
    const name = this.#pick([
      `c${index}`,
      `c${index}`,
      `C${index}`,
      `c ${index}`,
      `c${index}\`q`,
      `ä${index}`,
      `select${index}`,
    ]);
    const { type, kind, isShort } = this.#type();
    const isGenerated = takesResults(kind, type) && this.#chance(0.12);
    const attributes = isGenerated ? this.#generated(kind) : this.#attributes(kind, type);
    const comment = this.#chance(0.2) ? `COMMENT ${quote(this.#pick(TEXTS))}` : '';
    const sql = `\`${name.replaceAll('`', '``')}\` ${type} ${attributes} ${comment}`
      .replaceAll(/ +/g, ' ')
      .trim();
    return { name, type, kind, isShort, isGenerated, sql };
  }

  #type(): Pick<Column, 'type' | 'kind' | 'isShort'> {
    const charset = this.#chance(0.3) ? ` ${this.#pick(CHARSETS)}` : '';
    const unsigned = this.#pick(['', '', ' unsigned', ' unsigned zerofill']);
    const [p, s] = [1 + this.#upTo(60), this.#upTo(20)];
    const types: Pick<Column, 'type' | 'kind' | 'isShort'>[] = [
      ...['tinyint', 'smallint', 'mediumint', 'int', 'bigint', 'tinyint(1)', 'int(5)'].map(type => ({
        type: type + unsigned,
        kind: 'number' as const,
        isShort: true,
      })),
      { type: `decimal(${Math.max(p, s)},${Math.min(s, p)})`, kind: 'number', isShort: true },
      ...['float', 'double', 'float(7,3)', 'double(12,4)'].map(type => ({
        type,
        kind: 'number' as const,
        isShort: true,
      })),
      { type: `bit(${1 + this.#upTo(63)})`, kind: 'bit', isShort: true },
      { type: 'year', kind: 'number', isShort: true },
      ...['char(5)', 'varchar(40)', 'varchar(191)', 'char(0)'].map(type => ({
        type: type + charset,
        kind: 'text' as const,
        isShort: true,
      })),
      ...['tinytext', 'text', 'mediumtext', 'longtext'].map(type => ({
        type: type + charset,
        kind: 'text' as const,
        isShort: false,
      })),
      ...['binary(4)', 'varbinary(20)'].map(type => ({ type, kind: 'text' as const, isShort: true })),
      ...['tinyblob', 'blob', 'mediumblob', 'longblob'].map(type => ({
        type,
        kind: 'blob' as const,
        isShort: false,
      })),
      ...['date', 'datetime', 'datetime(3)', 'datetime(6)', 'timestamp', 'timestamp(6)'].map(type => ({
        type,
        kind: 'date' as const,
        isShort: true,
      })),
      ...['time', 'time(2)'].map(type => ({ type, kind: 'time' as const, isShort: true })),
      { type: `enum(${this.#members()})${charset}`, kind: 'enum', isShort: true },
      { type: `set('a','b','c d','e''f')${charset}`, kind: 'set', isShort: true },
      { type: 'json', kind: 'json', isShort: false },
      ...['point', 'geometry', 'linestring', 'polygon', 'multipoint', 'geometrycollection'].map(type => ({
        type,
        kind: 'spatial' as const,
        isShort: false,
      })),
      ...(this.#flavour === 'mariadb'
        ? ['uuid', 'inet4', 'inet6', 'text compressed', 'varchar(30) compressed']
        : ['vector(3)']
      ).map(type => ({ type, kind: 'other' as const, isShort: false })),
    ];
    return this.#pick(types);
  }

  #members(): string {
    const members = new Set(Array.from({ length: 1 + this.#upTo(4) }, () => this.#pick(TEXTS).trimEnd()));
    return [...members].map(quote).join(',');
  }

  #attributes(kind: Column['kind'], type: string): string {
    const mayBeNull = this.#pick(['', 'NULL', 'NOT NULL']);
    const value = this.#chance(0.6) ? this.#default(kind, type) : '';
    const update =
      kind === 'date' && type !== 'date' && this.#chance(0.3)
        ? `ON UPDATE CURRENT_TIMESTAMP${precision(type)}`
        : '';
    const invisible = this.#chance(0.06) ? 'INVISIBLE' : '';
    const srid = kind === 'spatial' && this.#flavour === 'mysql' && this.#chance(0.3) ? 'SRID 4326' : '';
    const mysqls =
      this.#flavour === 'mysql' && this.#chance(0.04)
        ? this.#pick(['STORAGE DISK', 'COLUMN_FORMAT FIXED'])
        : '';
    const check = this.#flavour === 'mariadb' && this.#chance(0.05) ? 'CHECK (1 + 1 > 1)' : '';
    return [mayBeNull, srid, value, update, invisible, mysqls, check].join(' ');
  }

  #default(kind: Column['kind'], type: string): string {
    // What no column of length 0 can hold, MariaDB refuses at once, and MySQL with the first row.
    const expression = this.#chance(0.2) && !type.includes('(0)');
    const literals: Readonly<Record<Column['kind'], readonly string[]>> = {
      number: NUMBERS,
      text: [...TEXTS.map(quote), "x'4142'"],
      blob: TEXTS.map(quote),
      date: [
        "'2020-01-02'",
        "'2020-01-02 03:04:05'",
        `CURRENT_TIMESTAMP${precision(type)}`,
        "'0000-00-00 00:00:00'",
      ],
      time: ["'12:34:56'", "'-838:59:59'"],
      enum: ["'x'", "''", "'0'"],
      set: ["'a'", "'a,b'", "''"],
      bit: ["b'1'", "b'0'", '1'],
      json: ["'[]'", "'{}'"],
      spatial: ['NULL'],
      other: ['NULL'],
    };
    const expressions: Readonly<Partial<Record<Column['kind'], readonly string[]>>> = {
      number: ['(1 + 2)', '(abs(-3) * 2)', '(if(1 > 2, 3, 4))', '(case when 1 = 1 then 2 else 3 end)'],
      text: [
        "(concat('a', 'b'))",
        '(uuid())',
        "(lower('ABC'))",
        "(replace('a,b', ',', ';'))",
        "(coalesce(null, 'x'))",
      ],
      date: ['(now() + interval 1 day)', '(cast(now() as date))'],
      json: ["(json_array('a', 1))", '(json_object())'],
      blob: ["(concat('a', 'b'))"],
    };
    const [first] = [expression ? expressions[kind] : undefined];
    const value = this.#pick(first ?? literals[kind]);
    const isText = kind === 'blob' || kind === 'json' || (kind === 'text' && /text/.test(type));
    return `DEFAULT ${isText && this.#flavour === 'mysql' && !value.startsWith('(') ? `(${value})` : value}`;
  }

  #generated(kind: Column['kind']): string {
    const numbers = ['1 + 1', '(3 * (4 + 5)) - 2', "json_extract('[1]', '$[0]')", "upper('x') like 'X%'"];
    const texts = ["concat('a', 'b')", "case when 1 > 0 then 'x' else 'y' end"];
    // A row with such a text in a column of numbers is one that no strict server takes.
    const from = this.#pick(kind === 'number' ? numbers : [...numbers, ...texts]);
    return `GENERATED ALWAYS AS (${from}) ${this.#pick(['VIRTUAL', 'STORED'])}`;
  }

  // -------------------------------------------------------------- keys, checks, options, partitions

  #keys(columns: readonly Column[], isNumbered: boolean): string[] {
    const stored = columns.filter(
      ({ isGenerated, kind }) => !isGenerated && kind !== 'spatial' && kind !== 'json' && kind !== 'other',
    );
    const keys = isNumbered ? ['PRIMARY KEY (`id`)'] : this.#primary(stored);
    const wanted = this.#upTo(3);
    for (let index = 0; index < wanted && stored.length > 0; index++) {
      const over = this.#some(stored).map(column => this.#keyColumn(column));
      const kind = this.#pick(['KEY', 'KEY', 'UNIQUE KEY']);
      keys.push(`${kind} \`k${index}\` (${over.join(', ')}) ${this.#keyOptions()}`);
    }
    const texts = columns.filter(
      ({ kind, isGenerated, type }) => kind === 'text' && !isGenerated && !type.includes('binary'),
    );
    if (texts.length > 0 && this.#chance(0.1)) {
      const parser = this.#flavour === 'mysql' && this.#chance(0.3) ? 'WITH PARSER ngram' : '';
      keys.push(`FULLTEXT KEY \`ft\` (${quoteName(texts[0]!.name)}) ${parser}`);
    }
    if (this.#flavour === 'mysql' && texts.length > 0 && this.#chance(0.08))
      keys.push(`${this.#pick(['KEY', 'UNIQUE KEY'])} \`fx\` ((lower(${quoteName(texts[0]!.name)})))`);
    return keys;
  }

  #primary(stored: readonly Column[]): string[] {
    const numbers = stored.filter(({ kind, sql }) => kind === 'number' && sql.includes('NOT NULL'));
    return numbers.length > 0 && this.#chance(0.5) ? [`PRIMARY KEY (${quoteName(numbers[0]!.name)})`] : [];
  }

  #keyColumn({ name, isShort, kind }: Column): string {
    const length = !isShort || (kind === 'text' && this.#chance(0.2)) ? `(${3 + this.#upTo(5)})` : '';
    return `${quoteName(name)}${length}${this.#chance(0.2) ? ' DESC' : ''}`;
  }

  #keyOptions(): string {
    return [
      this.#chance(0.15) ? `COMMENT ${quote(this.#pick(TEXTS))}` : '',
      this.#chance(0.15) ? 'USING BTREE' : '',
      this.#chance(0.08) ? (this.#flavour === 'mysql' ? 'INVISIBLE' : 'IGNORED') : '',
    ].join(' ');
  }

  #check(columns: readonly Column[]): string {
    const { name, kind, type } = this.#pick(columns);
    const column = quoteName(name);
    // Of years MariaDB prints 1999 for 99.
    const most = type.startsWith('year') ? 1999 : 99;
    const condition =
      kind === 'number'
        ? `${column} > -1000 and (${column} < ${most} or ${column} is null)`
        : `${column} is null or ${column} is not null`;
    const enforced = this.#flavour === 'mysql' && this.#chance(0.3) ? 'NOT ENFORCED' : '';
    return `CONSTRAINT \`ck${this.#upTo(99_999_999)}\` CHECK (${condition}) ${enforced}`;
  }

  #options(): string {
    const engines =
      this.#flavour === 'mariadb'
        ? ['InnoDB', 'InnoDB', 'InnoDB', 'MyISAM', 'Aria', 'MEMORY']
        : ['InnoDB', 'InnoDB', 'InnoDB', 'MyISAM', 'MEMORY'];
    const own =
      this.#flavour === 'mariadb'
        ? ['PAGE_COMPRESSED=1', 'ENCRYPTED=NO', 'WITH SYSTEM VERSIONING']
        : ["COMPRESSION='zlib'", "ENCRYPTION='N'"];
    return [
      `ENGINE=${this.#pick(engines)}`,
      this.#chance(0.4) ? `DEFAULT ${this.#pick(TABLE_CHARSETS)}` : '',
      this.#chance(0.3) ? `COMMENT=${quote(this.#pick(TEXTS))}` : '',
      this.#chance(0.3) ? `ROW_FORMAT=${this.#pick(['DYNAMIC', 'COMPACT', 'REDUNDANT', 'COMPRESSED'])}` : '',
      this.#chance(0.1) ? `AUTO_INCREMENT=${this.#upTo(500)}` : '',
      this.#chance(0.1)
        ? this.#pick([
            'STATS_PERSISTENT=1',
            'STATS_AUTO_RECALC=0',
            'STATS_SAMPLE_PAGES=30',
            'CHECKSUM=1',
            'MAX_ROWS=1000',
            'MIN_ROWS=1',
            'AVG_ROW_LENGTH=90',
            'PACK_KEYS=1',
            'DELAY_KEY_WRITE=1',
            'KEY_BLOCK_SIZE=8',
          ])
        : '',
      this.#chance(0.06) ? this.#pick(own) : '',
    ]
      .filter(Boolean)
      .join(' ');
  }

  #partitions(columns: readonly Column[], isNumbered: boolean): string {
    if (!this.#chance(0.12)) return '';
    const numbers = columns.filter(
      ({ kind, type, isGenerated }) => kind === 'number' && /int/.test(type) && !isGenerated,
    );
    const texts = columns.filter(
      ({ kind, type, isGenerated }) => kind === 'text' && /^(?:var)?char\((?!0)/.test(type) && !isGenerated,
    );
    const over = isNumbered ? '`id`' : numbers[0] && quoteName(numbers[0].name);
    const comment = this.#chance(0.3) ? ` COMMENT = ${quote(this.#pick(TEXTS))}` : '';
    const ways = [
      ...(over
        ? [
            `PARTITION BY HASH (${over}) PARTITIONS 3`,
            `PARTITION BY KEY (${over}) PARTITIONS 2`,
            `PARTITION BY LINEAR HASH (${over} + 1) PARTITIONS 2`,
            `PARTITION BY RANGE (${over}) (PARTITION p0 VALUES LESS THAN (10)${comment}, PARTITION \`p 1\` VALUES LESS THAN MAXVALUE)`,
            `PARTITION BY RANGE (${over}) SUBPARTITION BY HASH (${over}) SUBPARTITIONS 2 (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (MAXVALUE))`,
          ]
        : []),
      ...(texts[0] && !isNumbered
        ? [
            `PARTITION BY LIST COLUMNS (${quoteName(texts[0].name)}) (PARTITION p0 VALUES IN ('', 'x', 'it''s', NULL)${comment}, PARTITION p1 VALUES IN ('Größe', 'b'))`,
          ]
        : []),
    ];
    return ways.length > 0 ? this.#pick(ways) : '';
  }

  // -------------------------------------------------------------- chance

  #chance(share: number): boolean {
    return this.#random() < share;
  }

  /** From 0. */
  #upTo(most: number): number {
    return Math.floor(this.#random() * (most + 1));
  }

  #pick<T>(from: readonly T[]): T {
    return from[this.#upTo(from.length - 1)]!;
  }

  #some<T>(from: readonly T[]): T[] {
    const first = this.#upTo(from.length - 1);
    return from.slice(first, first + 1 + this.#upTo(2));
  }
}

/** Of any of the expressions of generated columns: numbers of two digits, texts of a few characters. */
const takesResults = (kind: Column['kind'], type: string): boolean =>
  ['number', 'text', 'blob'].includes(kind) && !/^decimal|\(0\)/.test(type);

const quoteName = (name: string): string => `\`${name.replaceAll('`', '``')}\``;

const precision = (type: string): string => /\(\d\)$/.exec(type)?.[0] ?? '';

const CHARSETS = [
  ...[
    'CHARACTER SET latin1',
    'CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci',
    'CHARACTER SET utf8mb3',
    'CHARACTER SET ascii',
    'CHARACTER SET binary',
  ],
  ...[
    'COLLATE utf8mb4_bin',
    'CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci',
    'CHARACTER SET utf16',
    'CHARACTER SET latin1 COLLATE latin1_bin',
  ],
  ...[
    'CHARACTER SET cp1251',
    'CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci',
    'CHARACTER SET koi8r',
    'CHARACTER SET gbk',
  ],
];

const TABLE_CHARSETS = [
  'CHARSET=latin1',
  'CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci',
  'CHARSET=utf8mb3',
  'CHARSET=utf8mb4 COLLATE=utf8mb4_bin',
  'CHARSET=ascii',
  'CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci',
];
