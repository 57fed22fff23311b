// Secrets that stand outside of the configuration: in a file, or in whatever a program prints (pass, op, vault).
import { MigrationError } from '../errors.ts';
import { maskSecrets, registerSecret } from '../lib/mask-secrets.ts';
import { joinPath } from './problem.ts';
import { readPrivateFile, resolvePath } from './read-private-file.ts';
import type { Environment } from './schema.ts';
import { listSecrets, type PlacedSecret } from './secrets.ts';

/** What it takes to start a program. */
export type RunProgram = (argv: readonly string[]) => Promise<{
  /** In words; null: it ended with 0. */
  readonly failure: string | null;
  readonly stdout: string;
  /** The last lines. */
  readonly stderr: readonly string[];
}>;

/** After this an environment's secrets can be revealed. Each is fetched once in a process, however often this is called, and
 *  so is what several environments have in common. Fails with `config_invalid` or `credentials`. */
export async function fetchSecrets(environment: Environment, run: RunProgram): Promise<void> {
  const missing = listSecrets(environment, ['environments', environment.name]).filter(
    ({ secret }) => !secret.isFetched,
  );
  await Promise.all(missing.map(placed => fetchSecret(placed, environment.folder, run)));
}

async function fetchSecret({ path, secret }: PlacedSecret, folder: string, run: RunProgram): Promise<void> {
  const name = joinPath(path);
  const { origin } = secret;
  if (origin === undefined) return;
  const value =
    'file' in origin
      ? readSecretFile(name, resolvePath(origin.file, folder))
      : await runOnce(name, origin.command, run);
  const complaint = secret.fetched(value.replace(/\r?\n$/, ''));
  if (complaint !== undefined) throw new MigrationError('config_invalid', `${name}: ${complaint}.`);
}

function readSecretFile(name: string, file: string): string {
  try {
    return readPrivateFile(file);
  } catch (error) {
    throw new MigrationError('config_invalid', `${name} ${(error as Error).message}.`, { cause: error });
  }
}

/** By program and arguments: asking twice may mean a second question to a person. */
const running = new Map<string, Promise<string>>();

function runOnce(name: string, argv: readonly string[], run: RunProgram): Promise<string> {
  const key = JSON.stringify(argv);
  const begun = running.get(key) ?? runCommand(name, argv, run);
  running.set(key, begun);
  return begun;
}

async function runCommand(name: string, argv: readonly string[], run: RunProgram): Promise<string> {
  const { failure, stdout, stderr } = await run(argv);
  // Also where it has failed: a part of the secret may be there, and in what it complains of.
  registerSecret(stdout.trim());
  const [program = ''] = argv;
  const fail = (why: string): MigrationError =>
    new MigrationError('credentials', `${name} can't be had from "${program}": ${maskSecrets(why)}.`, {
      hint: `Try the command by hand; it must print the secret and end with exit code 0.`,
    });
  if (failure !== null)
    throw fail(stderr.length > 0 ? `${failure}; it said: ${stderr.join(' / ')}` : failure);
  if (stdout.trim() === '') throw fail('it printed nothing');
  return stdout;
}
