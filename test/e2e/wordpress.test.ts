// Real WordPress at both ends: a network that WordPress has made is migrated, and WordPress on the target must serve it
// as the source does, without a repair and without a trace of the source (H03, H04, H07, H08, H10, H11, H16, H17, H18, H23).
// The tests of a network follow one another: WordPress writes when it is visited.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { completeMigration } from '../support/complete-migration.ts';
import { checksumTables } from '../support/generate-network.ts';
import { ARCHIVED_SITE, aPerson, DELETED_SITE, MAPPED_SITE, type NetworkKind, PASSWORD } from '../support/wordpress/install-network.ts';
import { type NetworkPeople, readPeople } from '../support/wordpress/read-people.ts';
import { readRows } from '../support/wordpress/read-rows.ts';
import { runPhp, whyNoWordpress } from '../support/wordpress/run-php.ts';
import type { Page } from '../support/wordpress/serve-wordpress.ts';
import { createWordpressEnvironments, findSource, PROD, toTarget, type WordpressEnvironments } from '../support/wordpress/wordpress-environments.ts';

/** Made by each environment for itself when it is visited, and never by hand: a migration may leave them out. */
const PASSING_KEY = /^_(site_)?transient_|^_oembed_|^(cron|rewrite_rules|_edit_lock|_edit_last)$/;

const STALE_PATH = 'stale/';

const CLOSED_SITES = [ARCHIVED_SITE, DELETED_SITE];
/** One of each sort; the others are like them. */
const SITES_IN_DEPTH = [1, 2, MAPPED_SITE, 19, 20];

const IN_DEPTH = ['wp-json/wp/v2/posts', 'feed/', 'wp-json/wp/v2/categories', 'wp-sitemap-posts-post-1.xml'];
/** All that a site has (the export), and what its people work with. */
const ADMIN_PAGES = [
  ...['network/sites.php', 'network/settings.php', 'my-sites.php', 'options-general.php', 'nav-menus.php'],
  ...['upload.php?mode=list', 'customize.php', 'post.php?post=5&action=edit', 'export.php?download=true'],
];

/** Of the target: the ids of its people are other people's at the source, and whom both know is something else here. */
const TARGETS_PEOPLE = [
  aPerson('tessa', 'Tessa Tester', {}),
  aPerson('nomad', 'Nora Nomad', { 1: 'subscriber', 2: 'subscriber' }),
  aPerson('reader', 'Rita Reader', { 1: 'administrator', 5: 'administrator' }),
  aPerson('dev', 'Dora Dev', { 2: 'editor' }),
];

interface NetworkCase {
  readonly kind: NetworkKind;
  readonly prefix: string;
  readonly users: 'copy' | 'merge';
  /** The super admin of the target afterwards. */
  readonly admin: string;
  /** What the target's network keeps of its own. */
  readonly kept: readonly string[];
}

const NETWORKS: NetworkCase[] = [
  {
    kind: 'folders',
    prefix: 'u7_',
    users: 'merge',
    admin: 'tessa',
    kept: ['admin_email', 'admin_user_id', 'site_admins'],
  },
  { kind: 'subdomains', prefix: 'wp_', users: 'copy', admin: 'admin', kept: ['admin_email'] },
];

const impossible = whyNoWordpress();

