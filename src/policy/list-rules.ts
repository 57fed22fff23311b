import { createAnonymisePeople } from './anonymise-people.ts';
import { blankKeys } from './blank-keys.ts';
import { blockSearchEngines } from './block-search-engines.ts';
import { createFollowPrefix, type Prefixes } from './follow-prefix.ts';
import { holdCron } from './hold-cron.ts';
import { SESSION_ROWS, TRANSIENT_ROWS } from './known-names.ts';
import {
  createLeaveOtherSites,
  createLeaveUnknownUsers,
  createMergeUsers,
  type MergedUsers,
  type Sites,
} from './merge-users.ts';
import {
  type PlannedSafety,
  type PlannedTreatment,
  SAFETY_RULES,
  type SafetyRule,
} from './planned-treatment.ts';
import { createPseudonyms } from './pseudonyms.ts';
import { refreshPermalinks } from './refresh-permalinks.ts';
import { removeAnalytics } from './remove-analytics.ts';
import type { RowRule } from './row-rule.ts';
import { createSkipRows } from './skip-rows.ts';
import { stopMail } from './stop-mail.ts';

/** What the rows have to fit at the target. */
export interface TargetNetwork {
  readonly prefixes: Prefixes;
  readonly sites: Sites;
  /** The source's come: as they are (null), or merged with the target's. Absent: they don't. */
  readonly users?: { readonly merged: MergedUsers | null };
}

/** The rules of a plan, in the order in which a row meets them: whoever looks for names or ids sees the source's. `key`:
 *  for pseudonyms; its digest is in the plan. */
export function listRules(
  { skipRows, safety, refreshPermalinks: isRefreshed = false }: PlannedTreatment,
  key: string | null,
  network?: TargetNetwork,
): RowRule[] {
  return [
    ...(skipRows.length > 0 ? [createSkipRows('skip_rows', skipRows)] : []),
    ...(safety ? listSafetyRules(safety, key) : []),
    ...(isRefreshed ? [refreshPermalinks] : []),
    ...(network ? listNetworkRules(network) : []),
  ];
}

function listNetworkRules({ prefixes, sites, users }: TargetNetwork): RowRule[] {
  return [
    // Who is logged in at the source is not therefore logged in at the target.
    ...(users ? [createSkipRows('drop_session_tokens', ['usermeta.meta_key=session_tokens'])] : []),
    ...(users?.merged
      ? [
          createLeaveOtherSites(prefixes.from, sites),
          createLeaveUnknownUsers(users.merged),
          createMergeUsers(users.merged),
        ]
      : []),
    ...(prefixes.from === prefixes.to ? [] : [createFollowPrefix(prefixes, sites.all)]),
  ];
}

function listSafetyRules(safety: PlannedSafety, key: string | null): RowRule[] {
  const rules: Readonly<Record<SafetyRule, () => RowRule>> = {
    drop_transients: () => createSkipRows('drop_transients', TRANSIENT_ROWS),
    drop_sessions: () => createSkipRows('drop_sessions', SESSION_ROWS),
    block_search_engines: () => blockSearchEngines,
    stop_mail: () => stopMail,
    hold_cron: () => holdCron,
    blank_keys: () => blankKeys,
    remove_analytics: () => removeAnalytics,
    anonymise_people: () => createAnonymisePeople(safety, createPseudonyms(key, safety.staff)),
  };
  return SAFETY_RULES.filter(name => safety.rules.includes(name)).map(name => rules[name]());
}
