import { compileMatcher } from './match-value.ts';
import { DROPPED, findColumn, type RowRule } from './row-rule.ts';

interface RowPattern {
  readonly table: string;
  readonly column: string;
  readonly value: string;
}

/** `patterns`: `options.option_name=_transient_*`, as the configuration has them. */
export function createSkipRows(name: string, patterns: readonly string[]): RowRule {
  const all = patterns.map(parsePattern);
  return {
    name,
    compile(table) {
      const groups = Map.groupBy(
        all.filter(pattern => pattern.table === table.name),
        pattern => pattern.column,
      );
      const conditions = [...groups].flatMap(([column, group]) => {
        const index = findColumn(table, table.name, column);
        return index === null ? [] : [{ index, matches: compileMatcher(group.map(({ value }) => value)) }];
      });
      if (conditions.length === 0) return null;
      return row => (conditions.some(({ index, matches }) => matches(row, index)) ? DROPPED : 0);
    },
  };
}

function parsePattern(text: string): RowPattern {
  const [, table = '', column = '', value = ''] = /^([^.=]+)\.([^.=]+)=(.+)$/s.exec(text) ?? [];
  return { table: table.toLowerCase(), column, value };
}
