// Passwords and keys in text that others have made: a driver's message, what a hook prints, where a page leads. Such
// text is masked where it comes in, and only there, as a password may well read like a word, a name or an id of our own.
// A last look at what goes out takes only secrets that can't be mistaken for anything else.

const MASK = '***';

/** From this length on a secret is masked wherever it stands. A shorter one also stands in the middle of ordinary words:
 *  masking it there would garble them, and give it away. */
const LONG = 6;

/** What is before and after a short secret that stands by itself: a word, something in quotes, the value of an option;
 *  or behind a user and a colon. */
const AFTER = String.raw`$|[\s"'\`)\]}<>,;|&\x1b]|[.:!?](?:\s|$)`;
const BEFORE = String.raw`(?<=^|[\s"'\`=(\[{<>,;|&?]|(?:^|\s)-p|\x1b\[[\d;]*m)`;
const AFTER_USER = `(?<=[A-Za-z_"']:)`;

/** Whose secret it is, is not for us to know: `https://ann:secret@host/`. */
const IN_URL = String.raw`(?<=:\/\/[^\s\/@:]*:)[^\s\/@]+(?=@)`;

/** No word, name, id or path of the program's own is like this: long, without a blank, with letters and digits. */
const LEAST_UNMISTAKABLE = 12;
const UNMISTAKABLE = /^(?=.*[a-z])(?=.*\d)\S+$/i;
const OUR_OWN = /wfuwp|env-migrate|\d{4}-\d\d-\d\d/i;

const secrets = new Set<string>();
const names = new Set<string>();
let patterns: Readonly<Record<'all' | 'long' | 'unmistakable', RegExp | null>> | null = null;

/** From now on this value is masked, also as it reads inside JSON and URLs; and each long line of it by itself. */
export function registerSecret(value: string): void {
  const lines = value.split(/\r?\n/).filter(line => line.length >= LONG);
  // A blank one would take the blanks out of every text, and nobody could read it anyway.
  for (const text of [value, ...lines]) if (text.trim() !== '') secrets.add(text);
  patterns = null;
}

/** What anybody may read although it is somebody's password as well: an environment, a database, a user, a path. */
export function registerName(name: string): void {
  names.add(name);
  patterns = null;
}

/** The text of a program or a person with every secret replaced. A short one only where it stands by itself. */
export function maskSecrets(text: string): string {
  return mask(text, 'all');
}

/** The same for text that is full of names, as a server's messages are: short secrets stay, since they may be a name. */
export function maskLongSecrets(text: string): string {
  return mask(text, 'long');
}

/** For what goes out, our own words included: only secrets that nothing of our own can look like. */
export function maskUnmistakable(text: string): string {
  return mask(text, 'unmistakable');
}

function mask(text: string, kind: 'all' | 'long' | 'unmistakable'): string {
  patterns ??= compilePatterns();
  const pattern = patterns[kind];
  return pattern ? text.replace(pattern, MASK) : text;
}

function compilePatterns(): NonNullable<typeof patterns> {
  const all = [...secrets];
  const [long, short] = [all.filter(isLong), all.filter(secret => !isLong(secret))];
  const ofLong = long.length > 0 ? [matchAny(long)] : [];
  const ofShort =
    short.length > 0
      ? [`${BEFORE}${matchAny(short)}(?=${AFTER})`, `${AFTER_USER}${matchAny(short)}(?=@|${AFTER})`]
      : [];
  const unmistakable = long.filter(isUnmistakable);
  return {
    all: compile([...ofLong, ...ofShort, IN_URL]),
    long: compile([...ofLong, IN_URL]),
    unmistakable: compile(unmistakable.length > 0 ? [matchAny(unmistakable)] : []),
  };
}

/** All in one pass, so that nothing is looked for in a mask. */
function compile(alternatives: readonly string[]): RegExp | null {
  return alternatives.length > 0 ? new RegExp(alternatives.join('|'), 'g') : null;
}

/** Longest first: one may be the beginning of another. */
function matchAny(values: readonly string[]): string {
  const forms = [...new Set(values.flatMap(listForms))].sort((a, b) => b.length - a.length);
  return `(?:${forms.map(form => form.replace(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`)).join('|')})`;
}

/** As it is, inside JSON, in a URL and in the body of a form. */
function listForms(value: string): string[] {
  const json = JSON.stringify(value).slice(1, -1);
  // A lone surrogate makes encodeURIComponent throw; such a value can't stand in a URL anyway.
  if (!value.isWellFormed()) return [value, json];
  const url = encodeURIComponent(value);
  const inForm = new URLSearchParams({ '': value }).toString().slice(1);
  return [value, json, json.replaceAll('/', String.raw`\/`), url, url.replace(/%../g, lower), inForm];
}

const lower = (text: string): string => text.toLowerCase();

function isLong(secret: string): boolean {
  return secret.length >= LONG;
}

function isUnmistakable(secret: string): boolean {
  return (
    secret.length >= LEAST_UNMISTAKABLE &&
    UNMISTAKABLE.test(secret) &&
    !OUR_OWN.test(secret) &&
    !names.values().some(name => name.includes(secret))
  );
}
