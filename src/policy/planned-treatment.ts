// What the plan says of rows and values that don't arrive as they are. Plain JSON, without secrets.

/** What makes a lower environment harmless, in the order in which a row meets it. The configuration switches each off by
 *  its name. */
export const SAFETY_RULES = [
  'drop_transients',
  'drop_sessions',
  'block_search_engines',
  'stop_mail',
  'hold_cron',
  'blank_keys',
  'remove_analytics',
  'anonymise_people',
] as const;

export type SafetyRule = (typeof SAFETY_RULES)[number];

/** What makes the rows those of the target's network, in the order in which a row meets them. */
export const NETWORK_RULES = [
  'drop_session_tokens',
  'leave_other_sites',
  'leave_unknown_users',
  'merge_users',
  'follow_prefix',
] as const;

export interface PlannedSafety {
  /** Those that are on. */
  readonly rules: readonly SafetyRule[];
  /** Whom `anonymise_people` leaves as they are: logins, addresses, and `@domain` for all addresses there. */
  readonly staff: readonly string[];
  /** The same people by their ids at the source, as they were when the plan was made. */
  readonly staffIds: readonly string[];
  /** `table.column` patterns of further columns that `anonymise_people` changes. */
  readonly columns: readonly string[];
  /** Of the key that pseudonyms are computed with: with another, they are others. null: none is configured. */
  readonly keyDigest: string | null;
}

export interface PlannedTreatment {
  /** Patterns of tables, without prefix and blog id, of which only the structure travels. */
  readonly skipData: readonly string[];
  /** `table.column=pattern`: rows that stay at the source. */
  readonly skipRows: readonly string[];
  /** null: the target has no policy. */
  readonly safety: PlannedSafety | null;
  /** The compiled permalinks of each site are emptied, so that WordPress makes them anew. Absent: they travel. */
  readonly refreshPermalinks?: boolean;
}

/** Does it change nothing? Then plans, digests and copies are what they were without it. */
export function isEmptyTreatment(treatment: PlannedTreatment): boolean {
  const { skipData, skipRows, safety, refreshPermalinks = false } = treatment;
  return skipData.length + skipRows.length === 0 && safety === null && !refreshPermalinks;
}
