// Data in which everything that comes from others is poisoned: for tests of what people are shown of it.

/** Never in a text of our own. */
export const MARK = '☠';

/** Words of the program's own, by which it decides: never foreign. */
const OWN_WORDS = new Set([
  ...['type', 'status', 'verdict', 'outcome', 'phase', 'step', 'kind', 'level', 'mode', 'condition'],
  ...['stage', 'cause', 'hook', 'against', 'emails', 'startedAt', 'updatedAt', 'endedAt', 'at'],
]);

/** The one key whose values are of both sorts. */
const LEFT_REASONS =
  /^(?:broken_serialized|key_collision|email|too_deep|too_long|hash|json_type|charset|binary|enum|skipped_column|other_host)$/;

/** The value with the mark and the character in front of each text in it; and of the keys that are names of columns. */
export function poison<T>(value: T, character: string): T {
  return poisonPart(value, `${MARK}${character}`) as T;
}

function poisonPart(value: unknown, prefix: string): unknown {
  if (typeof value === 'string') return prefix + value;
  if (Array.isArray(value)) return value.map(part => poisonPart(part, prefix));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => {
      if (key === 'changedByColumn') return [key, poisonKeys(part as Record<string, number>, prefix)];
      const isOwn =
        typeof part === 'string' && (OWN_WORDS.has(key) || (key === 'reason' && LEFT_REASONS.test(part)));
      return [key, isOwn ? part : poisonPart(part, prefix)];
    }),
  );
}

function poisonKeys(counts: Record<string, number>, prefix: string): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).map(([key, count]) => [prefix + key, count]));
}
