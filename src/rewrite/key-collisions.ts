// Which rewritten keys of an array may stay rewritten: no two keys may become one.

/** A key whose text changed from `before` to `after`. */
export interface ChangedKey {
  readonly before: string;
  readonly after: string;
}

/** The changed keys that must keep their old text because another key has, or gets, the new one. The first of
 *  several that would become the same wins. */
export function findCollisions<T extends ChangedKey>(
  allKeys: readonly string[],
  changed: readonly T[],
): readonly T[] {
  const moving = new Map(changed.map(key => [key.before, key]));
  const taken = new Set(allKeys.filter(key => !moving.has(key)));
  const claims = new Map<string, T>();
  const refused = new Set<string>();
  const refuse = (key: T): void => {
    // A key that stays takes its old name back, which may be the new name of another.
    for (let next: T | undefined = key; next !== undefined; ) {
      refused.add(next.before);
      taken.add(next.before);
      const claimant: T | undefined = claims.get(next.before);
      claims.delete(next.before);
      next = claimant;
    }
  };
  for (const key of moving.values()) {
    if (refused.has(key.before)) continue;
    if (taken.has(key.after) || claims.has(key.after)) refuse(key);
    else claims.set(key.after, key);
  }
  return changed.filter(key => refused.has(key.before));
}
