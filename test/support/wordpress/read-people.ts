import { runPhp, type WordpressSettings } from './run-php.ts';

/** Everybody by login, as WordPress knows them. */
export interface NetworkPeople {
  readonly ids: Readonly<Record<string, number>>;
  /** By blog id: what they are there, and who has written each post. */
  readonly sites: Readonly<
    Record<
      string,
      { readonly roles: Record<string, string>; readonly authors: Record<string, string | null> }
    >
  >;
}

export function readPeople(settings: WordpressSettings, sites: readonly number[]): Promise<NetworkPeople> {
  return runPhp(settings, 'read-people.php', { sites });
}
