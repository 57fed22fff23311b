// prod and stg as two networks that WordPress has made and serves: prod with contents, stg with the same people and
// bare sites, each at hosts of its own, and the configuration that leads from one to the other.
//
//   await using bed = await createWordpressEnvironments({ kind: 'folders' });
//   await completeMigration(bed.pair);
//   await bed.target.visit(toTarget(bed.prod.visits[4].home));

import { createEnvironments, type Environments } from '../environments.ts';
import { type InstalledNetwork, type InstallOptions, installNetwork, type NetworkHosts } from './install-network.ts';
import { type ServedWordpress, serveWordpress } from './serve-wordpress.ts';

export const PROD: NetworkHosts = {
  main: 'prod.example.edu',
  mapped: 'www.arts.example.org',
  second: 'medicine.example.org',
};
const STG: NetworkHosts = {
  main: 'stg.example.edu',
  mapped: 'arts-stg.example.org',
  second: 'medicine-stg.example.org',
};

export interface WordpressEnvironments extends AsyncDisposable {
  readonly pair: Environments;
  readonly prod: InstalledNetwork;
  readonly stg: InstalledNetwork;
  /** WordPress on both; it writes of its own accord when it is visited. */
  readonly source: ServedWordpress;
  readonly target: ServedWordpress;
}

export interface WordpressEnvironmentOptions extends Pick<InstallOptions, 'kind' | 'sites'> {
  /** What differs from one end to the other: the table prefix, the people. */
  readonly source?: Pick<InstallOptions, 'prefix' | 'people'>;
  readonly target?: Pick<InstallOptions, 'prefix' | 'people'>;
}

export async function createWordpressEnvironments(
  options: WordpressEnvironmentOptions,
): Promise<WordpressEnvironments> {
  const { source: ofSource, target: ofTarget, ...both } = options;
  const installed: { prod?: InstalledNetwork; stg?: InstalledNetwork } = {};
  const pair = await createEnvironments({
    fill: {
      source: async (server, database) => {
        installed.prod = await installNetwork({ server, database, hosts: PROD, ...both, ...ofSource });
      },
      target: async (server, database) => {
        const bare = { content: false, hosts: STG };
        installed.stg = await installNetwork({ server, database, ...bare, ...both, ...ofTarget });
      },
    },
  });
  const { prod, stg } = installed as Required<typeof installed>;
  await pair.configure(config => {
    // What a real network is migrated with.
    delete config.tables;
    delete config.network;
    for (const [name, network, hosts] of [
      ['prod', prod, PROD],
      ['stg', stg, STG],
    ] as const) {
      config.environments[name].tablePrefix = network.prefix;
      config.environments[name].hosts = {
        ...{ main: hosts.main, any: `*.${hosts.main}`, mapped: hosts.mapped },
        ...{ second: hosts.second, secondAny: `*.${hosts.second}` },
      };
    }
  });
  const [source, target] = await Promise.all([serveWordpress(prod), serveWordpress(stg)]);
  return {
    ...{ pair, prod, stg, source, target },
    async [Symbol.asyncDispose]() {
      await Promise.all([source[Symbol.asyncDispose](), target[Symbol.asyncDispose]()]);
      await pair[Symbol.asyncDispose]();
    },
  };
}

/** A value of prod as it must be on stg: other hosts, in whatever letter case, but not in e-mail addresses. */
export function toTarget<T>(value: T): T {
  let text = JSON.stringify(value);
  for (const role of ['main', 'mapped', 'second'] as const) {
    text = text.replaceAll(new RegExp(`(?<!@)${PROD[role].replaceAll('.', '\\.')}`, 'gi'), STG[role]);
  }
  return JSON.parse(text) as T;
}

/** Each place of a text that names a host of prod, with what is around it; e-mail addresses may. */
export function findSource(text: string): string[] {
  const found: string[] = [];
  const rest = text.replaceAll(/[\w.+-]+@[\w.-]+/g, '').toLowerCase();
  for (const host of Object.values(PROD)) {
    for (let at = rest.indexOf(host); at >= 0; at = rest.indexOf(host, at + 1))
      found.push(rest.slice(Math.max(0, at - 60), at + 60));
  }
  return found;
}
