// Whether a page of a migrated site is what it should be. Pure.

import { maskLongSecrets } from '../lib/mask-secrets.ts';
import type { Page } from './request-page.ts';

export type PageTest = 'http_status' | 'http_source_redirect' | 'http_source_host' | 'http_login';

export interface PageVerdict {
  readonly test: PageTest;
  /** null: it passed. */
  readonly error: string | null;
}

/** The source's names in a text, as they stand there, each as often as it does. */
export type FindSource = (text: Buffer) => readonly string[];

/** A page, or why there is none. */
export type Answer = Page | Error;

/** Of the home page. Where there is no page, only the first test is judged. */
export function judgeHome(answer: Answer, url: URL, findSource: FindSource): PageVerdict[] {
  if (answer instanceof Error) return [{ test: 'http_status', error: answer.message }];
  return [
    { test: 'http_status', error: judgeStatus(answer, url) },
    { test: 'http_source_redirect', error: judgeRedirect(answer, findSource) },
    { test: 'http_source_host', error: judgeBody(answer, findSource) },
  ];
}

/** Of the login page, in one: whoever wants to log in cares for all of it. */
export function judgeLogin(answer: Answer, url: URL, findSource: FindSource): PageVerdict {
  const error =
    answer instanceof Error
      ? answer.message
      : (judgeStatus(answer, url) ?? judgeRedirect(answer, findSource) ?? judgeBody(answer, findSource));
  return { test: 'http_login', error: error && `${url.pathname}: ${error}` };
}

/** Where WordPress sends whoever asks for a site that it doesn't know. */
const NO_SUCH_SITE = /\/wp-(?:signup|activate)\.php$/;

function judgeStatus({ status, location, body }: Page, url: URL): string | null {
  if (status >= 300 && status < 400 && status !== 304) {
    const to = location === null ? null : parseLocation(location, url);
    if (!to) return `answered ${status} without saying where to go`;
    if (to.href === url.href) return `answered ${status}, to itself`;
    if (NO_SUCH_SITE.test(to.pathname))
      return `answered ${status} to ${maskLongSecrets(to.href)}: WordPress does not know the site`;
    return null;
  }
  if (status < 200 || status >= 300) return `answered ${status}`;
  return body.length === 0 ? `answered ${status} with an empty page` : null;
}

function parseLocation(location: string, url: URL): URL | null {
  return URL.canParse(location, url.href) ? new URL(location, url.href) : null;
}

function judgeRedirect({ location }: Page, findSource: FindSource): string | null {
  if (location === null || findSource(Buffer.from(location)).length === 0) return null;
  return `redirects to the source: ${maskLongSecrets(location)}`;
}

const MOST_NAMES = 3;

function judgeBody({ body, isCut }: Page, findSource: FindSource): string | null {
  const names = findSource(isCut ? dropLastWord(body) : body);
  if (names.length === 0) return null;
  const different = [...new Set(names)];
  const shown = different.slice(0, MOST_NAMES).join(', ');
  const more = different.length > MOST_NAMES ? ` and ${different.length - MOST_NAMES} more` : '';
  return `names the source ${names.length} ${names.length === 1 ? 'time' : 'times'}: ${shown}${more}`;
}

/** The beginning of a host may look like another one. */
function dropLastWord(body: Buffer): Buffer {
  const text = body.toString('latin1');
  return body.subarray(0, text.search(/[^\s"'<>]*$/));
}
