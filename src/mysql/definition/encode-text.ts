// Text in the bytes of a character set of MariaDB and MySQL, for the few texts that a definition holds.

type Encode = (character: string) => Buffer | null;

/** null: the character set lacks one of its characters, or isn't known here and more than ASCII is asked of it. */
export function encodeText(text: string, charset: string): Buffer | null {
  const encode = UNICODE[charset] ?? findLegacy(charset);
  const characters = Array.from(text, encode);
  return characters.every(bytes => bytes !== null) ? Buffer.concat(characters) : null;
}

const isBasic = (character: string): boolean => character.codePointAt(0)! <= 0xffff;

const UNICODE: Readonly<Record<string, Encode>> = {
  utf8mb4: character => Buffer.from(character),
  utf8mb3: character => (isBasic(character) ? Buffer.from(character) : null),
  // Whatever bytes there are.
  binary: character => Buffer.from(character),
  utf16: character => Buffer.from(character, 'utf16le').swap16(),
  utf16le: character => Buffer.from(character, 'utf16le'),
  ucs2: character => (isBasic(character) ? Buffer.from(character, 'utf16le').swap16() : null),
  utf32: character => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(character.codePointAt(0)!);
    return bytes;
  },
};

/** TextDecoder's names. Of the others ASCII alone is known. */
const LABELS: Readonly<Record<string, string>> = {
  latin1: 'windows-1252',
  latin2: 'iso-8859-2',
  latin5: 'iso-8859-9',
  latin7: 'iso-8859-13',
  cp1250: 'windows-1250',
  cp1251: 'windows-1251',
  cp1256: 'windows-1256',
  cp1257: 'windows-1257',
  cp866: 'ibm866',
  koi8r: 'koi8-r',
  koi8u: 'koi8-u',
  greek: 'iso-8859-7',
  hebrew: 'iso-8859-8',
  tis620: 'windows-874',
  gbk: 'gbk',
  gb18030: 'gb18030',
  big5: 'big5',
  sjis: 'shift_jis',
  cp932: 'shift_jis',
  ujis: 'euc-jp',
  eucjpms: 'euc-jp',
  euckr: 'euc-kr',
};

const tables = new Map<string, ReadonlyMap<string, Buffer>>();

function findLegacy(charset: string): Encode {
  let table = tables.get(charset);
  if (table === undefined) {
    table = readTable(LABELS[charset]);
    tables.set(charset, table);
  }
  return character =>
    /^[\0-\x7f]$/.test(character) ? Buffer.from(character) : (table.get(character) ?? null);
}

/** TextDecoder only reads; so all that one or two bytes may mean is read once. */
function readTable(label: string | undefined): ReadonlyMap<string, Buffer> {
  const table = new Map<string, Buffer>();
  if (label === undefined) return table;
  const decoder = new TextDecoder(label);
  for (let first = 0x80; first <= 0xff; first++)
    for (const second of [null, ...Array(256).keys()]) {
      const bytes = Buffer.from(second === null ? [first] : [first, second]);
      const text = decoder.decode(bytes);
      const isOne = Array.from(text).length === 1 && text !== '\ufffd';
      if (isOne && !table.has(text)) table.set(text, bytes);
    }
  return table;
}
