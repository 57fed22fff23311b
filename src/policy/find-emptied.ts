import { MAIL_QUEUES, SECRET_TABLES, SESSION_TABLES } from './known-names.ts';
import { compileNames } from './match-value.ts';
import type { PlannedTreatment, SafetyRule } from './planned-treatment.ts';

/** Tables that hold nothing but what a rule is against. */
const EMPTIED: Readonly<Partial<Record<SafetyRule, readonly string[]>>> = {
  drop_sessions: SESSION_TABLES,
  stop_mail: MAIL_QUEUES,
  blank_keys: SECRET_TABLES,
};

/** Of a table's name, without prefix and blog id: the rule by which only its structure travels; null: it has its rows. */
export function createFindEmptied({ skipData, safety }: PlannedTreatment): (table: string) => string | null {
  const rules = [
    { rule: 'skip_data', isEmptied: compileNames(skipData) },
    ...(safety?.rules ?? []).map(rule => ({ rule, isEmptied: compileNames(EMPTIED[rule] ?? []) })),
  ];
  return table => rules.find(({ isEmptied }) => isEmptied(table))?.rule ?? null;
}
