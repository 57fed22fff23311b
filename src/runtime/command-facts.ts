// What a command of the configuration is told, as environment variables. A promise to whoever writes such a command.

import type { Plan } from '../migration/plan.ts';
import type { SiteId } from '../migration/words.ts';

export function describeRunFacts(
  { migrationId, source, target }: Plan,
  runDirectory: string,
): Record<string, string> {
  return {
    WFUWP_MIGRATION_ID: migrationId,
    WFUWP_SOURCE: source.environment,
    WFUWP_TARGET: target.environment,
    WFUWP_TARGET_DATABASE: target.database,
    WFUWP_RUN_DIRECTORY: runDirectory,
  };
}

/** Nothing for a site that the plan doesn't have. */
export function describeSiteFacts({ sites }: Plan, siteId: SiteId): Record<string, string> {
  const site = sites.find(planned => planned.siteId === siteId);
  if (!site) return {};
  return {
    WFUWP_SITE_ID: String(siteId),
    WFUWP_SITE_DOMAIN: site.domain,
    WFUWP_SITE_PATH: site.path,
    WFUWP_TARGET_DOMAIN: site.targetDomain,
  };
}
