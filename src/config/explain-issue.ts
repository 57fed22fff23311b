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
      return [{ path, message: readPath(root, path) === undefined ? 'is missing' : issue.message }];
    default:
      return [{ path, message: issue.message }];
  }
}

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
