// A host with labels in Punycode (`xn--mller-kva.example`), as people type and paste it: `müller.example`, also in
// capitals. WordPress stores the ASCII form, editors and plugins whatever they were given.

import { Buffer } from 'node:buffer';
import { domainToUnicode } from 'node:url';

/** Letters of a host that have capitals and are spelled in either case, each combination being a form of its own. */
const MOST_CASED = 4;

/** The Unicode forms of a host; none of one that is ASCII alone. Each in UTF-8, a character for each byte, and, as JSON
 *  and pages escape it (`\u00fc`, `&#252;`), in UTF-16, a character for each unit. ASCII letters in lower case. */
export function listUnicodeForms(host: string): readonly string[] {
  const text = domainToUnicode(host);
  if (!/[^\0-\x7f]/.test(text)) return [];
  const forms = spellCases(text).flatMap(spelled => [Buffer.from(spelled).toString('latin1'), spelled]);
  return [...new Set(forms)];
}

/** Has the host of this rule's side a Unicode form in which nothing is ASCII but full stops? Nothing of it stands in all
 *  of its spellings, so no search finds it. */
export function hasUnseenForm(from: string): boolean {
  const [host = ''] = /xn--[a-z0-9.-]*|[a-z0-9.-]*\.xn--[a-z0-9.-]*/i.exec(from) ?? [];
  return host !== '' && !/[a-z0-9]/i.test(domainToUnicode(host));
}

function spellCases(text: string): string[] {
  const characters = Array.from(text);
  const cased = characters.flatMap((character, at) => (hasCapital(character) ? [at] : []));
  if (cased.length > MOST_CASED) return [text, capitalize(text)];
  let spelled = [characters];
  for (const at of cased)
    spelled = spelled.flatMap(one => [one, one.with(at, characters[at]!.toUpperCase())]);
  return spelled.map(one => one.join(''));
}

/** Of one character, and no other way back: `ß` has none. */
function hasCapital(character: string): boolean {
  const capital = character.toUpperCase();
  return /[^\0-\x7f]/.test(character) && capital !== character && capital.toLowerCase() === character;
}

const capitalize = (text: string): string =>
  Array.from(text, character => (hasCapital(character) ? character.toUpperCase() : character)).join('');
