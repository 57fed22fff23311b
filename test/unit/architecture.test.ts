// Who may import whom, and where each library lives. Two tables; each row says why, and the reason is what a failure
// prints. A new folder or library needs a row: that is the moment to think about where it belongs.
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

interface LayerRule {
  /** Folder or file of src/. */
  readonly layer: string;
  /** Folders or files of src/ it may import from; `types:` in front: only types. `*`: everything. */
  readonly may: readonly string[];
  readonly reason: string;
}

const LAYERS: readonly LayerRule[] = [
  {
    layer: 'commands/',
    may: [
      'cli/',
      'runtime.ts',
      'runtime/',
      'migrate.ts',
      'config/',
      'lib/',
      'errors.ts',
      'types:migration/',
      'types:rewrite/',
    ],
    reason:
      'A command parses, calls one thing and returns the result: no SQL, no retry, nothing that it would take apart.',
  },
  {
    layer: 'cli/',
    may: [
      'config/',
      'migration/',
      'types:rewrite/',
      'sinks/describe-event.ts',
      'sinks/site-names.ts',
      'lib/',
      'errors.ts',
    ],
    reason: 'The terminal side of commands knows words and flags, not how a migration works.',
  },
  {
    layer: 'runtime.ts',
    may: ['*'],
    reason: 'The composition root: the one file that may know everyone, so that nobody else has to.',
  },
  {
    layer: 'runtime/',
    may: ['*'],
    reason: 'Parts of the composition root, each for one thing that can be done with a run.',
  },
  {
    layer: 'migrate.ts',
    may: ['phases/', 'migration/', 'lib/', 'errors.ts'],
    reason:
      'The story is told in phases; a detail of a server or a site in it would be a chapter in the wrong book.',
  },
  {
    layer: 'phases/',
    may: [
      'types:site/',
      'site/site-task.ts',
      'executors/executor.ts',
      'migration/',
      'mysql/',
      's3/',
      'policy/',
      'http/',
      'rewrite/',
      'lib/',
      'errors.ts',
    ],
    reason:
      'A phase hands site tasks to an executor, which alone decides where they run: it may speak of sites, not run them.',
  },
  {
    layer: 'executors/',
    may: ['site/', 'migration/', 'lib/', 'errors.ts'],
    reason:
      'An executor only decides where site tasks run. One that knows servers or phases can not move to another machine.',
  },
  {
    layer: 'sinks/',
    may: ['migration/', 'lib/', 'errors.ts'],
    reason:
      'A sink is told what happened. It has no way back into the run, so that a failing one can not harm it.',
  },
  {
    layer: 'server/',
    may: ['migration/', 'lib/', 'errors.ts'],
    reason: 'The dashboard shows what is folded from the journal, and nothing that only it knows.',
  },
  {
    layer: 'site/',
    may: ['migration/', 'mysql/', 's3/', 'policy/', 'rewrite/', 'lib/', 'errors.ts'],
    reason: 'What happens to one site must not know of the others, or one failed site can spoil another.',
  },
  {
    layer: 'mysql/',
    may: ['types:policy/', 'types:rewrite/', 'lib/', 'errors.ts'],
    reason:
      'A border: it knows servers and tables, no sites and no plan; it is handed what rewrites a value and what treats a row.',
  },
  {
    layer: 's3/',
    may: ['types:rewrite/', 'lib/', 'errors.ts'],
    reason: 'A border: it knows buckets and keys, no sites and no plan.',
  },
  {
    layer: 'shell/',
    may: ['lib/', 'errors.ts'],
    reason: 'A border: it runs a command and says how it ended, and knows nobody who would want that.',
  },
  {
    layer: 'http/',
    may: ['types:rewrite/', 'lib/', 'errors.ts'],
    reason: 'A border: it asks for pages and judges them, and knows no run and no plan.',
  },
  {
    layer: 'migration/',
    may: [
      'types:sinks/sink.ts',
      'policy/planned-treatment.ts',
      'policy/user-map.ts',
      'types:policy/',
      'lib/',
      'errors.ts',
    ],
    reason:
      'What a migration is (plan, events, state) stands on its own, so that state can be folded without any server.',
  },
  {
    layer: 'config/',
    may: ['lib/', 'errors.ts'],
    reason: 'Configuration is read before anything else exists.',
  },
  {
    layer: 'policy/',
    may: ['rewrite/serialized-tokens.ts', 'rewrite/bytes.ts', 'lib/', 'errors.ts'],
    reason:
      'Names and bytes in, decisions out: a rule is tried on one row, and the plan is all that it is made from.',
  },
  {
    layer: 'rewrite/',
    may: ['errors.ts'],
    reason: 'Bytes in, bytes out: the rewriter is tried on its own, a million values at a time.',
  },
  { layer: 'lib/', may: ['errors.ts'], reason: 'A small tool that knows the program is no tool.' },
  { layer: 'errors.ts', may: [], reason: 'Everybody imports it: anything it imported would be everywhere.' },
];

