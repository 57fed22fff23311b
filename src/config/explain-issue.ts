// zod's findings, said to someone who has the file open: what is wrong, what to write instead. No message holds
// the value it complains of: it may be a password in the wrong place.
import type { z } from 'zod';
import { findClosest } from '../lib/find-closest.ts';
import { listKnownKeys } from './known-keys.ts';

export interface Explanation {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

const KIND_NAMES: Readonly<Record<string, string>> = {
  object: 'a section with settings below it',
  record: 'a section with settings below it',
  array: 'a list',
  string: 'text',
  boolean: 'true or false',
  number: 'a number',
};

/** One or, for several unknown keys, more explanations. `root` is the value that was validated. */
export function explainIssue(issue: z.core.$ZodIssue, schema: z.core.$ZodType, root: unknown): Explanation[] {
  const { path } = issue;
  switch (issue.code) {
    case 'unrecognized_keys':
      if (!issue.message.startsWith(UNKNOWN_KEY)) return [{ path, message: issue.message }];
      return issue.keys.map(key => ({
        path: [...path, key],
        message: explainUnknownKey(key, listKnownKeys(schema, path)),
      }));
    case 'invalid_type':
      return [{ path, message: explainKind(issue.expected, readPath(root, path)) }];
    case 'invalid_value':
      return [
        { path, message: `must be one of ${issue.values.map(value => `"${String(value)}"`).join(', ')}` },
      ];
    case 'invalid_key':
      return [{ path, message: issue.issues[0]?.message ?? issue.message }];
    case 'too_small':
      return [{ path, message: 'must not be empty' }];
    case 'too_big':
      return [{ path, message: `is too long; at most ${issue.maximum} characters` }];
    case 'invalid_union':
      return explainUnion(issue, schema, root);
    default:
      return [{ path, message: issue.message }];
  }
}

/** Of several forms a setting may have: what is wrong by the form that it has. */
function explainUnion(
  { path, errors, message }: z.core.$ZodIssueInvalidUnion,
  schema: z.core.$ZodType,
  root: unknown,
): Explanation[] {
  if (readPath(root, path) === undefined) return [{ path, message: 'is missing' }];
  if (message !== NOTHING_SAID) return [{ path, message }];
  const isOtherForm = (issue: z.core.$ZodIssue): boolean =>
    issue.code === 'invalid_type' && issue.path.length === 0;
  const form = errors.find(issues => !issues.some(isOtherForm)) ?? errors[0] ?? [];
  const explanations = form.flatMap(issue =>
    explainIssue({ ...issue, path: [...path, ...issue.path] }, schema, root),
  );
  return [...new Map(explanations.map(one => [one.path.join() + one.message, one])).values()];
}

/** The library's messages where the schema has none. */
const NOTHING_SAID = 'Invalid input';
const UNKNOWN_KEY = 'Unrecognized key';

/** What people look for here, and won't find by another spelling. */
const NOT_YET: Readonly<Record<string, string>> = {
  media:
    'media files are not moved by this version; leave it out and copy them by rsync or "aws s3 sync", before the run and once more after it',
};

function explainUnknownKey(key: string, known: readonly string[]): string {
  if (Object.hasOwn(NOT_YET, key)) return NOT_YET[key]!;
  if (known.length === 0) return 'is reserved for a later version; remove it';
  const closest = findClosest(key, known);
  if (closest !== undefined) return `unknown key; did you mean "${closest}"?`;
  return `unknown key; known here: ${known.filter(name => name !== '$schema').join(', ')}`;
}

function explainKind(expected: string, value: unknown): string {
  const wanted = KIND_NAMES[expected] ?? expected;
  if (value === undefined) return `is missing; it must be ${wanted}`;
  if (value === null) {
    return expected === 'string'
      ? 'is empty; put text that begins with "#" or another special character in quotes'
      : `is empty; it must be ${wanted}`;
  }
  if (expected === 'string' && typeof value !== 'object') return 'must be text; put it in quotes';
  return `must be ${wanted}`;
}

function readPath(root: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      Object.hasOwn(value ?? {}, key) ? (value as Record<PropertyKey, unknown>)[key] : undefined,
    root,
  );
}
