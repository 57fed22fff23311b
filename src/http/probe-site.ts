import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, type FindSource, judgeHome, judgeLogin, type PageVerdict } from './judge-page.ts';
import { requestPage } from './request-page.ts';

/** How the sites of an environment are reached. */
export interface ProbeAddress {
  readonly scheme: 'http' | 'https';
  /** Where to connect to, whatever the site; null: where DNS says. */
  readonly connectTo: URL | null;
  /** Go with every request, such as those of a password in front of an environment. */
  readonly headers: Readonly<Record<string, string>>;
  readonly verifyCertificate: boolean;
}

export interface Probe extends ProbeAddress {
  readonly timeoutMs: number;
  /** Ask for the login page, too. */
  readonly login: boolean;
}

export interface Probed {
  readonly verdicts: readonly PageVerdict[];
  /** Of the home page; null: there was none. */
  readonly latencyMs: number | null;
}

/** Before a page that didn't come, or only an error of the server, is asked for once more: a worker that has just been
 *  recycled is no broken site. */
const PAUSE_MS = 500;

/** Asks for two pages of the site and judges them. Rejects only with the signal's reason. */
export async function probeSite(
  site: { readonly domain: string; readonly path: string },
  probe: Probe,
  findSource: FindSource,
  signal: AbortSignal,
): Promise<Probed> {
  const home = readAddress(site, probe);
  if (home === null) {
    const error = `${probe.scheme}://${site.domain}${site.path} is no address`;
    return { verdicts: [{ test: 'http_status', error }], latencyMs: null };
  }
  const answer = await ask(home, probe, signal);
  const verdicts = judgeHome(answer, home, findSource);
  const latencyMs = answer instanceof Error ? null : answer.latencyMs;
  if (!probe.login) return { verdicts, latencyMs };
  const login = new URL('wp-login.php', home);
  const loginAnswer = await ask(login, probe, signal);
  return { verdicts: [...verdicts, judgeLogin(loginAnswer, login, findSource)], latencyMs };
}

/** null where the two don't make an address, or one of another host than the site's: the headers may hold a password,
 *  and whoever names a site `evil.com/x` or its path `@evil.com/` would get it. */
function readAddress({ domain, path }: { domain: string; path: string }, { scheme }: Probe): URL | null {
  const text = `${scheme}://${domain}${path}`;
  return /[\s/\\?#@]/.test(domain) || !path.startsWith('/') || !URL.canParse(text) ? null : new URL(text);
}

async function ask(url: URL, probe: Probe, signal: AbortSignal): Promise<Answer> {
  const first = await askOnce(url, probe, signal);
  if (!(first instanceof Error) && first.status < 500) return first;
  await sleep(PAUSE_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
  return askOnce(url, probe, signal);
}

async function askOnce(url: URL, probe: Probe, signal: AbortSignal): Promise<Answer> {
  try {
    return await requestPage({ ...probe, url, signal });
  } catch (error) {
    signal.throwIfAborted();
    return error as Error;
  }
}
