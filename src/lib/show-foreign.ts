// Text that others have made (a table's name, a site's path, a server's message), so that it can only be read.

/** What a terminal obeys, what turns round the order of what is read, and what nobody sees: controls, formats, halves of
 *  surrogate pairs, line and paragraph separators, private and ignorable characters, and blanks that aren't the space. */
const UNSEEN =
  /[[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Zs}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\u2800]--[ ]]/gv;

const WELL_KNOWN: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Shows such characters as escapes: `\n`, `\x1b`, `\u{202e}`. A backslash stays as it is, so a path can be copied, and
 *  what has been shown once stays the same when it is shown again. */
export function showForeign(text: string): string {
  return text.replace(
    UNSEEN,
    character => WELL_KNOWN[character] ?? escapeCode(character.codePointAt(0) ?? 0),
  );
}

/** JSON with the same characters as escapes: another spelling of the same value. Line breaks stay, as in JSON text they
 *  only stand between values. */
export function escapeInJson(json: string): string {
  return json.replace(UNSEEN, character => (character === '\n' ? character : escapeUnits(character)));
}

function escapeCode(codePoint: number): string {
  const digits = codePoint.toString(16);
  return codePoint < 0x100 ? `\\x${digits.padStart(2, '0')}` : `\\u{${digits}}`;
}

/** JSON has no escape for a character beyond the first 65536: it writes both halves of the pair. */
function escapeUnits(character: string): string {
  return character
    .split('')
    .map(unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}
