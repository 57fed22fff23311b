import { spellName } from '../mysql/spell-names.ts';
import { isWordPressTable } from '../mysql/table-names.ts';
import type { EndFacts } from './read-ends.ts';

export interface SpellTables {
  /** What the target's server calls a table of that name, which comes. */
  spell(name: string): string;
  /** The source has lost the letter case of its name, and nothing at the target tells it. */
  isLost(name: string): boolean;
}

/** A source that writes names in lower case doesn't know how a plugin spells its tables. The target, where it tells names
 *  apart by it, may: by the table itself, or by another site's. */
export function createSpellTables(source: EndFacts, target: EndFacts, targetPrefix: string): SpellTables {
  const { lowerCaseTableNames } = target.server;
  const names = target.catalog.tables.map(table => table.name);
  const whole = indexByLower(names);
  if (source.server.lowerCaseTableNames !== 1 || lowerCaseTableNames !== 0)
    return {
      spell: name => spellName(name, lowerCaseTableNames, whole.get(name.toLowerCase())),
      isLost: () => false,
    };
  const suffixOf = (name: string): string =>
    name.startsWith(targetPrefix) ? name.slice(targetPrefix.length).replace(/^[1-9]\d*_(?=.)/, '') : '';
  const suffixes = indexByLower([...new Set(names.map(suffixOf))]);
  const find = (name: string): string | null => {
    const own = whole.get(name.toLowerCase());
    if (own) return own.length === 1 ? own[0]! : null;
    const suffix = suffixOf(name);
    const others = suffixes.get(suffix.toLowerCase());
    return others?.length === 1 ? name.slice(0, name.length - suffix.length) + others[0]! : null;
  };
  return {
    spell: name => find(name) ?? name,
    isLost: name => !isWordPressTable(suffixOf(name)) && find(name) === null,
  };
}

const indexByLower = (names: readonly string[]): Map<string, string[]> =>
  Map.groupBy(names, name => name.toLowerCase());
