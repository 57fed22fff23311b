// Option files of the MySQL and MariaDB clients, read as these read them.

/** Options by group; of one that stands twice the last. Names with `-` and `_` are the same. */
export function readMyCnf(text: string): Map<string, Map<string, string>> {
  const groups = new Map<string, Map<string, string>>();
  let group: Map<string, string> | undefined;
  for (const line of text.split(/\r?\n/)) {
    const [, name] = /^\s*\[([^\]]*)\]/.exec(line) ?? [];
    if (name !== undefined) {
      group = groups.get(name.trim()) ?? new Map();
      groups.set(name.trim(), group);
      continue;
    }
    const [, key, value] = /^\s*([A-Za-z][\w-]*)\s*=(.*)$/.exec(line) ?? [];
    if (key !== undefined) group?.set(key.replaceAll('_', '-'), readValue(value ?? ''));
  }
  return groups;
}

const ESCAPES: Readonly<Record<string, string>> = {
  ...{ b: '\b', t: '\t', n: '\n', r: '\r', s: ' ' },
  ...{ '\\': '\\', '"': '"', "'": "'" },
};

/** A `#` begins a comment unless it is within quotes; quotes around the whole are taken off; escapes hold in either case. */
function readValue(text: string): string {
  const [before = ''] = /^(?:'(?:\\.|[^'\\])*(?:'|$)|"(?:\\.|[^"\\])*(?:"|$)|[^#])*/.exec(text) ?? [];
  const trimmed = before.trim();
  const [, , quoted] = /^(['"])(.*)\1$/.exec(trimmed) ?? [];
  return (quoted ?? trimmed).replace(/\\(.)/g, (whole, letter: string) => ESCAPES[letter] ?? whole);
}
