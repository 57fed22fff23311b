/** What oclif's parser says of a wrong command line, in one sentence for each thing that is wrong. Its own texts have
 *  headings, tabs and lists. `text`: without colours, and with what was typed shown as it is safe to show. */
export function explainParserError(text: string): string {
  const lines = text
    .replace(/\nSee more help with --help$/, '')
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '' && !NOISE.some(pattern => pattern.test(line)));
  const message = joinHeadings(lines).map(explainLine).join('\n');
  return message === '' ? text : message;
}

const NOISE = [
  /^The following errors? occurred:$/,
  /^Note: .* allows multiple values/,
  /^Alternatively, you can use "--"/,
];

/** A line that announces what comes has it at its end: `Parsing --site`, `Missing 1 required arg:`. */
function joinHeadings(lines: readonly string[]): string[] {
  const joined: string[] = [];
  for (const line of lines) {
    const last = joined.at(-1);
    const isAnnounced = last !== undefined && (/^Parsing --\S+$/.test(last) || last.endsWith(':'));
    if (isAnnounced) joined[joined.length - 1] = `${last} ${line}`;
    else joined.push(line);
  }
  return joined;
}

const SENTENCES: readonly (readonly [RegExp, string])[] = [
  [/^Parsing (--\S+) Expected an integer but received: (.*)$/s, '$1 takes a whole number; "$2" is none.'],
  [
    /^Parsing (--\S+) Expected an integer (greater|less) than or equal to (\d+) but received: (.*)$/s,
    '$1 takes a whole number, $2 than or equal to $3; "$4" is beyond.',
  ],
  [/^Parsing (--\S+) (.*)$/s, '$1: $2'],
  [/^All of the following must be provided when using (--\S+): (--\S+)$/, '$1 needs $2 as well.'],
  [
    /^(--[^=\s]+)(?:=\S*)? cannot also be provided when using (--\S+)$/,
    '$1 cannot be given together with $2.',
  ],
  [/^Missing required flag (\S+)$/, '--$1 is missing.'],
  [/^Missing \d+ required args?: (.*)$/s, 'An argument is missing: $1'],
  [/^Unexpected arguments?: (.*)$/s, 'One argument too many: $1'],
  [/^Flag (--\S+) expects a value$/, '$1 needs a value.'],
  [/^Flag (--\S+) can only be specified once$/, '$1 may be given only once.'],
  [/^Expected (--[^=\s]+)=(.*) to be one of: (.*)$/s, '$1 takes one of $3; "$2" is none of them.'],
];

function explainLine(line: string): string {
  const known = SENTENCES.find(([pattern]) => pattern.test(line));
  return known ? line.replace(known[0], known[1]).replace(/ {2,}/g, ': ') : line;
}
