// Values of every type that copying them stumbles over.

/** NUL, quotes, backslashes, separators, ^Z, what looks like NULL, invalid UTF-8 and every byte there is. */
const NASTY_BYTES = [
  `''`,
  `'\\\\N'`,
  `'NULL'`,
  `'\\\\'`,
  `'a\\\\'`,
  `'\\t'`,
  `'\\n'`,
  `'a\\tb\\nc\\rd\\r\\n'`,
  `'\\''`,
  `'"'`,
  "'`'",
  `'\\0'`,
  `'a\\0b'`,
  `'\\Z'`,
  `'\\\\t\\\\n\\\\0'`,
  `'%_?:'`,
  `' x '`,
  'NULL',
];
const NASTY_TEXT = [...NASTY_BYTES, `'Zürich 東京 café “quoted” 😀'`, `REPEAT('\\\\\\t\\n\\'', 700)`];
const ALL_BYTES = `X'${Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)).toString('hex')}'`;
const NASTY_BLOBS = [...NASTY_BYTES, ALL_BYTES, `X'ff'`, `X'c328'`, `REPEAT(${ALL_BYTES}, 1500)`];

/** Column type → values as SQL. Each is a table of its own. */
export const AWKWARD_TYPES: Record<string, readonly string[]> = {
  'VARCHAR(5000) CHARACTER SET utf8mb4': NASTY_TEXT,
  'CHAR(200) CHARACTER SET utf8mb4': NASTY_TEXT.slice(0, -1),
  'LONGTEXT CHARACTER SET utf8mb4': [...NASTY_TEXT, `REPEAT('\\\\a\\n', 300000)`],
  // Bytes of any kind, such as UTF-8 that was stored without anybody noticing (H31, H39).
  'VARCHAR(5000) CHARACTER SET latin1': [...NASTY_BYTES, `X'c3a4'`, `X'81ff8d'`, ALL_BYTES],
  'VARCHAR(100) CHARACTER SET ascii': NASTY_BYTES,
  'VARCHAR(100) CHARACTER SET sjis': [...NASTY_BYTES, `X'835c'`, `X'8341'`],
  'VARCHAR(100) CHARACTER SET gbk': [...NASTY_BYTES, `X'bf5c'`],
  'VARCHAR(100) CHARACTER SET utf16': [...NASTY_BYTES, `'Zürich 😀'`, `X'000A0009'`],
  'VARCHAR(100) CHARACTER SET utf32': [...NASTY_BYTES, `'Zürich 😀'`],
  'VARCHAR(100) CHARACTER SET ucs2': [...NASTY_BYTES, `'Zürich'`],
  'VARBINARY(60000)': NASTY_BLOBS.slice(0, -1),
  'BINARY(20)': NASTY_BYTES,
  LONGBLOB: NASTY_BLOBS,
  'BIT(1)': [`b'0'`, `b'1'`, 'NULL'],
  'BIT(64)': [`b'0'`, `X'00275c090a0d1a22'`, `X'ffffffffffffffff'`],
  'TINYINT(1)': ['0', '1', '-128', '127'],
  'INT(8) UNSIGNED ZEROFILL': ['0', '42', '4294967295'],
  BIGINT: ['-9223372036854775808', '9223372036854775807', '9007199254740993'],
  'BIGINT UNSIGNED': ['18446744073709551615', '0'],
  'DECIMAL(65,30)': [
    '0',
    '-12345678901234567890123456789012345.123456789012345678901234567890',
    '0.000000000000000000000000000001',
  ],
  FLOAT: ['0', '-0e0', '1.1', '16777217', '3.402823e38', '1e-45', '0.1234567', 'NULL'],
  'FLOAT(10,2)': ['1.1', '16777216.25', '-0.01'],
  DOUBLE: ['0', '-0e0', '0.1', '1.7976931348623157e308', '5e-324', '123456789.12345678'],
  'DOUBLE(20,3)': ['1.115', '12345678901234.567', '-0.001'],
  DATE: [`'0000-00-00'`, `'2010-00-15'`, `'2010-02-31'`, `'9999-12-31'`, 'NULL'],
  'DATETIME(6)': [`'0000-00-00'`, `'2020-02-29 23:59:59.999999'`, `'1000-01-01'`],
  // 02:30 of that night doesn't exist in half of Europe (H33).
  'TIMESTAMP(3) NULL': [
    `'0000-00-00'`,
    `'2021-03-28 02:30:00.125'`,
    `'1970-01-01 00:00:01'`,
    `'2038-01-19 03:14:07'`,
    'NULL',
  ],
  'TIME(3)': [`'-838:59:59'`, `'838:59:59.999'`, `'00:00:00'`, `'-00:00:01.5'`],
  YEAR: ['0', '1901', '2155', 'NULL'],
  "ENUM('x','0','a''b','ü')": [`'x'`, `'0'`, `'a''b'`, `'ü'`, `'no member'`, 'NULL'],
  "ENUM('','x')": [`''`, `'x'`, 'NULL'],
  "SET('a','b','c''d')": [`''`, `'a,b'`, `'c''d'`, 'NULL'],
  JSON: [`'{"a": [1, 2.50, "x\\\\\\\\/\\\\u00e4\\\\n"]}'`, `'[]'`, 'NULL'],
  POINT: ['POINT(1.5, -2)', 'NULL'],
  GEOMETRY: [`ST_GeomFromText('POLYGON((0 0,0 9,9 9,0 0))')`, `ST_GeomFromText('POINT(10 92)', 4326)`],
  UUID: [`'123e4567-e89b-12d3-a456-426614174000'`, 'NULL'],
  INET6: [`'::1'`, `'2001:db8::5c0a'`, 'NULL'],
};