interface LibraryRule {
  /** Names, or beginnings of names that end in `/`. */
  readonly libraries: readonly string[];
  readonly homes: readonly string[];
  readonly reason: string;
}

const LIBRARIES: readonly LibraryRule[] = [
  {
    libraries: ['@oclif/'],
    homes: ['commands/', 'cli/'],
    reason: 'Nothing below the commands knows it was started from a terminal.',
  },
  {
    libraries: ['enquirer'],
    homes: ['cli/'],
    reason: 'All questions are asked in one place, before anything starts.',
  },
  {
    libraries: ['zod', 'yaml'],
    homes: ['config/'],
    reason: 'The file is judged once; behind that there are only our own types.',
  },
  {
    libraries: ['mysql2', 'mysql2/'],
    homes: ['mysql/'],
    reason: 'Driver errors are classified where they come in, and nowhere else.',
  },
  {
    libraries: ['@aws-sdk/'],
    homes: ['s3/'],
    reason: 'Driver errors are classified where they come in, and nowhere else.',
  },
  {
    libraries: ['execa'],
    homes: ['shell/'],
    reason: 'Whoever starts another program needs a time limit and must not hang on its output: solved once.',
  },
  {
    libraries: ['listr2'],
    homes: ['sinks/terminal.ts', 'sinks/terminal/'],
    reason: 'The display is a view; a run must not depend on it.',
  },
  {
    libraries: ['proper-lockfile'],
    homes: ['migration/lock.ts'],
    reason: 'One lock, one place that knows when it is lost.',
  },
];

describe('who may import whom', () => {
  const imports = listImports();

  it.each(LAYERS)('$layer', ({ layer, may, reason }) => {
    const wrong = imports
      .filter(
        ({ file, target }) =>
          isWithin(file, layer) && !target.startsWith('package:') && !isWithin(target, layer),
      )
      .filter(({ target, typeOnly }) => !may.some(entry => isAllowed(entry, target, typeOnly)))
      .map(({ file, target, typeOnly }) => `${file} imports ${typeOnly ? 'types of ' : ''}${target}`);
    expect(wrong, `${layer} may import: ${may.join(', ') || 'nothing'}. ${reason}`).toEqual([]);
  });

  it('has a row for every folder and file of src/', () => {
    const files = [...new Set(imports.map(({ file }) => file)), ...listSources()];
    const unknown = files.filter(file => !LAYERS.some(({ layer }) => isWithin(file, layer)));
    expect(unknown, 'A new folder needs a row in LAYERS, with its reason.').toEqual([]);
  });
});

describe('one library, one home', () => {
  const uses = listImports()
    .filter(({ target }) => target.startsWith('package:'))
    .map(({ file, target }) => ({ file, name: target.slice('package:'.length) }));

  it.each(LIBRARIES)('$libraries', ({ libraries, homes, reason }) => {
    const wrong = uses
      .filter(
        ({ file, name }) =>
          libraries.some(library => isWithin(name, library)) && !homes.some(home => isWithin(file, home)),
      )
      .map(({ file, name }) => `${file} imports ${name}`);
    expect(wrong, `It may be imported in: ${homes.join(', ')}. ${reason}`).toEqual([]);
  });

  it('has a row for every library', () => {
    const homeless = uses.filter(
      ({ name }) => !LIBRARIES.some(({ libraries }) => libraries.some(library => isWithin(name, library))),
    );
    expect(homeless, 'A new library needs a home in LIBRARIES, with its reason.').toEqual([]);
  });
});

/** Who writes to a terminal, a pipe or a log besides lib/show-lines.ts, through which all text for people leaves. */
const WRITERS: Readonly<Record<string, string>> = {
  'lib/show-lines.ts': 'the door itself',
  'cli/print-json.ts': 'JSON, in which nothing is left for a terminal to obey',
  'cli/write-output.ts': 'the bytes that `rewrite` gives back',
  'cli/terminal-input.ts': 'keys, on their way to a prompt',
  'cli/watch-status.ts': 'cursor codes around what a renderer has shown',
  'sinks/unit-progress.ts': 'cursor codes around a number',
  'sinks/terminal/slot-screen.ts': 'cursor codes; titles are shown before listr2 has them',
  'sinks/progress-log.ts': 'shown lines, at once',
  'migration/lock-folder.ts': 'the holder of a lock, as JSON, into its file',
  'runtime/open-work.ts': 'no stream: tells the target how far the journal is',
};

