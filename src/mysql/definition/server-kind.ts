// Which server, as far as it decides what a definition may say.

export interface ServerKind {
  readonly flavour: 'mariadb' | 'mysql';
  readonly version: readonly number[];
}

/** From what VERSION() says. */
export function readServerKind(version: string): ServerKind {
  // Behind some proxies a MariaDB calls itself 5.5.5-10.11.6-MariaDB.
  const numbers = /^(?:5\.5\.5-)?(\d+)\.(\d+)(?:\.(\d+))?/.exec(version) ?? [];
  return {
    flavour: /mariadb/i.test(version) ? 'mariadb' : 'mysql',
    version: numbers.slice(1).map(number => Number(number ?? 0)),
  };
}

export function isAtLeast({ version }: ServerKind, wanted: readonly number[]): boolean {
  for (const [index, number] of wanted.entries()) {
    const own = version[index] ?? 0;
    if (own !== number) return own > number;
  }
  return true;
}

/** Must a definition of `from` be looked at before `to` is given it? The same server, and a newer one, take what it has
 *  printed. */
export function needsTranslation(from: ServerKind, to: ServerKind): boolean {
  return from.flavour !== to.flavour || !isAtLeast(to, from.version.slice(0, 2));
}
