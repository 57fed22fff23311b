// The questions of `config init`.

import { looksLikeProduction } from '../config/complete-draft.ts';
import type { DraftEnvironment } from '../config/draft-environment.ts';
import { COMMAND_NAMES, ENVIRONMENT_NAME } from '../config/environment-name.ts';
import { explainBadHost, isWildcard } from '../config/host-entry.ts';
import type { EnvironmentAnswers, UserTreatment } from '../config/render-template.ts';
import { isPort, parseServerPlace, type ServerPlace } from '../config/server-place.ts';
import { askText, confirm, select } from './prompts.ts';

/** What to pass instead of answering. */
const flag = '--yes';

/** Said before the first question. */
export const INTRODUCTION =
  'You are asked for the name, database and main host of each environment, whether it is production, how copies are ' +
  'made harmless where it is not, and what becomes of users. No password is asked for, nothing is connected, and ' +
  'everything can be edited later. Ctrl-C ends this without writing anything.';

export interface Answers {
  readonly environments: readonly EnvironmentAnswers[];
  readonly users: UserTreatment;
}

/** Asks for a source and a target, or for what their wp-config.php files don't say. */
export async function askEnvironments(drafts: readonly DraftEnvironment[]): Promise<Answers> {
  const environments: EnvironmentAnswers[] = [];
  const titles = ['The environment to copy from', 'The environment to copy to'];
  for (let index = 0; index < Math.max(drafts.length, titles.length); index++) {
    const taken = [...drafts, ...environments].map(({ name }) => name);
    const name = drafts[index]?.name ?? (await askName(titles[index] ?? '', index, taken));
    environments.push(await askEnvironment(name, index, drafts[index]));
  }
  return { environments, users: await askUsers() };
}

function askName(title: string, index: number, taken: readonly string[]): Promise<string> {
  return askText({
    message: `${title}, its name`,
    flag,
    initial: (index === 0 ? ['prod', 'source'] : ['stg', 'target']).find(name => !taken.includes(name))!,
    explain: word => explainName(word, taken),
  });
}

async function askEnvironment(
  name: string,
  index: number,
  draft: DraftEnvironment | undefined,
): Promise<EnvironmentAnswers> {
  const { answers = {}, file } = draft ?? {};
  const ask = (what: string, initial: string): Promise<string> =>
    askText({ message: `${name}: ${what}`, flag, initial, explain: explainEmpty });
  const server = answers.server ?? (await askServer(name));
  const user = answers.user ?? (await ask('database user', 'wp'));
  const database = answers.database ?? (await ask('database name', `wp_${name.replaceAll('-', '_')}`));
  const tablePrefix = answers.tablePrefix ?? (draft ? await askPrefix(name) : 'wp_');
  const mainHost = answers.mainHost ?? (await askMainHost(name, index));
  const isProduction = await confirm({
    message: `Is ${name} production?`,
    flag,
    initial: looksLikeProduction(name, index),
  });
  const isMadeHarmless =
    !isProduction &&
    (await confirm({
      message: `Make what lands in ${name} harmless (safety policy "lower": no mail, no keys, people anonymised)?`,
      flag,
      initial: true,
    }));
  return {
    ...{ name, server, user, database, tablePrefix, mainHost, isProduction, isMadeHarmless },
    ...(file === undefined ? {} : { wpConfig: file }),
  };
}

/** The port is asked for unless it came with the host. */
async function askServer(name: string): Promise<ServerPlace> {
  const text = await askText({
    message: `${name}: database host (or host:port, or the path of a socket)`,
    flag,
    initial: 'localhost',
    explain: explainServer,
  });
  const place = parseServerPlace(text) as ServerPlace;
  if ('socketPath' in place || place.port !== undefined) return place;
  const port = await askText({
    message: `${name}: database port`,
    flag,
    initial: '3306',
    explain: word => (/^\d+$/.test(word) && isPort(Number(word)) ? undefined : 'A number, 1 to 65535.'),
  });
  return { ...place, port: Number(port) };
}

function askPrefix(name: string): Promise<string> {
  return askText({
    message: `${name}: $table_prefix`,
    flag,
    initial: 'wp_',
    explain: word => (/^\w+$/.test(word) ? undefined : 'Letters, digits and "_", please.'),
  });
}

function askMainHost(name: string, index: number): Promise<string> {
  return askText({
    message: `${name}: main host of the network`,
    flag,
    initial: index === 0 ? 'www.example.edu' : `${name}.example.edu`,
    explain: explainMainHost,
  });
}

function askUsers(): Promise<UserTreatment> {
  return select<UserTreatment>({
    message: 'What becomes of users when the network travels?',
    flag,
    choices: [
      { value: 'keep', label: "keep: the target's stay, the source's stay away" },
      { value: 'copy', label: "copy: the source's replace the target's" },
      { value: 'merge', label: "merge: new ones of the source join the target's" },
    ],
  });
}

function explainName(name: string, taken: readonly string[]): string | undefined {
  if (taken.includes(name)) return 'That is the other one.';
  if (COMMAND_NAMES.includes(name)) return 'That is a command of env-migrate; another name, please.';
  return ENVIRONMENT_NAME.test(name) ? undefined : 'Letters, digits, "-" and "_", please.';
}

function explainEmpty(answer: string): string | undefined {
  return answer.trim() === '' ? 'Something must stand here.' : undefined;
}

export function explainServer(answer: string): string | undefined {
  if (answer.trim() === '') return 'Something must stand here.';
  if (answer.includes('://')) return 'A host, please, not a URL.';
  if (parseServerPlace(answer) !== undefined) return undefined;
  return 'That is no server: write its name or address, perhaps with a port, as in "db1:3307" or "[::1]:3306".';
}

function explainMainHost(host: string): string | undefined {
  return isWildcard(host) ? 'A host, please; its sub-domains are added.' : explainBadHost(host);
}
