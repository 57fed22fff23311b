import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { MigrationError } from '../errors.ts';

/** Names looked for in the working directory; the first one that is there wins. */
export const CONFIG_NAMES = ['wfuwp.config.yaml', 'wfuwp.config.yml', 'wfuwp.config.json'] as const;

export interface ConfigQuery {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** What `--config` says. Wins over `WFUWP_CONFIG`, which wins over the working directory. */
  readonly path?: string | undefined;
}

/** Absolute path of the configuration file. A file that is named but absent is an error, never skipped. */
export async function findConfig({ cwd, env, path }: ConfigQuery): Promise<string> {
  const named = path ?? (env.WFUWP_CONFIG || undefined);
  const places = (named === undefined ? CONFIG_NAMES : [named]).map(name => resolve(cwd, name));
  for (const place of places) {
    const found = await stat(place).catch(() => undefined);
    if (found?.isFile()) return place;
  }
  throw new MigrationError('config_not_found', `No configuration file. Looked for: ${places.join(', ')}`, {
    details: { places },
  });
}
