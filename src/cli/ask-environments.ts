// The questions of `config init`.
import { COMMAND_NAMES, ENVIRONMENT_NAME } from '../config/environment-name.ts';
import { explainBadHost, isWildcard } from '../config/host-entry.ts';
import type { EnvironmentAnswers } from '../config/render-template.ts';
import { askText } from './prompts.ts';

/** What to pass instead of answering. */
const flag = '--yes';

/** Asks for a source and a target. */
export async function askEnvironments(): Promise<EnvironmentAnswers[]> {
  const source = await askEnvironment('The environment to copy from', 'prod', []);
  const target = await askEnvironment('The environment to copy to', 'stg', [source.name]);
  return [source, target];
}

async function askEnvironment(title: string, initial: string, taken: string[]): Promise<EnvironmentAnswers> {
  const name = await askText({
    message: `${title}, its name`,
    flag,
    initial,
    explain: word => explainName(word, taken),
  });
  const ask = (what: string, suggestion: string): Promise<string> =>
    askText({ message: `${name}: ${what}`, flag, initial: suggestion, explain: explainEmpty });
  return {
    name,
    databaseHost: await ask('database host', 'localhost'),
    databaseUser: await ask('database user', 'wp'),
    databaseName: await ask('database name', `wp_${name.replaceAll('-', '_')}`),
    mainHost: await askText({
      message: `${name}: main host of the network`,
      flag,
      initial: initial === 'prod' ? 'www.example.edu' : `${name}.example.edu`,
      explain: explainMainHost,
    }),
  };
}

function explainName(name: string, taken: readonly string[]): string | undefined {
  if (taken.includes(name)) return 'That is the other one.';
  if (COMMAND_NAMES.includes(name)) return 'That is a command of env-migrate; another name, please.';
  return ENVIRONMENT_NAME.test(name) ? undefined : 'Letters, digits, "-" and "_", please.';
}

function explainEmpty(answer: string): string | undefined {
  return answer.trim() === '' ? 'Something must stand here.' : undefined;
}

function explainMainHost(host: string): string | undefined {
  return isWildcard(host) ? 'A host, please; its sub-domains are added.' : explainBadHost(host);
}