describe.skipIf(impossible)(
  `WordPress on the target${impossible ? ` (not shown: ${impossible})` : ''}`,
  () => {
    describe.each(NETWORKS)('a network in $kind, to the table prefix $prefix, users: $users', network => {
      const { kind, prefix, users, admin, kept } = network;
      let bed: WordpressEnvironments;
      let openSites: number[];
      let runId: string;
      /** The permalinks of site 2 as WordPress has compiled them. */
      let compiled: string;
      let peopleBefore: NetworkPeople;
      let people: { readonly source: NetworkPeople; readonly target: NetworkPeople };
      /** What the source says of somebody's id, as the target has to say it. */
      let renumber: <T>(value: T) => T;
      /** What the target served before, by address. */
      const bodiesBefore = new Map<string, string>();
      beforeAll(async () => {
        bed = await createWordpressEnvironments({ kind, target: { prefix, people: TARGETS_PEOPLE } });
        await bed.pair.configure(config => {
          config.network = { users };
        });
        openSites = bed.prod.sites.map(site => site.id).filter(id => !CLOSED_SITES.includes(id));
        // A network that is in use: with transients, sessions, and what WordPress notes down at a first visit.
        for (const id of openSites) await bed.source.visit(bed.prod.visits[id]!.home);
        const { home } = bed.prod.visits[2]!;
        await bed.source.visit(`${home}wp-admin/`, await bed.source.logIn(home, 'admin'));
        compiled = await readPermalinks(bed.pair.source, bed.prod);
        await plantStalePermalink(bed.pair.source, bed.prod);
        peopleBefore = await readPeople(bed.stg, openSites);
        for (const id of SITES_IN_DEPTH) {
          const url = toTarget(bed.prod.visits[id]!.home);
          bodiesBefore.set(url, (await bed.target.visit(url)).body);
        }
      }, 300_000);
      afterAll(() => bed?.[Symbol.asyncDispose]());

      it('never sends a visitor of the target to the source meanwhile, nor changes the source (H44, H51)', async () => {
        const { server, database } = bed.pair.source;
        const before = await checksumTables(server, database);
        let isOver = false;
        const migrating = completeMigration(bed.pair).finally(() => {
          isOver = true;
        });
        const visited: unknown[] = [];
        const whole: unknown[] = [];
        while (!isOver) {
          const url = toTarget(bed.prod.visits[openSites[visited.length % openSites.length]!]!.home);
          visited.push(describePage(url, await bed.target.visit(url)));
          whole.push(describeWhole(url));
        }
        runId = await migrating;
        const [source, target] = await Promise.all([
          readPeople(bed.prod, openSites),
          readPeople(bed.stg, openSites),
        ]);
        people = { source, target };
        renumber = createRenumber(source, target);
        expect(visited).toEqual(whole);
        expect(await checksumTables(server, database)).toEqual(before);
      });

      it('knows everybody by login: what they are on each site, and what they have written (H23)', () => {
        const { source, target } = people;
        const isStaying = (login: string): boolean => users === 'merge' && !(login in source.ids);
        for (const id of openSites) {
          const { roles, authors } = source.sites[id]!;
          const staying = Object.entries(peopleBefore.sites[id]!.roles).filter(([login]) => isStaying(login));
          const expected = { roles: { ...roles, ...Object.fromEntries(staying) }, authors };
          expect(target.sites[id], `site ${id}`).toEqual(expected);
        }
        const staying = Object.keys(peopleBefore.ids).filter(isStaying);
        expect(Object.keys(target.ids).sort()).toEqual([...Object.keys(source.ids), ...staying].sort());
        // Whoever was there stays under their id, and nobody gets it.
        if (users === 'merge') expect(target.ids).toMatchObject(peopleBefore.ids);
        else expect(target.ids).toEqual(source.ids);
      });

      it('is the same to PHP, value by value', async () => {
        const [expected, found] = await Promise.all([readRows(bed.prod), readRows(bed.stg)]);
        expect(JSON.stringify(found)).not.toContain('"broken"');
        expect(Object.keys(found)).toEqual(Object.keys(expected));
        for (const [table, rows] of Object.entries(expected)) {
          const isOwn = (name: string): boolean =>
            PASSING_KEY.test(name) || (table === 'sitemeta' && kept.includes(name));
          expect(dropOwn(found[table]!, isOwn), table).toEqual(dropOwn(renumber(toTarget(rows)), isOwn));
        }
      });

      it('serves each site as the source does', async () => {
        for (const id of openSites) {
          const { home, post, title } = bed.prod.visits[id]!;
          const urls = [home, `${home}wp-json/`, post];
          if (SITES_IN_DEPTH.includes(id)) urls.push(...IN_DEPTH.map(path => home + path));
          for (const url of urls) {
            const [here, there] = await Promise.all([bed.source.visit(url), bed.target.visit(toTarget(url))]);
            expectWhole(url, there);
            expect(there.body, url).toBe(renumber(toTarget(here.body)));
            if (url !== post) continue;
            const shown = [title, 'Contact by menu', 'Text widget', 'Block widget', 'campaigns/spring'];
            expect(
              shown.filter(text => !there.body.includes(text)),
              url,
            ).toEqual([]);
          }
        }
      });

      it('compiles permalinks anew (H61)', async () => {
        const stale = `${bed.prod.visits[2]!.home}${STALE_PATH}`;
        expect((await bed.source.visit(stale)).status).toBe(200);
        expect((await bed.target.visit(toTarget(stale))).status).toBe(404);
        expect(await readPermalinks(bed.pair.target, bed.stg)).toBe(compiled);
      });

      it('lets people in, each with their role', async () => {
        const roles = bed.prod.people.find(person => person.login === 'nomad')!.roles;
        for (const id of openSites) {
          const home = toTarget(bed.prod.visits[id]!.home);
          const session = await bed.target.logIn(home, 'nomad');
          const page = await bed.target.visit(`${home}wp-admin/`, session);
          expectWhole(home, page);
          expect(page.body).toContain('id="wpadminbar"');
          if (!SITES_IN_DEPTH.includes(id)) continue;
          const { status } = await bed.target.visit(`${home}wp-admin/edit.php`, session);
          expect([id, roles[id], status]).toEqual([id, roles[id], roles[id] === 'subscriber' ? 403 : 200]);
        }
        const home = toTarget(bed.prod.visits[1]!.home);
        const session = await bed.target.logIn(home, admin);
        for (const path of ADMIN_PAGES)
          expectWhole(path, await bed.target.visit(`${home}wp-admin/${path}`, session));
        // Whoever has all rights at the source has them at the target only by the target's word.
        const other = await bed.target.visit(
          `${home}wp-admin/network/`,
          await bed.target.logIn(home, 'admin'),
        );
        expect(other.status).toBe(admin === 'admin' ? 200 : 403);
      });

      it('leaves an archived and a deleted site closed', async () => {
        for (const id of CLOSED_SITES) {
          const page = await bed.target.visit(toTarget(bed.prod.visits[id]!.home));
          expect([id, page.status, findSource(page.body)]).toEqual([id, 410, []]);
        }
      });

      it('goes on: new sites, people and posts come after those that were migrated', async () => {
        const { id, home } = await runPhp<{ id: number; home: string }>(bed.stg, 'use-network.php', {
          ...{ password: PASSWORD, admin },
          sites: openSites,
        });
        expect(id).toBe(bed.prod.sites.length + 1);
        expectWhole(home, await bed.target.visit(home));
        const session = await bed.target.logIn(home, 'novice');
        expectWhole(home, await bed.target.visit(`${home}wp-admin/`, session));
      });

      it('serves what it served before, rolled back', async () => {
        const { exitCode, stderr } = await bed.pair.run('env-migrate', 'rollback', runId, '--yes');
        expect(exitCode, stderr).toBe(0);
        for (const [url, body] of bodiesBefore) expect((await bed.target.visit(url)).body, url).toBe(body);
      });

      it('names a mapped domain without a rule in the plan, and leaves it (H17)', async () => {
        await bed.pair.configure(config => {
          delete config.environments.prod.hosts.mapped;
          // By default the target's people stay who they are, and may still log in.
          delete config.network;
        });
        const { stdout } = await bed.pair.run('env-migrate', 'prod', 'stg', '--dry-run');
        expect(stdout).toContain(`No rule covers ${PROD.mapped}`);
        await completeMigration(bed.pair, '--include-sites', String(MAPPED_SITE));
        const page = await bed.target.visit(bed.prod.visits[MAPPED_SITE]!.home);
        expect([page.status, page.location]).toEqual([200, undefined]);
        await bed.target.logIn(bed.prod.visits[MAPPED_SITE]!.home, 'reader');
      });
    });
  },
);

