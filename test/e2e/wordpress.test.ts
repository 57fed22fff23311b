// Real WordPress at both ends: a network that WordPress has made is migrated, and WordPress on the target must serve it
// as the source does, without a repair and without a trace of the source (H03, H04, H07, H08, H10, H11, H16, H17, H18).

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { completeMigration } from '../support/complete-migration.ts';
import { createEnvironments, type Environments } from '../support/environments.ts';
import { checksumTables } from '../support/generate-network.ts';
import {
  ARCHIVED_SITE,
  DELETED_SITE,
  type InstalledNetwork,
  installNetwork,
  MAPPED_SITE,
  type NetworkHosts,
  type NetworkKind,
} from '../support/wordpress/install-network.ts';
import { readRows } from '../support/wordpress/read-rows.ts';
import { whyNoWordpress } from '../support/wordpress/run-php.ts';
import { type ServedWordpress, serveWordpress } from '../support/wordpress/serve-wordpress.ts';

const PROD: NetworkHosts = {
  main: 'prod.example.edu',
  mapped: 'www.arts.example.org',
  second: 'medicine.example.org',
};
const STG: NetworkHosts = {
  main: 'stg.example.edu',
  mapped: 'arts-stg.example.org',
  second: 'medicine-stg.example.org',
};

/** Made by each environment for itself, and never by hand: a migration may leave them out. */
const PASSING_OPTION = /^_(site_)?transient_|^(cron|rewrite_rules)$/;

const impossible = whyNoWordpress();

