/** The whole of a text must match, in any letter case; `*` stands for any text, also none. */
export function compileWildcard(pattern: string): RegExp {
  return new RegExp(`^${pattern.split('*').map(escapeRegExp).join('.*')}$`, 'is');
}

const escapeRegExp = (text: string): string => text.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&');
