// The program's own marks where a terminal has only ASCII. Each is one column wide, as the mark that it stands for, so
// that columns stay columns. What others have written is left as it is.

const ASCII_MARKS: Readonly<Record<string, string>> = {
  '✔': '+',
  '✖': 'x',
  '→': '>',
  '↶': '<',
  '▸': '>',
  '·': '-',
  '…': '~',
  ...Object.fromEntries(Array.from('⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏').map((frame, place) => [frame, '|/-\\'.charAt(place % 4)])),
};

const MARK = new RegExp(`[${Object.keys(ASCII_MARKS).join('')}]`, 'gu');

/** Does this environment say that text is not UTF-8? Where it says nothing, it is. */
export function wantsAscii(env: Readonly<Record<string, string | undefined>>): boolean {
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || '';
  return locale !== '' && !/utf-?8/i.test(locale);
}

/** Of this process. */
export const isAscii = wantsAscii(process.env);

export function spellInAscii(text: string): string {
  return text.replace(MARK, mark => ASCII_MARKS[mark] ?? mark);
}
