// Where a definition speaks of a host of the source. Definitions aren't rewritten: what they demand of rows, or give them,
// is said of the source's.

import { type Definition, findOption, findPart, type Part } from './parse-definition.ts';
import { isWord, type Token } from './tokens.ts';

export interface HostPlace {
  /** `default`, `generated`, `comment`, `member` of an ENUM or SET, `check`, `key`, `partition`. */
  readonly kind: 'default' | 'generated' | 'comment' | 'member' | 'check' | 'key' | 'partition';
  /** After the table's name: `.url`, ` CHECK own`; empty: of the table. */
  readonly where: string;
  /** The rows that were rewritten may not be what it demands. */
  readonly breaksRows: boolean;
}

export type MentionsHost = (text: string) => boolean;

export function findHosts(definition: Definition, mentions: MentionsHost): HostPlace[] {
  const places: HostPlace[] = [];
  const look = (tokens: readonly Token[] | undefined, place: HostPlace): void => {
    if (tokens && spellings(tokens).some(mentions)) places.push(place);
  };
  const lookAt = (part: Part | undefined, place: HostPlace): void => look(part?.value, place);
  const keyed = new Set(
    definition.keys
      .filter(({ kind }) => kind === 'primary' || kind === 'unique')
      .flatMap(({ over }) => over.map(([first]) => first?.value)),
  );
  for (const column of definition.columns) {
    const where = `.${column.name}`;
    lookAt(findPart(column, 'default'), { kind: 'default', where, breaksRows: false });
    // What it computes of a rewritten row is another value; in a unique key perhaps one that another row has.
    lookAt(findPart(column, 'generated'), { kind: 'generated', where, breaksRows: keyed.has(column.name) });
    lookAt(findPart(column, 'comment'), { kind: 'comment', where, breaksRows: false });
    lookAt(findPart(column, 'check'), { kind: 'check', where, breaksRows: true });
    if (isWord(column.type[0], 'enum', 'set'))
      look(column.type, { kind: 'member', where, breaksRows: false });
  }
  for (const key of definition.keys) {
    const where = key.kind === 'primary' ? ' PRIMARY KEY' : ` KEY ${key.name}`;
    lookAt(findPart(key, 'comment'), { kind: 'comment', where, breaksRows: false });
    look(key.over.flat(), { kind: 'key', where, breaksRows: key.kind === 'unique' });
  }
  for (const { kind, name, value } of definition.constraints)
    if (kind === 'check') look(value, { kind: 'check', where: ` CHECK ${name}`, breaksRows: true });
  lookAt(findOption(definition, 'comment'), { kind: 'comment', where: '', breaksRows: false });
  const { rules, comments } = divideComments(definition.partitions);
  look(rules, { kind: 'partition', where: '', breaksRows: true });
  look(comments, { kind: 'comment', where: ' PARTITION', breaksRows: false });
  return places;
}

/** A partition's comment demands nothing of rows. */
function divideComments(tokens: readonly Token[]): { rules: Token[]; comments: Token[] } {
  const isComment = (token: Token, at: number): boolean =>
    token.kind === 'text' && isWord(tokens[at - 2], 'comment') && tokens[at - 1]?.value === '=';
  return {
    rules: tokens.filter((token, at) => !isComment(token, at)),
    comments: tokens.filter(isComment),
  };
}

/** What stands before a host in a pattern of LIKE or REGEXP: any text, which may be further labels of the host. */
const ANY_BEFORE = /[%_*+?)\]^]+(?=\.?[a-z0-9])/gi;

/** A text, and what it may mean as a pattern: with dots that are escaped, and with labels where any text may stand. */
function spellings(tokens: readonly Token[]): string[] {
  const texts = tokens.flatMap(readText);
  const unescaped = texts.map(text => text.replaceAll(/\\+|\[(\.)\]/g, '$1'));
  const withLabels = unescaped.map(text => text.replaceAll(ANY_BEFORE, ' x'));
  const afterLabel = unescaped.map(text => text.replaceAll(ANY_BEFORE, ' x.').replaceAll('..', '.'));
  return [...new Set([...texts, ...unescaped, ...withLabels, ...afterLabel])];
}

function readText(token: Token, at: number, tokens: readonly Token[]): string[] {
  const hex = /^0x((?:[0-9a-f]{2})+)$/i.exec(token.raw)?.[1];
  if (hex !== undefined) return [Buffer.from(hex, 'hex').toString('latin1')];
  if (token.kind !== 'text') return [];
  const isHex = tokens[at - 1]?.kind === 'word' && /^(?:_\w+)?x$/.test(tokens[at - 1]!.value);
  return [isHex ? Buffer.from(token.value, 'hex').toString('latin1') : token.value];
}
