// A host as it stands under `hosts` of an environment: a name or a wildcard, perhaps with a port, no scheme and
// no path. Only the writing is judged here; what a host matches is the rewriter's business.
import { domainToASCII } from 'node:url';

const LABEL = /^[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?$/;
const LONGEST_NAME = 253;

export function isWildcard(entry: string): boolean {
  return entry.startsWith('*.');
}

/** What is wrong with the entry and what to write instead, or undefined when it is sound. */
export function explainBadHost(entry: string): string | undefined {
  if (entry.trim() === '') return 'is empty; write a host such as "www.example.edu"';

  const url = /^[a-z][a-z0-9+.-]*:\/\/([^/]*)/i.exec(entry) ?? /^\/\/([^/]*)/.exec(entry);
  if (url) return `must be a host, not a URL; write "${url[1]}"`;
  if (entry.includes('/'))
    return `must be a host without a path; write "${entry.slice(0, entry.indexOf('/'))}"`;
  if (/\s/.test(entry)) return 'must not contain spaces';

  const [name = '', port, ...rest] = entry.split(':');
  if (rest.length > 0) return 'must be a host name with at most one port (IPv6 addresses are not supported)';
  if (port !== undefined && !isPort(port)) return `has no valid port after the colon: "${port}"`;

  const bare = isWildcard(name) ? name.slice(2) : name;
  if (bare.includes('*')) {
    return 'may have a wildcard only as its first label, as in "*.example.edu"';
  }
  if (bare.endsWith('.')) return `must not end in a full stop; write "${entry.replace(/\.(?=:|$)/, '')}"`;
  if (/[^\p{ASCII}]/u.test(bare)) {
    const ascii = domainToASCII(bare);
    return ascii === ''
      ? 'is not a host name'
      : `must be in its ASCII form; write "${entry.replace(bare, ascii)}"`;
  }
  if (isWildcard(name) && !bare.includes('.'))
    return `is too wide: a wildcard needs a domain of at least two labels`;
  if (
    bare.length > LONGEST_NAME ||
    !bare.split('.').every(label => label.length <= 63 && LABEL.test(label))
  ) {
    return 'is not a host name';
  }
  return undefined;
}

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535;
}
