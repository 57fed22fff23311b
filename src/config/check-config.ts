import type { Finding } from '../lib/finding.ts';
import { reviewEnvironments } from './review-environments.ts';
import type { Config, Environment } from './schema.ts';

/** Connects to an environment and tells what it found. Never rejects for what is wrong out there. */
export type ProbeEnvironment = (environment: Environment) => Promise<readonly Finding[]>;

export interface ConfigCheck {
  readonly file: string;
  /** About the file itself. */
  readonly fileFindings: readonly Finding[];
  readonly environments: readonly EnvironmentCheck[];
  /** About several environments together. */
  readonly findings: readonly Finding[];
  /** What a migration from the first to the second would meet; null: no pair was named. */
  readonly pair: PairCheck | null;
  /** How many findings of all are `failed`. */
  readonly problems: number;
}

export interface PairCheck {
  readonly source: string;
  readonly target: string;
  /** Without those that passed. */
  readonly findings: readonly Finding[];
  /** How many checks passed. */
  readonly passed: number;
}

interface EnvironmentCheck {
  readonly name: string;
  /** `user@host:port/database`. */
  readonly database: string;
  /** Empty when nothing was connected. */
  readonly findings: readonly Finding[];
}

/** Plans a migration and tells what its checks have found. Never rejects for what is wrong out there. */
export type ProbePair = (source: Environment, target: Environment) => Promise<readonly Finding[]>;

export interface Probes {
  readonly environment: ProbeEnvironment;
  /** Absent: no pair was named. */
  readonly pair?: ProbePair;
}

/** Checks a configuration that is valid as a file. All environments are asked at the same time: the slowest timeout is
 *  the wait, not their sum. `probes` is absent for `--offline`. */
export async function checkConfig(
  config: Config,
  environments: readonly Environment[],
  probes?: Probes,
): Promise<ConfigCheck> {
  const checked = await Promise.all(
    environments.map(async environment => ({
      name: environment.name,
      database: describeDatabase(environment),
      findings: (await probes?.environment(environment)) ?? [],
    })),
  );
  const findings = reviewEnvironments(environments);
  const each = checked.flatMap(environment => environment.findings);
  // One that can't be reached would only be told twice.
  const canBePlanned = !each.some(({ outcome }) => outcome === 'failed');
  const pair = canBePlanned && probes?.pair ? await checkPair(environments, probes.pair) : null;
  const all = [...findings, ...each, ...(pair?.findings ?? [])];
  const problems = all.filter(({ outcome }) => outcome === 'failed').length;
  return {
    file: config.file,
    fileFindings: config.findings,
    environments: checked,
    findings,
    pair,
    problems,
  };
}

async function checkPair(
  [source, target]: readonly Environment[],
  probe: ProbePair,
): Promise<PairCheck | null> {
  if (!source || !target) return null;
  const found = await probe(source, target);
  const findings = found.filter(({ outcome }) => outcome !== 'passed');
  return { source: source.name, target: target.name, findings, passed: found.length - findings.length };
}

function describeDatabase({ database }: Environment): string {
  const place = database.socketPath ?? `${database.host}:${database.port}`;
  const through = database.ssh === undefined ? '' : ` through ${database.ssh.host}`;
  return `${database.user}@${place}/${database.name}${through}`;
}
