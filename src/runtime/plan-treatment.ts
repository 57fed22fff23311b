import type { Config, Environment } from '../config/schema.ts';
import { type PlannedTreatment, SAFETY_RULES } from '../policy/planned-treatment.ts';
import { digestKey } from '../policy/pseudonyms.ts';

/** What the configuration says of rows and values that don't arrive as they are. */
export function planTreatment({ tables }: Config, { safety }: Environment): PlannedTreatment {
  const { skipData, skipRows, refreshPermalinks } = tables;
  const always = { skipData, skipRows, ...(refreshPermalinks ? { refreshPermalinks } : {}) };
  if (safety.policy === 'off') return { ...always, safety: null };
  return {
    ...always,
    safety: {
      rules: SAFETY_RULES.filter(rule => safety.rules[rule]),
      staff: safety.staff,
      staffIds: [],
      columns: safety.anonymise,
      keyDigest: safety.key ? digestKey(safety.key.reveal()) : null,
    },
  };
}