/** Ids of people stand in columns of their own, and in what the REST API says. */
function createRenumber(source: NetworkPeople, target: NetworkPeople): <T>(value: T) => T {
  const ids = new Map(
    Object.entries(source.ids).map(([login, id]) => [String(id), String(target.ids[login])]),
  );
  const become = (_: string, head: string, id: string): string => head + (ids.get(id) ?? id);
  return value =>
    JSON.parse(
      JSON.stringify(value)
        .replaceAll(/("(?:post_author|user_id|link_owner)":")(\d+)/g, become)
        .replaceAll(/(\\"author\\":|\/users\\*\/)(\d+)/g, become),
    );
}

type End = Pick<WordpressEnvironments['pair']['source'], 'server' | 'database'>;

async function readPermalinks({ server, database }: End, { prefix }: { prefix: string }): Promise<string> {
  const [row] = await server.query<{ v: string }>(
    `SELECT option_value AS v FROM ${database}.${prefix}2_options WHERE option_name = 'rewrite_rules'`,
  );
  return row!.v;
}

/** What a plugin leaves that is gone: an address that nothing but the compiled list knows. */
async function plantStalePermalink(end: End, { prefix }: { prefix: string }): Promise<void> {
  const rule = `s:${STALE_PATH.length + 2}:"${STALE_PATH}?$";s:18:"index.php?s=Report";`;
  const planted = (await readPermalinks(end, { prefix })).replace(
    /^a:(\d+):\{/,
    (_, rules: string) => `a:${Number(rules) + 1}:{${rule}`,
  );
  await end.server.query(
    `UPDATE ${end.database}.${prefix}2_options SET option_value = ? WHERE option_name = 'rewrite_rules'`,
    [planted],
  );
}

function expectWhole(url: string, page: Page): void {
  expect(describePage(url, page)).toEqual(describeWhole(url));
}

const describePage = (url: string, { status, location, body }: Page) => ({
  ...{ url, status, location },
  ofSource: findSource(body),
});

const describeWhole = (url: string) => ({ url, status: 200, location: undefined, ofSource: [] });

/** Without rows that an environment has for itself. */
function dropOwn(
  rows: Record<string, Record<string, unknown>>,
  isOwn: (name: string) => boolean,
): typeof rows {
  const isDropped = ({ option_name, meta_key }: Record<string, unknown>): boolean => {
    const name = option_name ?? meta_key;
    return typeof name === 'string' && isOwn(name);
  };
  return Object.fromEntries(Object.entries(rows).filter(([, row]) => !isDropped(row)));
}
