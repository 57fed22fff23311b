// H61 A site keeps its permalinks as a list of patterns, compiled from its address, its settings and the plugins that
// were there. WordPress compiles it anew at the next page view when it finds none, and else never asks whether it fits.

import { blank, editKeyed } from './keyed-tables.ts';
import type { PlannedTreatment } from './planned-treatment.ts';
import type { RowRule } from './row-rule.ts';

const COMPILED = ['rewrite_rules'];

export const refreshPermalinks: RowRule = {
  name: 'refresh_permalinks',
  // Emptied, as WordPress does it itself. Left out, the row would come back under another id.
  compile: table => editKeyed(table, ['options'], COMPILED, blank),
};

/** Values that WordPress has made anew since are neither damage nor somebody's work: whoever compares the target's table
 *  with what was sent takes them for empty still. `table`: without prefix and blog id. */
export function findRemade(treatment: PlannedTreatment | undefined, table: string) {
  return treatment?.refreshPermalinks && table === 'options'
    ? { column: 'option_value', nameColumn: 'option_name', names: COMPILED }
    : null;
}
