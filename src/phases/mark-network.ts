// By what a source is known again when its server is another one: its networks, and when its sites were made, which stays
// when they move; of a site of which that isn't known, where it answers. Pure.

import { createHash } from 'node:crypto';
import type { EndFacts } from './read-ends.ts';

/** Enough to tell two networks apart; a plan of 20,000 sites need not have a mark of each. */
const MOST_SITES = 100;

/** A mark each of the networks (`network 1`) and of the oldest sites (`site 12`). */
export function markNetwork({
  blogs,
  networks = [],
}: Pick<EndFacts, 'blogs' | 'networks'>): Record<string, string> {
  const marks = [
    ...networks.map(({ networkId, domain, path }) => [`network ${networkId}`, mark([domain, path])]),
    ...(blogs ?? [])
      .slice(0, MOST_SITES)
      .map(({ siteId, domain, path, registered }) => [
        `site ${siteId}`,
        mark(isDate(registered) ? [registered] : [domain, path]),
      ]),
  ];
  return Object.fromEntries(marks) as Record<string, string>;
}

/** Sites come, go and move while a run waits to be resumed: of what both know, more than half must be the same. */
export function isSameNetwork(
  noted: Readonly<Record<string, string>>,
  found: Readonly<Record<string, string>>,
): boolean {
  const both = Object.keys(noted).filter(name => Object.hasOwn(found, name));
  const same = both.filter(name => noted[name] === found[name]);
  return same.length * 2 > both.length;
}

/** A database that was not made by WordPress may have zeros there. */
const isDate = (registered: string): boolean => /[1-9]/.test(registered);

const mark = (facts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 12);
