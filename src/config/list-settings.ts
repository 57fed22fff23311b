// Every setting there is, as the schema has it: what docs/CONFIGURATION.md and `config explain` are made of.
import { isMap, isNode, isScalar, isSeq, parseDocument } from 'yaml';
import { z } from 'zod';
import { findClosest } from '../lib/find-closest.ts';
import { EXAMPLE_CONFIGURATION } from './example-configuration.ts';
import { configSchema } from './schema.ts';

export interface Setting {
  /** `environments.NAME.database.host`: what is in capitals the writer of the file names. */
  readonly key: string;
  /** In words: `text`, `true or false`, `list of text`. */
  readonly type: string;
  readonly description: string;
  readonly isRequired: boolean;
  /** Absent: there is none, or the description says what it is. */
  readonly default?: unknown;
  readonly unit?: string;
  /** A line of YAML. Absent: it would take several, as of a section with much in it. */
  readonly example?: string;
}

type Node = z.core.JSONSchema.BaseSchema;

/** How the names of entries are called that the schema leaves to the writer, by what they are entries of. */
const ENTRY_NAMES: Readonly<Record<string, string>> = {
  environments: 'NAME',
  hosts: 'ROLE',
  headers: 'HEADER',
};

/** In the order of the schema, each section before what is in it. */
export function listSettings(): Setting[] {
  const root = z.toJSONSchema(configSchema, { io: 'input' });
  return walk(root, []);
}

function walk(node: Node, path: readonly string[]): Setting[] {
  return listEntries(node, path.at(-1)).flatMap(({ name, entry, isRequired }) => {
    // An element of a list is part of its key.
    const key = name === '[]' ? [...path.slice(0, -1), `${path.at(-1)}[]`] : [...path, name];
    const below = walk(entry, key);
    // What has no description is only the form of what the one above it lists.
    return entry.description === undefined ? below : [describe(entry, key, isRequired), ...below];
  });
}

interface Entry {
  readonly name: string;
  readonly entry: Node;
  readonly isRequired: boolean;
}

function listEntries(node: Node, key = ''): Entry[] {
  return [node, ...((node.anyOf ?? []) as Node[])].flatMap(({ properties = {}, required, ...form }) => [
    ...Object.entries(properties).map(([name, entry]) => ({
      name,
      entry: entry as Node,
      isRequired: required?.includes(name) === true,
    })),
    ...toEntry(ENTRY_NAMES[key] ?? '', form.additionalProperties),
    ...toEntry('[]', isSection(form.items) ? form.items : undefined),
  ]);
}

function toEntry(name: string, entry: Node['additionalProperties']): Entry[] {
  return typeof entry === 'object' ? [{ name, entry, isRequired: false }] : [];
}

function isSection(node: unknown): node is Node {
  return typeof node === 'object' && node !== null && 'properties' in node;
}

function describe(node: Node, path: readonly string[], isRequired: boolean): Setting {
  const { description = '', unit, default: initial } = node as Node & { unit?: string };
  const example = findExample(EXAMPLE.contents, path);
  return {
    key: path.join('.'),
    type: nameType(node),
    description,
    isRequired,
    // Of a section, what is in it has one.
    ...(initial === undefined || node.type === 'object' ? {} : { default: initial }),
    ...(unit === undefined ? {} : { unit }),
    ...(example === undefined ? {} : { example: `${path.at(-1)}: ${example}` }),
  };
}

const EXAMPLE = parseDocument(EXAMPLE_CONFIGURATION);

/** As it is written there, if that is one line. */
function findExample(node: unknown, [step, ...rest]: readonly string[]): string | undefined {
  if (!isNode(node)) return undefined;
  if (step === undefined) {
    const [from = 0, to = 0] = node.range ?? [];
    const text = EXAMPLE_CONFIGURATION.slice(from, to);
    return text.includes('\n') ? undefined : text;
  }
  const isList = step.endsWith('[]');
  const name = isList ? step.slice(0, -2) : step;
  if (!isMap(node)) return undefined;
  const isAny = Object.values(ENTRY_NAMES).includes(name);
  const found = node.items.filter(({ key }) => isAny || (isScalar(key) && key.value === name));
  return found
    .map(({ value }) => findExample(isList && isSeq(value) ? value.items[0] : value, rest))
    .find(text => text !== undefined);
}

function nameType(node: Node): string {
  const { type, anyOf, enum: choices, items } = node;
  if (anyOf !== undefined) return [...new Set((anyOf as Node[]).map(nameType))].join(', or ');
  if (choices !== undefined) return `one of ${choices.join(', ')}`;
  if (type === 'array') return isSection(items) ? 'list of sections' : 'list of text';
  // A number by reference arrives as text.
  if (Array.isArray(type)) return typeof node.default === 'string' ? 'number, or text' : 'number';
  return NAMES[type ?? ''] ?? 'text';
}

const NAMES: Readonly<Record<string, string>> = {
  object: 'section',
  boolean: 'true or false',
  number: 'number',
  integer: 'number',
};

/** The settings of a name: that one, or all whose keys end in it. Empty: there is none. */
export function findSettings(settings: readonly Setting[], name: string): Setting[] {
  const wanted = nameEntries(name);
  const exact = settings.filter(({ key }) => key === wanted);
  return exact.length > 0 ? exact : settings.filter(({ key }) => key.endsWith(`.${wanted}`));
}

/** What the writer of `name` most likely meant. */
export function guessSetting(settings: readonly Setting[], name: string): string | undefined {
  const wanted = nameEntries(name);
  const { length } = wanted.split('.');
  const ends = settings.map(({ key }) => key.split('.').slice(-length).join('.'));
  return findClosest(wanted, [...new Set(ends)]);
}

/** `environments.prod.hosts.main` as the key that it has in the list. */
function nameEntries(name: string): string {
  const steps = name.replaceAll(/\[\d+\]/g, '[]').split('.');
  return steps.map((step, index) => ENTRY_NAMES[steps[index - 1] ?? ''] ?? step).join('.');
}
