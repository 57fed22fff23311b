// `${NAME}` in the configuration file: the value of an environment variable; `$${` is a literal `${`.
//
// Braces mean something to YAML inside `{ … }`, so `{ password: ${PW} }` would not parse. Before parsing, the
// braces of references are therefore swapped for two private characters of the same length, which keeps every
// line and column; the parsed scalars are then substituted. Values from the environment are never parsed as
// YAML: a password may hold any character.
import { type Document, isScalar, type Scalar, visit } from 'yaml';
import { registerSecret } from '../lib/mask-secrets.ts';
import { isSecretKey, isSecretVariable } from './secrets.ts';

const OPEN = '\uE000';
const CLOSE = '\uE001';
/** `$${…}` whole, `$${` alone, `${…}`: in this order. */
const REFERENCE = new RegExp(`(\\$?)\\$${OPEN}([^${OPEN}${CLOSE}]*)${CLOSE}|\\$\\$${OPEN}`, 'g');
const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

export function shieldReferences(text: string): string {
  return text.replace(/\$\{([^{}"'\n]*)\}|(?<=\$)\$\{/g, (_, name: string | undefined) =>
    name === undefined ? `$${OPEN}` : `$${OPEN}${name}${CLOSE}`,
  );
}

/** Text as the user wrote it, for messages that quote shielded text. */
export function unshieldReferences(text: string): string {
  return text.replaceAll(OPEN, '{').replaceAll(CLOSE, '}');
}

export interface BadReference {
  readonly node: Scalar;
  readonly message: string;
}

export interface Substitution {
  /** Those that could not be resolved. */
  readonly bad: readonly BadReference[];
  /** What holds any. */
  readonly referring: ReadonlySet<unknown>;
}

/** Substitutes all references of a parsed document in place. */
export function substituteReferences(document: Document, env: NodeJS.ProcessEnv): Substitution {
  const bad: BadReference[] = [];
  const referring = new Set<unknown>();
  visit(document, {
    Scalar(position, node, ancestors) {
      if (typeof node.value !== 'string') return;
      if (position === 'key') {
        node.value = unshieldReferences(node.value);
        return;
      }
      const isSecret = isSecretKey(keyOf(ancestors.at(-1)));
      if (node.value.search(REFERENCE) !== -1) referring.add(node);
      node.value = substitute(node.value, env, isSecret, message => bad.push({ node, message }));
      if (typeof node.value === 'string' && isSecret) registerSecret(node.value);
    },
  });
  return { bad, referring };
}

function substitute(
  text: string,
  env: NodeJS.ProcessEnv,
  isSecret: boolean,
  complain: (message: string) => void,
): string {
  // Looked for before substitution: a value from the environment may hold `${` and is never looked into.
  if (/\$\{/.test(text))
    complain('has a brace after "$" that is never closed; for a literal one write "$$" before it');
  return text.replace(REFERENCE, (_, escaped: string, name: string | undefined) => {
    if (name === undefined) return '${';
    if (escaped !== '') return `\${${name}}`;
    if (!VARIABLE_NAME.test(name)) {
      // A password may hold braces of its own.
      complain(
        `\${${isSecret ? '…' : name}} is not a reference: between the braces only the name of an environment variable may stand`,
      );
      return '';
    }
    // Own ones alone: `${constructor}` must not find what every object inherits.
    const value = Object.hasOwn(env, name) ? env[name] : undefined;
    if (value === undefined) complain(`the environment variable ${name} is not set; export ${name}=…`);
    // Part of a URL, a header or a command, it stands under a key that says nothing of it.
    else if (isSecretVariable(name)) registerSecret(value);
    return value ?? '';
  });
}

function keyOf(ancestor: unknown): unknown {
  const key = (ancestor as { key?: unknown } | undefined)?.key;
  return isScalar(key) ? key.value : undefined;
}
