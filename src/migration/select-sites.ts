import { MigrationError } from '../errors.ts';
import { HIGHEST_ID } from '../lib/ids.ts';
import type { LeftOut } from './plan.ts';
import type { SiteId } from './words.ts';

/** Which sites of the source a run is about. */
export interface SiteSelection {
  readonly include: readonly SiteId[] | null;
  readonly exclude: readonly SiteId[] | null;
  readonly activeOnly: boolean;
  readonly excludeMainSite: boolean;
}

export interface SelectableSite {
  readonly siteId: SiteId;
  readonly archived: boolean;
  readonly spam: boolean;
  readonly deleted: boolean;
}

/** Bigger than any network, small enough that a slip like `1-99999999999` doesn't fill the memory. */
const MAX_RANGE = 1_000_000;

/** `2,5,10-20` → ids in ascending order, each once. */
export function parseSiteList(text: string, flag: string): SiteId[] {
  const ids = new Set<SiteId>();
  for (const part of text.split(',').map(piece => piece.trim())) {
    const range = /^(\d+)(?:-(\d+))?$/.exec(part);
    const first = Number(range?.[1] ?? 0);
    const last = Number(range?.[2] ?? range?.[1] ?? 0);
    if (last > HIGHEST_ID)
      throw new MigrationError('usage', `${flag} takes site ids up to ${HIGHEST_ID}; "${part}" is beyond.`);
    if (!range || first < 1 || last < first || last - first > MAX_RANGE) {
      throw new MigrationError('usage', `${flag} takes site ids such as 2,5,10-20; "${part}" is none.`);
    }
    for (let id = first; id <= last; id += 1) ids.add(id);
  }
  return [...ids].sort((a, b) => a - b);
}

/** Splits the sites into chosen ones and left out ones, each of these with the reason. An id that was named and
 *  doesn't exist is an error: a typing slip must not turn into a smaller migration. */
export function selectSites<S extends SelectableSite>(
  sites: readonly S[],
  selection: SiteSelection,
): { chosen: S[]; leftOut: LeftOut[] } {
  const known = new Set(sites.map(site => site.siteId));
  const missing = [...(selection.include ?? []), ...(selection.exclude ?? [])].filter(id => !known.has(id));
  if (missing.length > 0) {
    const list =
      missing.length > 10
        ? `${missing.slice(0, 10).join(', ')} and ${missing.length - 10} more`
        : missing.join(', ');
    throw new MigrationError('usage', `The source has no site ${list}.`, {
      hint: 'wfuwp env-migrate SOURCE TARGET --dry-run lists the sites that exist.',
      details: { missing },
    });
  }
  const include = selection.include && new Set(selection.include);
  const exclude = new Set(selection.exclude ?? []);
  const chosen: S[] = [];
  const leftOut: LeftOut[] = [];
  for (const site of sites) {
    const reason =
      include && !include.has(site.siteId)
        ? 'not in --include-sites'
        : exclude.has(site.siteId)
          ? 'in --exclude-sites'
          : reasonToLeaveOut(site, selection);
    if (reason) leftOut.push({ siteId: site.siteId, reason });
    else chosen.push(site);
  }
  return { chosen, leftOut };
}

function reasonToLeaveOut(site: SelectableSite, selection: SiteSelection): string | null {
  if (selection.excludeMainSite && site.siteId === 1) return '--exclude-main-site';
  if (selection.activeOnly) {
    if (site.deleted) return 'deleted (--active-only)';
    if (site.archived) return 'archived (--active-only)';
    if (site.spam) return 'spam (--active-only)';
  }
  return null;
}