describe('text for people leaves through one door', () => {
  const sources = listSources().map(file => ({ file, text: readFileSync(join('src', file), 'utf8') }));

  it('nobody else writes to a stream, besides those who say why', () => {
    const writing = sources
      .filter(({ file }) => !isWithin(file, 'mysql/'))
      .filter(({ text }) => /\.write\(|\bwriteSync\(|\bconsole\.|\bstyleText\(/.test(text))
      .map(({ file }) => file);
    expect(writing.sort()).toEqual(Object.keys(WRITERS).sort());
  });

  it('nobody else says that a text is shown already', () => {
    const claiming = sources.filter(({ text }) => /\bas (?:unknown as )?Shown\b/.test(text));
    expect(claiming.map(({ file }) => file)).toEqual(['lib/show-lines.ts']);
  });
});

describe('the scanner of imports', () => {
  it.each([
    ["import { a } from './x.ts';", 'cli/x.ts', false],
    ["import type { A } from './x.ts';", 'cli/x.ts', true],
    ["import { type A, type B } from './x.ts';", 'cli/x.ts', true],
    ["import { type A, b } from './x.ts';", 'cli/x.ts', false],
    ["import {\n  a,\n  type B,\n} from '../mysql/x.ts';", 'mysql/x.ts', false],
    ["export type { A } from '../mysql/x.ts';", 'mysql/x.ts', true],
    ["export * from '../mysql/x.ts';", 'mysql/x.ts', false],
    ["import '../mysql/x.ts';", 'mysql/x.ts', false],
    ["const { a } = await import('../mysql/x.ts');", 'mysql/x.ts', false],
    ["let a: import('../mysql/x.ts').A;", 'mysql/x.ts', false],
    ["import enquirer from 'enquirer';", 'package:enquirer', false],
  ])('reads %s', (text, target, typeOnly) => {
    expect(parseImports('cli/file.ts', text)).toEqual([{ file: 'cli/file.ts', target, typeOnly }]);
  });

  it.each(["import { stat } from 'node:fs';", "// import { a } from './x.ts'", "const text = 'from here';"])(
    'skips %s',
    text => {
      expect(parseImports('cli/file.ts', text)).toEqual([]);
    },
  );
});

interface Import {
  /** Relative to src/, as is the target; a library as `package:name`. */
  readonly file: string;
  readonly target: string;
  readonly typeOnly: boolean;
}

function listSources(): string[] {
  return globSync('**/*.ts', { cwd: 'src' });
}

function listImports(): Import[] {
  return listSources().flatMap(file => parseImports(file, readFileSync(join('src', file), 'utf8')));
}

function parseImports(file: string, text: string): Import[] {
  const statements = text.matchAll(/^(?:import|export)\s+(type\s)?([^'"`;]*?\sfrom\s+)?'([^']+)'/gm);
  const expressions = text.matchAll(/^(?!\s*(?:\/\/|\*)).*?\bimport\(\s*'([^']+)'/gm);
  return [
    ...[...statements].map(([, type, names = '', specifier = '']) => ({
      specifier,
      typeOnly: type !== undefined || isAllTypes(names),
    })),
    ...[...expressions].map(([, specifier = '']) => ({ specifier, typeOnly: false })),
  ]
    .filter(({ specifier }) => !specifier.startsWith('node:'))
    .map(({ specifier, typeOnly }) => ({ file, target: resolveSpecifier(file, specifier), typeOnly }));
}

/** `{ type A, type B } from`. */
function isAllTypes(names: string): boolean {
  const [, inner = 'value'] = /^\{([^}]*)\}\s*from\s*$/.exec(names.trim()) ?? [];
  return inner.split(',').every(name => /^\s*(type\s|$)/.test(name));
}

function resolveSpecifier(file: string, specifier: string): string {
  return specifier.startsWith('.') ? join(dirname(file), specifier) : `package:${specifier}`;
}

function isWithin(path: string, place: string): boolean {
  return place.endsWith('/') ? path.startsWith(place) : path === place;
}

function isAllowed(entry: string, target: string, typeOnly: boolean): boolean {
  if (entry === '*') return true;
  return entry.startsWith('types:')
    ? typeOnly && isWithin(target, entry.slice('types:'.length))
    : isWithin(target, entry);
}
