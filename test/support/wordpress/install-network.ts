// A real network, made by WordPress's own code in an empty database:
//
//   const prod = await installNetwork({ server: source, database, kind: 'subdomains', hosts: PROD });
//   prod.visits[4].post …          what may be visited; serveWordpress(prod) makes it answer
//
// The same call with other hosts gives the same network there: same ids, same logins, same passwords.

import type { MariadbEndpoint } from '../mariadb-server.ts';
import { runPhp, type WordpressSettings } from './run-php.ts';

export type NetworkKind = 'folders' | 'subdomains';

/** The hosts of an environment: of the network, of a site with a domain of its own, of a second network. */
export interface NetworkHosts {
  readonly main: string;
  readonly mapped: string;
  readonly second: string;
}

export interface Person {
  readonly login: string;
  readonly email: string;
  readonly name: string;
  /** Blog id → role. The first person is the super admin, whatever is said here. */
  readonly roles: Readonly<Record<number, string>>;
}

export interface InstalledSite {
  readonly id: number;
  readonly domain: string;
  readonly path: string;
  readonly title: string;
  readonly networkId: 1 | 2;
  readonly status: 'public' | 'archived' | 'deleted';
}

/** What a test visits of a site that has contents. */
export interface Visit {
  readonly home: string;
  readonly post: string;
  readonly title: string;
  readonly authors: readonly number[];
}

export interface InstalledNetwork extends WordpressSettings {
  readonly sites: readonly InstalledSite[];
  readonly people: readonly Person[];
  /** By blog id; none without `content`. */
  readonly visits: Readonly<Record<number, Visit>>;
}

export interface InstallOptions {
  readonly server: MariadbEndpoint;
  /** Created if missing. */
  readonly database: string;
  readonly kind: NetworkKind;
  readonly hosts: NetworkHosts;
  /** At least 8: some have a part to play. */
  readonly sites?: number;
  readonly prefix?: string;
  readonly people?: readonly Person[];
  /** false: sites as WordPress makes them, with nothing in them. */
  readonly content?: boolean;
}

export const PASSWORD = 'correct horse';

export const MAPPED_SITE = 5;
export const ARCHIVED_SITE = 6;
export const DELETED_SITE = 7;

export async function installNetwork(options: InstallOptions): Promise<InstalledNetwork> {
  const { server, database, kind, hosts, prefix = 'wp_', content = true } = options;
  const sites = listSites(kind, hosts, options.sites ?? 20);
  const people = options.people ?? listPeople(sites.length);
  await server.query(`CREATE DATABASE IF NOT EXISTS ${database} CHARACTER SET utf8mb4`);

  const settings: WordpressSettings = {
    socketPath: server.socketPath,
    database,
    prefix,
    domain: hosts.main,
    subdomains: kind === 'subdomains',
  };
  const task = {
    ...{
      domain: hosts.main,
      secondDomain: hosts.second,
      subdomains: settings.subdomains,
      title: 'University',
    },
    ...{ sites, users: people, password: PASSWORD, content },
  };
  await runPhp(settings, 'install-network.php', task, { network: false });
  const visits = await runPhp<InstalledNetwork['visits']>(settings, 'fill-network.php', task);
  return { ...settings, sites, people, visits };
}

/** Site 1, sites of its network, and at the end the two of the second network. */
function listSites(kind: NetworkKind, hosts: NetworkHosts, count: number): InstalledSite[] {
  return Array.from({ length: count }, (_, index) => {
    const id = index + 1;
    const networkId = id > count - 2 ? 2 : 1;
    const network = networkId === 2 ? hosts.second : hosts.main;
    const isMain = id === 1 || id === count - 1;
    const inFolder = kind === 'folders' && !isMain;
    const place =
      id === MAPPED_SITE
        ? { domain: hosts.mapped, path: '/' }
        : {
            domain: isMain || inFolder ? network : `site${id}.${network}`,
            path: inFolder ? `/site${id}/` : '/',
          };
    const status = id === ARCHIVED_SITE ? 'archived' : id === DELETED_SITE ? 'deleted' : 'public';
    return { id, ...place, title: `Department ${id}`, networkId, status };
  });
}

/** Each with roles on several sites; `nomad` with another one on each. In another order they get other ids. */
export function listPeople(sites: number): Person[] {
  const ids = Array.from({ length: sites }, (_, index) => index + 1);
  const every = (step: number, role: string): Record<number, string> =>
    Object.fromEntries(ids.filter(id => id % step === 0).map(id => [id, role]));
  const nomad = ids.map((id): [number, string] => [id, ROLES[id % ROLES.length]!]);
  return [
    aPerson('admin', 'Ada Admin', every(1, 'administrator')),
    aPerson('editor', 'Édith Editor', every(2, 'editor')),
    aPerson('author', 'Ann Author', every(3, 'author')),
    aPerson('contributor', 'Cora Contributor', every(4, 'contributor')),
    aPerson('reader', 'Rita Reader', every(5, 'subscriber')),
    aPerson('nomad', 'Nora Nomad', Object.fromEntries(nomad)),
  ];
}

const ROLES = ['administrator', 'editor', 'author', 'contributor', 'subscriber'];

export function aPerson(login: string, name: string, roles: Person['roles']): Person {
  return { login, email: `${login}@mail.example.net`, name, roles };
}
