import { domainToASCII } from 'node:url';

/** Where a site answers, as a row of the blogs table has it. */
export interface SiteAddress {
  readonly domain: string;
  readonly path: string;
}

export const writeAddress = ({ domain, path }: SiteAddress): string => `${domain}${path}`;

/** Two addresses at which WordPress would find the same row read the same: letter case, a dot at the end of the host, the
 *  usual ports, the slashes around the path and the spelling of an international name make no difference. */
export function foldAddress({ domain, path }: SiteAddress): string {
  const [, host = '', port = ''] = /^(.*?)\.*(:\d+)?$/s.exec(domain.trim()) ?? [];
  const folded = (domainToASCII(host) || host).toLowerCase();
  const place = path
    .trim()
    .toLowerCase()
    .replaceAll(/^\/+|\/+$/g, '');
  return `${folded}${port === ':80' || port === ':443' ? '' : port}/${place}`;
}

/** As foldAddress, and `www.` makes no difference, either: WordPress would tell such rows apart, but people who give a
 *  site its address don't mean two sites by them. */
export function foldIdentity({ domain, path }: SiteAddress): string {
  return foldAddress({ domain: domain.trim().replace(/^www\./i, ''), path });
}
