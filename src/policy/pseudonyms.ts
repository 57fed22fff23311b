// Names for people that tell nothing of them, always the same for the same text: whoever has an address in one table has
// its pseudonym in every other, and in every later migration with the same key. Without the key nobody can compute them.

import { createHash, createHmac } from 'node:crypto';

/** Hex digits of the hash that a pseudonym has: two people have the same one once in sixteen million networks of a
 *  thousand people. */
const LETTERS = 12;

const PSEUDONYM = /^Person [0-9a-f]{12}$/;

/** Without a key of the target's own pseudonyms are still stable, but can be checked against a list of addresses. */
const NO_KEY = 'wfuwp';

/** RFC 2606: no mail ever gets there. */
const DOMAIN = 'example.invalid';

// Retina images (logo@2x.png) and the like are no addresses.
const ADDRESS =
  /[a-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?!(?:png|jpe?g|gif|svg|webp|avif|js|css)\b)[a-z]{2,}/gi;
const IP_ADDRESS = /^(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7})$/i;

export interface Pseudonyms {
  name(text: string): string;
  address(text: string): string;
  /** All that is known of a text is where it stands: an address, or text with addresses in it, an IP address, a name. */
  any(text: string): string;
  /** Only the addresses in a text; the same text when there are none. */
  addressesIn(text: string): string;
  isStaff(address: string): boolean;
}

/** `staff`: logins, addresses and `@domain`; those addresses stay as they are. */
export function createPseudonyms(key: string | null, staff: readonly string[]): Pseudonyms {
  const secret = key ?? NO_KEY;
  const known = new Set(staff.map(fold));
  const hash = (kind: string, text: string): string =>
    createHmac('sha256', secret)
      .update(`${kind}\0${fold(text)}`)
      .digest('hex')
      .slice(0, LETTERS);
  const isStaff = (address: string): boolean => {
    const folded = fold(address);
    return known.has(folded) || (folded.includes('@') && known.has(folded.slice(folded.lastIndexOf('@'))));
  };
  const address = (text: string): string =>
    isStaff(text) || fold(text).endsWith(`@${DOMAIN}`) ? text : `person-${hash('address', text)}@${DOMAIN}`;
  const name = (text: string): string => (PSEUDONYM.test(text) ? text : `Person ${hash('name', text)}`);
  const addressesIn = (text: string): string =>
    text.includes('@') ? text.replaceAll(ADDRESS, found => address(found)) : text;
  return {
    name,
    address,
    addressesIn,
    isStaff,
    any(text) {
      if (IP_ADDRESS.test(text.trim())) return '0.0.0.0';
      const [found] = text.match(ADDRESS) ?? [];
      return found !== undefined && found.length === text.trim().length ? address(text.trim()) : name(text);
    },
  };
}

/** Says whether two keys are the same, and not what they are. */
export function digestKey(key: string): string {
  return createHash('sha256').update(`wfuwp pseudonyms\0${key}`).digest('base64url').slice(0, 16);
}

const fold = (text: string): string => text.trim().toLowerCase();
