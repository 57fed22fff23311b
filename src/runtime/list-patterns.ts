import { SKIP_DATA, SKIP_ROWS } from '../config/default-skips.ts';
import type { Config, Environment } from '../config/schema.ts';
import type { NamedPatterns } from '../phases/find-pattern-hazards.ts';

/** What the configuration names of the source's tables and columns. Default lists name plugins that few have. */
export function listPatterns({ tables, rewrite, network }: Config, target: Environment): NamedPatterns[] {
  const { name, safety } = target;
  const ownOf = (patterns: readonly string[], defaults: readonly string[]): string[] =>
    patterns.filter(pattern => !defaults.includes(pattern));
  const anonymises = safety.policy !== 'off' && safety.rules.anonymise_people;
  return [
    { setting: 'tables.skipData', patterns: ownOf(tables.skipData, SKIP_DATA) },
    { setting: 'tables.skipRows', patterns: ownOf(tables.skipRows, SKIP_ROWS).map(cutValue) },
    { setting: 'rewrite.skipColumns', patterns: rewrite.skipColumns },
    { setting: 'rewrite.base64Columns', patterns: rewrite.base64Columns },
    { setting: 'network.userColumns', patterns: network.users === 'merge' ? network.userColumns : [] },
    { setting: `environments.${name}.safety.anonymise`, patterns: anonymises ? safety.anonymise : [] },
  ].filter(({ patterns }) => patterns.length > 0);
}

/** `options.option_name=_transient_*` → `options.option_name`. */
const cutValue = (rows: string): string => rows.slice(0, rows.indexOf('='));
