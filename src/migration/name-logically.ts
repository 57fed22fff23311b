import type { Plan } from './plan.ts';
import type { SiteId } from './words.ts';

/** `wp_43_posts` of site 43 → `posts`. What looks like a number in a table of site 1 or of the network is none. */
export function nameLogically(
  table: string,
  siteId: SiteId,
  { target }: { readonly target: Pick<Plan['target'], 'tablePrefix'> },
): string {
  const withoutPrefix = table.startsWith(target.tablePrefix) ? table.slice(target.tablePrefix.length) : table;
  const number = `${siteId}_`;
  return siteId > 1 && withoutPrefix.startsWith(number) ? withoutPrefix.slice(number.length) : withoutPrefix;
}
