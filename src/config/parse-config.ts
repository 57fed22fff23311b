// Text of a configuration file → validated settings, or every problem it has with its place in the file.
import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from 'yaml';
import type { z } from 'zod';
import { explainIssue } from './explain-issue.ts';
import { fillFromMyCnf } from './fill-from-my-cnf.ts';
import { compareProblems, joinPath, type Problem } from './problem.ts';
import { shieldReferences, substituteReferences, unshieldReferences } from './references.ts';
import { configSchema } from './schema.ts';
import { isSecretKey, letsSomebodyIn, listSecrets } from './secrets.ts';

type Settings = z.output<typeof configSchema>;

export type ParsedConfig =
  | {
      readonly settings: Settings;
      /** Secrets that stand in the file as they are, by their paths. */
      readonly openSecrets: readonly string[];
    }
  | { readonly problems: readonly Problem[] };

/** Never throws; problems come in the order of the file. JSON is read as the YAML that it also is, so that its problems
 *  have lines, too. `folder`: what paths in it are relative to. */
export function parseConfig(text: string, env: NodeJS.ProcessEnv, folder = '.'): ParsedConfig {
  const lineCounter = new LineCounter();
  const document = parseDocument(shieldReferences(text), {
    ...{ lineCounter, prettyErrors: false, merge: false },
    // It would write its warnings past everything else; what matters of them the validation says.
    logLevel: 'error',
  });
  const problems: Problem[] = [];
  const report: Report = (offset, path, message) => {
    const { line, col } = lineCounter.linePos(offset);
    problems.push({ path: joinPath(path), line: Math.max(1, line), column: Math.max(1, col), message });
  };

  for (const { code, pos, message } of document.errors) report(pos[0], [], explainSyntax(code, message));
  for (const key of findKeys(document, '<<'))
    report(startOf(key), [], 'merge keys ("<<") are not supported; write the settings out');
  // The validation passes over it without a word.
  for (const key of findKeys(document, '__proto__'))
    report(startOf(key), [], 'nothing can be named "__proto__"; give it another name');
  const danglingAliases = findDanglingAliases(document);
  for (const { alias, isSecret } of danglingAliases)
    report(startOf(alias), [], isSecret ? UNQUOTED_PASSWORD : `nothing is named &${alias.source}`);
  const { bad, referring } = substituteReferences(document, env);
  for (const { node, message } of bad) report(startOf(node), pathOf(document, node), message);

  // What stands in a file with broken syntax is guesswork: judging it would bury the one true problem.
  const isBroken = danglingAliases.length > 0 || document.errors.some(({ code }) => code !== 'DUPLICATE_KEY');
  const unresolved = new Set(bad.map(({ node }) => node));
  const settings = isBroken ? undefined : validate(document, folder, report, unresolved);
  return settings !== undefined && problems.length === 0
    ? { settings, openSecrets: listOpenSecrets(document, settings, referring) }
    : { problems: problems.sort(compareProblems) };
}

type Report = (offset: number, path: readonly PropertyKey[], message: string) => void;

/** The settings, or undefined after all complaints are reported. Of `unresolved` nodes a problem is known already. */
function validate(
  document: Document,
  folder: string,
  report: Report,
  unresolved: ReadonlySet<unknown>,
): Settings | undefined {
  // No limit on aliases: the file is the user's own, and a limit would throw.
  const value: unknown = document.toJS({ maxAliasCount: -1 }) ?? {};
  fillFromMyCnf(value, folder, (path, message) => report(locate(document, path).offset, path, message));
  const result = configSchema.safeParse(value);
  if (result.success) return result.data;
  for (const { path, message } of result.error.issues.flatMap(issue =>
    explainIssue(issue, configSchema, value),
  )) {
    const place = locate(document, path);
    if (path.at(-1) !== '<<' && path.at(-1) !== '__proto__' && !unresolved.has(place.value))
      report(place.offset, path, message);
  }
  return undefined;
}

function listOpenSecrets(document: Document, settings: Settings, referring: ReadonlySet<unknown>): string[] {
  return listSecrets(settings)
    .map(({ path }) => path)
    .filter(path => {
      const { value } = locate(document, path);
      const node = isAlias(value) ? value.resolve(document) : value;
      if (!isScalar(node) || referring.has(node)) return false;
      return typeof node.value === 'string' && node.value !== '' && letsSomebodyIn(path, node.value);
    })
    .map(joinPath);
}

/** Where the parser quotes what it doesn't understand: it may be a password. */
const QUOTED_TEXT = /(extra characters|not a YAML token): .*/is;

function explainSyntax(code: string, message: string): string {
  if (code === 'DUPLICATE_KEY') return 'this key stands twice in its section; keep one';
  if (code === 'TAB_AS_INDENT') return 'a tab as indentation; use spaces';
  return unshieldReferences(message.replace(QUOTED_TEXT, '$1'));
}

function findKeys(document: Document, name: string): Node[] {
  const keys: Node[] = [];
  visit(document, {
    Pair(_, { key }) {
      if (isScalar(key) && key.value === name) keys.push(key);
    },
  });
  return keys;
}

const UNQUOTED_PASSWORD = 'text that begins with "*" must be in quotes';

function findDanglingAliases(document: Document): { alias: Alias; isSecret: boolean }[] {
  const aliases: { alias: Alias; isSecret: boolean }[] = [];
  visit(document, {
    Alias(_, alias, ancestors) {
      if (alias.resolve(document) !== undefined) return;
      const parent = ancestors.at(-1);
      const isSecret = isPair(parent) && isScalar(parent.key) && isSecretKey(parent.key.value);
      aliases.push({ alias, isSecret });
    },
  });
  return aliases;
}

/** Where a setting stands: its key when it has one, else its value; a missing one at the section it belongs to. */
function locate(document: Document, path: readonly PropertyKey[]): { offset: number; value: unknown } {
  let value: unknown = document.contents;
  let offset = startOf(value);
  for (const step of path) {
    if (isAlias(value)) value = value.resolve(document);
    if (isMap(value)) {
      // Of a key that stands twice the last one has won.
      const pair = value.items.findLast(({ key }) => isScalar(key) && String(key.value) === String(step));
      if (pair === undefined) return { offset, value: undefined };
      offset = startOf(pair.key);
      value = pair.value;
    } else if (isSeq(value)) {
      value = value.items[Number(step)];
      offset = startOf(value);
    } else {
      return { offset, value: undefined };
    }
  }
  return { offset, value };
}

function pathOf(document: Document, wanted: Node): PropertyKey[] {
  const path: PropertyKey[] = [];
  visit(document, {
    Node(_position, node, ancestors) {
      if (node !== wanted) return undefined;
      ancestors.forEach((ancestor, index) => {
        if (isPair(ancestor) && isScalar(ancestor.key)) path.push(String(ancestor.key.value));
        const child = ancestors[index + 1] ?? node;
        if (isSeq(ancestor)) path.push(ancestor.items.indexOf(child));
      });
      return visit.BREAK;
    },
  });
  return path;
}

function startOf(node: unknown): number {
  return (node as Node | null | undefined)?.range?.[0] ?? 0;
}
