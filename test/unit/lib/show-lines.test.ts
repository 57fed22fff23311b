import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { registerName, registerSecret } from '../../../src/lib/mask-secrets.ts';
import { createPaint, joinParts } from '../../../src/lib/paint.ts';
import { showLine, showLines, writeLines } from '../../../src/lib/show-lines.ts';
import { FakeTerminal } from '../../support/fake-terminal.ts';
import { TROUBLEMAKERS } from '../../support/troublemakers.ts';

const paint = createPaint(true);

describe('what is shown', () => {
  it('has the styles of the program, and none of others', () => {
    const line = joinParts(
      paint('red', '✖'),
      ' ',
      paint('bold', joinParts('a', paint('dim', '\u001b[31mb'))),
    );
    expect(showLine(line)).toBe(
      '\u001b[31m✖\u001b[39m \u001b[1ma\u001b[22m\u001b[1m\u001b[2m\\x1b[31mb\u001b[22m\u001b[22m',
    );
  });

  it('has the lines of the program, and none of others', () => {
    expect(showLines(['one\nFAKE', 'two'])).toBe('one\\nFAKE\ntwo');
  });

  it.each(TROUBLEMAKERS)('has no %s', (_, character) => {
    expect(showLine(`a${character}b`)).not.toContain(character);
    expect(stripVTControlCharacters(showLine(paint('red', `a${character}b`)))).not.toContain(character);
  });

  it('has no secret that is plainly one, and every name', () => {
    registerSecret('x9-Kq2vT-7hf0');
    registerSecret('Wordpress_2026');
    registerName('db.Wordpress_2026.example.edu');
    expect(showLine('it said x9-Kq2vT-7hf0')).toBe('it said ***');
    expect(showLine('to Wordpress_2026')).toBe('to Wordpress_2026');
  });

  it('is nothing at all where there are no lines', () => {
    const terminal = new FakeTerminal();
    writeLines(terminal, []);
    expect(terminal.writes).toEqual([]);
    writeLines(terminal, ['a', '']);
    expect(terminal.writes).toEqual(['a\n\n']);
  });
});
