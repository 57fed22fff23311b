// Which table belongs to which site. Decided by the blog ids of wp_blogs and never by LIKE: `wp_1_` and `wp_11_` look
// alike to it, site 1 has no number at all, and plugins make names such as `wp_404_to_301`.

/** Tables of the whole network, from WordPress itself and from the domain-mapping plugins. None belongs to site 1. */
const GLOBAL_TABLES = new Set([
  'blogs',
  'blogmeta',
  'blog_versions',
  'site',
  'sitemeta',
  'sitecategories',
  'users',
  'usermeta',
  'signups',
  'registration_log',
  'domain_mapping',
  'domain_mapping_logins',
]);

const OWN_TABLES = 'wfuwp_';

/** This program's, such as the lease. */
export function isOwnTable(table: string): boolean {
  return table.startsWith(OWN_TABLES);
}

/** What WordPress makes for every site: a number in front of one of these is a site's, alive or deleted. */
const CORE_TABLES = new Set([
  'commentmeta',
  'comments',
  'links',
  'options',
  'postmeta',
  'posts',
  'term_relationships',
  'term_taxonomy',
  'termmeta',
  'terms',
]);

/** Without one of these WordPress can't serve a site. `suffix`: without prefix and blog id. */
export function isCoreTable(suffix: string): boolean {
  return CORE_TABLES.has(suffix);
}

/** Is it one of WordPress's own, of a site or of the network? All have names in lower case. */
export function isWordPressTable(suffix: string): boolean {
  return CORE_TABLES.has(suffix) || GLOBAL_TABLES.has(suffix);
}

export type TableOwner =
  | { readonly kind: 'site'; readonly siteId: number; readonly suffix: string }
  | { readonly kind: 'global'; readonly suffix: string }
  /** A site's table whose blog id is not in wp_blogs: a deleted site left it behind. */
  | { readonly kind: 'orphan'; readonly blogId: string; readonly suffix: string }
  /** A site's whose id is none that we can count with (odd-ids.ts). */
  | { readonly kind: 'odd'; readonly blogId: string; readonly suffix: string }
  /** This program's, such as the lease. */
  | { readonly kind: 'own' }
  /** Without the prefix: another application's. */
  | { readonly kind: 'foreign' };

const NUMBERED = /^([1-9]\d*)_(.+)$/s;

/** Makes the function that tells a table's owner. `blogIds`: every blog id of wp_blogs, whatever its status; `oddIds`:
 *  those of readOddIds. `tables`: every table name of the database; needed to tell a deleted site's tables from a
 *  plugin's. Ids are compared as text: two long numbers may be one to JavaScript. */
export function tableOwners(
  prefix: string,
  blogIds: Iterable<number>,
  tables: Iterable<string>,
  oddIds: Iterable<string> = [],
): (table: string) => TableOwner {
  const sites = new Map(Array.from(blogIds, siteId => [String(siteId), siteId]));
  const odd = new Set(oddIds);
  const orphans = new Set<string>();
  for (const table of tables) {
    const numbered = table.startsWith(prefix) ? NUMBERED.exec(table.slice(prefix.length)) : null;
    if (numbered && CORE_TABLES.has(numbered[2]!)) orphans.add(numbered[1]!);
  }
  return table => {
    if (isOwnTable(table)) return { kind: 'own' };
    if (!table.startsWith(prefix)) return { kind: 'foreign' };
    const suffix = table.slice(prefix.length);
    const numbered = NUMBERED.exec(suffix);
    if (numbered) {
      const [, blogId, rest] = numbered as unknown as [string, string, string];
      const siteId = sites.get(blogId);
      // Blog 1 has no number in its names, so `wp_1_posts` is nobody's unless 1 is not what it seems.
      if (siteId !== undefined && siteId !== 1) return { kind: 'site', siteId, suffix: rest };
      if (odd.has(blogId)) return { kind: 'odd', blogId, suffix: rest };
      if (orphans.has(blogId)) return { kind: 'orphan', blogId, suffix: rest };
    }
    if (GLOBAL_TABLES.has(suffix)) return { kind: 'global', suffix };
    return { kind: 'site', siteId: 1, suffix };
  };
}

/** `wp_` and site 43 make `wp_43_`; site 1 has the bare prefix. */
export function sitePrefix(prefix: string, siteId: number): string {
  return siteId === 1 ? prefix : `${prefix}${siteId}_`;
}

/** Quotes an identifier; a quote inside is doubled. */
export function quoteName(...parts: readonly string[]): string {
  return parts.map(part => `\`${part.replaceAll('`', '``')}\``).join('.');
}
