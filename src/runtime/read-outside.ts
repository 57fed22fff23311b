// What a run has to do with besides two databases: commands, web servers, a cache. Read anew in every process, as
// secrets and addresses are kept nowhere.

import type { Config, Environment } from '../config/schema.ts';
import type { ProbeSettings } from '../phases/probe-sites.ts';
import type { HookSettings } from './hooks.ts';
import type { CacheSettings } from './object-cache.ts';

export interface Outside {
  readonly hooks: HookSettings;
  readonly probes: ProbeSettings;
  readonly cache: CacheSettings | null;
}

export function readOutside({ hooks, probes }: Config, { probe, cache }: Environment): Outside {
  const { concurrency, timeoutMs, login, maxErrors, maxLatencyMs = null } = probes;
  const { scheme, url, headers, verifyCertificate } = probe;
  return {
    hooks,
    probes: {
      ...{ concurrency, timeoutMs, login, maxErrors, maxLatencyMs, scheme, verifyCertificate },
      connectTo: url === undefined ? null : new URL(url),
      headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.reveal()])),
    },
    cache: cache ?? null,
  };
}