describe.skipIf(impossible)(
  `WordPress on the target${impossible ? ` (not shown: ${impossible})` : ''}`,
  () => {
    describe.each<NetworkKind>(['folders', 'subdomains'])('a network in %s', kind => {
      let pair: Environments;
      let [prod, stg]: InstalledNetwork[] = [];
      let [source, target]: ServedWordpress[] = [];
      let [before, after]: Map<string, string>[] = [];

      beforeAll(async () => {
        pair = await createEnvironments({
          fill: {
            source: async (server, database) => {
              prod = await installNetwork({ server, database, kind, hosts: PROD });
            },
            // The users of the same logins; sites with nothing in them.
            target: async (server, database) => {
              stg = await installNetwork({ server, database, kind, hosts: STG, content: false });
            },
          },
        });
        await pair.configure(config => {
          for (const [name, hosts] of Object.entries({ prod: PROD, stg: STG })) {
            Object.assign(config.environments[name].hosts, hosts, { secondAny: `*.${hosts.second}` });
          }
        });
        [source, target] = await Promise.all([serveWordpress(prod!), serveWordpress(stg!)]);
        // A network that is in use: with transients and sessions.
        const session = await source.logIn(prod!.visits[2]!.home, 'admin');
        await source.visit(`${prod!.visits[2]!.home}wp-admin/`, session);

        before = await checksumTables(pair.source.server, pair.source.database);
        await completeMigration(pair);
        after = await checksumTables(pair.source.server, pair.source.database);
      });
      afterAll(async () => {
        await source?.[Symbol.asyncDispose]();
        await target?.[Symbol.asyncDispose]();
        await pair?.[Symbol.asyncDispose]();
      });

      it('is the same to PHP, value by value, and the source is what it was', async () => {
        expect(after).toEqual(before);
        const [expected, found] = await Promise.all([readRows(prod!), readRows(stg!)]);
        expect(JSON.stringify(found)).not.toContain('"broken"');
        expect(Object.keys(found)).toEqual(Object.keys(expected));
        for (const [table, rows] of Object.entries(expected)) {
          expect(dropPassing(found[table]!), table).toEqual(dropPassing(toTarget(rows)));
        }
      });

      it('serves each site as the source does', async () => {
        for (const { id } of prod!.sites) {
          if ([ARCHIVED_SITE, DELETED_SITE].includes(id)) continue;
          const { home, post, title } = prod!.visits[id]!;
          for (const url of [home, post, `${home}wp-json/`, `${home}wp-json/wp/v2/posts`, `${home}feed/`]) {
            const [here, there] = await Promise.all([source!.visit(url), target!.visit(toTarget(url))]);
            expect([url, there.status, there.location]).toEqual([url, 200, undefined]);
            expectNoSource(url, there.body);
            expect(there.body, url).toBe(toTarget(here.body));
            if (url !== post) continue;
            const missing = [
              title,
              'Contact by menu',
              'Text widget',
              'Block widget',
              'campaigns/spring',
            ].filter(shown => !there.body.includes(shown));
            expect(missing, url).toEqual([]);
          }
        }
      });

      it('lets people in, each with their role', async () => {
        for (const { id } of prod!.sites) {
          if ([ARCHIVED_SITE, DELETED_SITE].includes(id)) continue;
          const home = toTarget(prod!.visits[id]!.home);
          const session = await target!.logIn(home, 'nomad');
          const page = await target!.visit(`${home}wp-admin/`, session);
          expect([home, page.status, page.location]).toEqual([home, 200, undefined]);
          expect(page.body).toContain('id="wpadminbar"');
          expectNoSource(home, page.body);
          // By the role that nomad has there.
          const role = stg!.people.find(person => person.login === 'nomad')?.roles[id];
          const mayWrite = (await target!.visit(`${home}wp-admin/edit.php`, session)).status;
          expect([id, role, mayWrite]).toEqual([id, role, role === 'subscriber' ? 403 : 200]);
        }
        const home = toTarget(prod!.visits[1]!.home);
        const session = await target!.logIn(home, 'admin');
        for (const path of [
          'network/sites.php',
          'my-sites.php',
          'nav-menus.php',
          'widgets.php',
          'upload.php?mode=list',
        ]) {
          const page = await target!.visit(`${home}wp-admin/${path}`, session);
          expect([path, page.status, page.location]).toEqual([path, 200, undefined]);
          expectNoSource(path, page.body);
        }
      });

      it('leaves an archived and a deleted site closed', async () => {
        for (const id of [ARCHIVED_SITE, DELETED_SITE]) {
          const page = await target!.visit(toTarget(prod!.visits[id]!.home));
          expect([id, page.status]).toEqual([id, 410]);
          expectNoSource(String(id), page.body);
        }
      });

      it('names a mapped domain without a rule in the plan, and leaves it', async () => {
        await pair.configure(config => {
          delete config.environments.prod.hosts.mapped;
        });
        const { stdout } = await pair.run('env-migrate', 'prod', 'stg', '--dry-run');
        expect(stdout).toContain(PROD.mapped);
        await completeMigration(pair, '--include-sites', String(MAPPED_SITE));
        const page = await target!.visit(prod!.visits[MAPPED_SITE]!.home);
        expect([page.status, page.location]).toEqual([200, undefined]);
      });
    });
  },
);

function toTarget<T>(value: T): T {
  let text = JSON.stringify(value);
  for (const role of ['main', 'mapped', 'second'] as const) {
    // E-mail addresses stay.
    text = text.replaceAll(new RegExp(`(?<!@)${PROD[role].replaceAll('.', '\\.')}`, 'g'), STG[role]);
  }
  return JSON.parse(text) as T;
}

function dropPassing(rows: Record<string, Record<string, unknown>>): typeof rows {
  const passes = ({ option_name, meta_key }: Record<string, unknown>): boolean => {
    const name = option_name ?? meta_key;
    return typeof name === 'string' && PASSING_OPTION.test(name);
  };
  return Object.fromEntries(Object.entries(rows).filter(([, row]) => !passes(row)));
}

function expectNoSource(where: string, body: string): void {
  const text = body.replaceAll(/[\w.+-]+@[\w.-]+/g, '').toLowerCase();
  for (const host of Object.values(PROD)) {
    const at = text.indexOf(host);
    expect(at < 0 ? null : text.slice(Math.max(0, at - 100), at + 100), `${host} in ${where}`).toBeNull();
  }
}
