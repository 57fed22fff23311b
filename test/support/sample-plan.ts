// A plan of a middling network with one of everything that a plan can hold, and the state of its run: for tests of
// what people and programs are shown.

import { levelOf, type MigrationEvent, type Recorded } from '../../src/migration/events.ts';
import { digestPlan, type Plan, type PlannedSite } from '../../src/migration/plan.ts';
import { foldEvent, initialState, type MigrationState } from '../../src/migration/state.ts';
import type { MigrationId } from '../../src/migration/words.ts';

export const MIGRATION_ID = 'env-migrate-2026-11-21T02-30-00-abc123' as MigrationId;

const NAMES = [
  'www',
  'art',
  'biology',
  'chemistry',
  'law',
  'medicine',
  'department-of-computational-linguistics',
  'zoology',
];

export function sampleSite(siteId: number, sizeBytes = 40_000_000 / siteId): PlannedSite {
  const prefix = siteId === 1 ? 'wp_' : `wp_${siteId}_`;
  const name = NAMES[(siteId - 1) % NAMES.length] ?? 'site';
  const tables = ['posts', 'postmeta', 'options'].map(suffix => ({
    source: prefix + suffix,
    target: prefix + suffix,
    engine: 'InnoDB',
    rows: Math.round(sizeBytes / 900),
    sizeBytes: Math.round(sizeBytes / 3),
  }));
  return {
    siteId,
    domain: siteId === 1 ? 'prod.example.edu' : `${name}${siteId}.prod.example.edu`,
    path: '/',
    targetDomain: siteId === 1 ? 'stg.example.edu' : `${name}${siteId}.stg.example.edu`,
    tables,
    rows: Math.round(sizeBytes / 300),
    sizeBytes: Math.round(sizeBytes),
  };
}

export function samplePlan(siteCount = 20, changes: Partial<Plan> = {}): Plan {
  const sites = Array.from({ length: siteCount }, (_, index) => sampleSite(index + 1));
  const plan: Omit<Plan, 'digest'> = {
    version: 1,
    migrationId: MIGRATION_ID,
    createdAt: '2026-11-21T02:30:00.000Z',
    source: {
      environment: 'prod',
      database: 'wp_prod',
      tablePrefix: 'wp_',
      serverVersion: '10.11.6-MariaDB',
    },
    target: {
      environment: 'stg',
      database: 'wp_stg',
      tablePrefix: 'wp_',
      serverVersion: '11.8.2-MariaDB',
      staging: 'wp_stg_incoming',
      previous: 'wp_stg_previous',
      loadMethod: 'load_data',
      maxAllowedPacketBytes: 16_777_216,
    },
    rules: [
      { from: 'prod.example.edu', to: 'stg.example.edu' },
      { from: '*.prod.example.edu', to: '*.stg.example.edu' },
    ],
    emails: 'leave',
    skipColumns: [],
    network: {
      mode: 'replace',
      everySite: true,
      siteIds: sites.map(site => site.siteId),
      tables: ['wp_blogs', 'wp_blogmeta', 'wp_site', 'wp_sitemeta'].map(name => ({
        source: name,
        target: name,
        engine: 'InnoDB',
        rows: 60,
        sizeBytes: 16_384,
      })),
    },
    sites,
    leftOut: [],
    hosts: sites.map(site => ({ source: site.domain, target: site.targetDomain, siteIds: [site.siteId] })),
    hazards: [],
    tablesNotCarried: [],
    totals: {
      sites: sites.length,
      tables: sites.length * 3 + 4,
      rows: sites.reduce((sum, site) => sum + site.rows, 240),
      sizeBytes: sites.reduce((sum, site) => sum + site.sizeBytes, 65_536),
    },
    estimateMs: 372_000,
    ...changes,
  };
  return { ...plan, digest: digestPlan(plan) };
}

/** Numbers events and gives them times, as the recorder does; `fold` also keeps the state. */
export class SampleJournal {
  readonly state: MigrationState = initialState(MIGRATION_ID);
  #at = Date.parse('2026-11-21T02:30:00.000Z');

  wait(ms: number): this {
    this.#at += ms;
    return this;
  }

  fold(event: MigrationEvent): Recorded {
    const line: Recorded = {
      seq: this.state.lastSeq + 1,
      at: new Date(this.#at).toISOString(),
      level: levelOf(event),
      correlationId: 'abc123',
      ...event,
    };
    foldEvent(this.state, line);
    return line;
  }

  start(plan: Plan): Recorded {
    return this.fold({
      type: 'migration.started',
      source: plan.source.environment,
      target: plan.target.environment,
      planDigest: plan.digest,
      siteIds: plan.sites.map(site => site.siteId),
      network: plan.network !== null,
      pid: 4711,
      host: 'admin-1',
    });
  }
}
