// What a table's definition names beyond the table: sequences, the tables of a MERGE table, those that foreign keys refer
// to, another server.

import { type Definition, findOption, findPart, parseDefinition } from './parse-definition.ts';
import { isSign, isWord, type Token } from './tokens.ts';

export interface NamedTable {
  /** undefined: the table's own. */
  readonly database?: string;
  readonly name: string;
}

export interface Leads {
  /** What a column's default takes its numbers from. With its database, as MariaDB writes it. */
  readonly sequences: readonly { readonly column: string; readonly sequence: NamedTable }[];
  /** What a MERGE table is made of; none of any other engine. */
  readonly union: readonly NamedTable[];
  readonly foreignKeys: readonly { readonly name: string; readonly referenced: NamedTable }[];
}

export interface SequenceDefault {
  readonly column: string;
  /** The default's text, with other names for its sequences. */
  write(name: (sequence: NamedTable) => string): string;
}

/** The defaults of a definition that take numbers from a sequence. */
export function findSequenceDefaults(definition: string): SequenceDefault[] {
  return parseDefinition(definition).columns.flatMap(column => {
    const value = findPart(column, 'default')?.value ?? [];
    if (findSequences(value).length === 0) return [];
    return [{ column: column.name, write: name => writeDefault(definition, value, name) }];
  });
}

/** All but the names stays as the server has printed it. */
function writeDefault(
  definition: string,
  tokens: readonly Token[],
  write: (sequence: NamedTable) => string,
): string {
  let text = '';
  let at = tokens[0]!.start;
  for (const { sequence, start, end } of placeSequences(tokens)) {
    text += definition.slice(at, start) + write(sequence);
    at = end;
  }
  return text + definition.slice(at, tokens.at(-1)!.end);
}

export function findLeads({ columns, constraints, ...definition }: Definition): Leads {
  return {
    sequences: columns.flatMap(column =>
      findSequences(findPart(column, 'default')?.value ?? []).map(sequence => ({
        column: column.name,
        sequence,
      })),
    ),
    union: findNames(findOption(definition, 'union')?.value ?? []),
    foreignKeys: constraints
      .filter(({ kind }) => kind === 'foreign key')
      .map(({ name, value }) => {
        const from = value.findIndex(token => isWord(token, 'references'));
        return { name, referenced: findNames(value.slice(from))[0]! };
      }),
  };
}

export const describeNamed = ({ database, name }: NamedTable): string =>
  database === undefined ? name : `${database}.${name}`;

const TAKES_SEQUENCE = ['nextval', 'lastval', 'setval'];

const findSequences = (tokens: readonly Token[]): NamedTable[] =>
  placeSequences(tokens).map(({ sequence }) => sequence);

interface PlacedSequence {
  readonly sequence: NamedTable;
  readonly start: number;
  readonly end: number;
}

function placeSequences(tokens: readonly Token[]): PlacedSequence[] {
  return tokens.flatMap((token, at) => {
    if (!isWord(token, ...TAKES_SEQUENCE) || !isSign(tokens[at + 1], '(')) return [];
    const [sequence] = findNames(tokens.slice(at + 2));
    if (!sequence) return [];
    const last = tokens[at + (sequence.database === undefined ? 2 : 4)]!;
    return [{ sequence, start: tokens[at + 2]!.start, end: last.end }];
  });
}

/** Tables in a list, each with its database or without. */
function findNames(tokens: readonly Token[]): NamedTable[] {
  const names: NamedTable[] = [];
  for (let at = 0; at < tokens.length; at++) {
    if (tokens[at]!.kind !== 'name') continue;
    const isQualified = tokens[at + 1]?.raw === '.' && tokens[at + 2]?.kind === 'name';
    if (isQualified) names.push({ database: tokens[at]!.value, name: tokens[at + 2]!.value });
    else names.push({ name: tokens[at]!.value });
    if (isQualified) at += 2;
  }
  return names;
}

/** Engines that keep a table's rows in the table: what is written to it is written nowhere else, and what it holds goes
 *  with it when it is renamed. (Mroonga's can't be renamed into another database.) Of engines to come nobody knows. */
const KEEP_ROWS = new Set([
  ...['innodb', 'myisam', 'aria', 'memory', 'archive', 'csv', 'blackhole'],
  ...['rocksdb', 'tokudb', 'columnstore', 'ndbcluster', 'ndb'],
]);

export const keepsRows = (engine: string): boolean => KEEP_ROWS.has(engine.toLowerCase());

/** Those of the others of which it is known: nothing is lost when they are left. */
const ELSEWHERE = new Set(['federated', 'connect', 'spider', 's3', 'oqgraph', 'sphinx', 'sequence']);

export const hasRowsElsewhere = (engine: string): boolean => ELSEWHERE.has(engine.toLowerCase());

/** Its rows are those of other tables. */
export const isMerge = (engine: string): boolean => engine.toLowerCase() === 'mrg_myisam';
