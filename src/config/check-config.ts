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
  /** How many findings of all are `failed`. */
  readonly problems: number;
}

interface EnvironmentCheck {
  readonly name: string;
  /** `user@host:port/database`. */
  readonly database: string;
  /** Empty when nothing was connected. */
  readonly findings: readonly Finding[];
}

/** Checks a configuration that is valid as a file. All environments are asked at the same time: the slowest timeout is
 *  the wait, not their sum. `probe` is absent for `--offline`. */
export async function checkConfig(
  config: Config,
  environments: readonly Environment[],
  probe?: ProbeEnvironment,
): Promise<ConfigCheck> {
  const checked = await Promise.all(
    environments.map(async environment => ({
      name: environment.name,
      database: describeDatabase(environment),
      findings: (await probe?.(environment)) ?? [],
    })),
  );
  const findings = reviewEnvironments(environments);
  const all = [...findings, ...checked.flatMap(environment => environment.findings)];
  const problems = all.filter(({ outcome }) => outcome === 'failed').length;
  return { file: config.file, fileFindings: config.findings, environments: checked, findings, problems };
}

function describeDatabase({ database }: Environment): string {
  const place = database.socketPath ?? `${database.host}:${database.port}`;
  const through = database.ssh === undefined ? '' : ` through ${database.ssh.host}`;
  return `${database.user}@${place}/${database.name}${through}`;
}
