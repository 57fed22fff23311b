/** One thing that is wrong in the configuration file. Never holds the value of a secret. */
export interface Problem {
  /** Dotted path of the setting, empty for the file as a whole. */
  readonly path: string;
  /** Both from 1. */
  readonly line: number;
  readonly column: number;
  /** What is wrong, and what to write instead. */
  readonly message: string;
}

/** A setting's path as people write it: `environments.prod.hosts.main`, `rewrite.pairs[2].to`. */
export function joinPath(path: readonly PropertyKey[]): string {
  return path
    .map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index === 0 ? '' : '.'}${String(key)}`))
    .join('');
}

/** In the order of the file. */
export function compareProblems(a: Problem, b: Problem): number {
  return a.line - b.line || a.column - b.column;
}

/** `file:line:column  setting: what is wrong`, one line each. */
export function formatProblems(file: string, problems: readonly Problem[]): string[] {
  const lines = problems.map(({ path, line, column, message }) => {
    const setting = path === '' ? '' : `${path}: `;
    return `  ${file}:${line}:${column}  ${setting}${message}`;
  });
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  return [`${file} has ${count}:`, ...lines];
}
