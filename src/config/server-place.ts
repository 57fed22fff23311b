// Where a database server is, in one piece as people write it: `db1`, `db1:3307`, `[::1]:3306`, `/run/mysqld.sock`.
import { isIPv6 } from 'node:net';

export type ServerPlace = { readonly host: string; readonly port?: number } | { readonly socketPath: string };

const LONGEST_NAME = 253;
const NAME =
  /^[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?)*\.?$/;

/** undefined: it is no place. A bare IPv6 address has no port. */
export function parseServerPlace(text: string): ServerPlace | undefined {
  if (/^\/[^\0]/.test(text)) return { socketPath: text };
  if (isIPv6(text)) return { host: text };
  const [, bracketed, name, digits] = /^(?:\[([^[\]]*)\]|([^:[\]]*))(?::(\d+))?$/.exec(text) ?? [];
  const host = bracketed ?? name ?? '';
  const isHost = bracketed === undefined ? isServerName(host) : isIPv6(host);
  if (!isHost || (digits !== undefined && !isPort(Number(digits)))) return undefined;
  return { host, ...(digits === undefined ? {} : { port: Number(digits) }) };
}

/** Why it can't be `host` of a database, which stands apart from its port; undefined: it can. */
export function explainBadServer(host: string): string | undefined {
  if (isIPv6(host) || isServerName(host)) return undefined;
  const place = parseServerPlace(host);
  if (place === undefined) return 'is neither the name nor the address of a server';
  if ('socketPath' in place) return 'is the path of a socket; write it as "socketPath" instead of "host"';
  const { host: alone, port } = place;
  return port === undefined
    ? `must be without brackets; write "${alone}"`
    : `must be without the port; write host: "${alone}" and port: ${port}`;
}

function isServerName(text: string): boolean {
  return text.length <= LONGEST_NAME && NAME.test(text);
}

export function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= 65_535;
}
