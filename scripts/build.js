// @ts-check
// Builds dist/, or the folder that it is given, from src/: a file for each command, and what they share in as few files
// as possible. A start of the program is short, and a file for each of several hundred modules would take half of it.
//
// In plain JavaScript, as npm runs it wherever it makes a package (`prepare` in package.json), also on a Node that knows
// no TypeScript. Whatever else is in the folder is removed.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCES = fileURLToPath(new URL('../src/', import.meta.url));
const folder = process.argv[2] ?? fileURLToPath(new URL('../dist/', import.meta.url));
/** What package.json names besides the commands. */
const OTHER_ENTRIES = ['cli/help.ts', 'cli/command-not-found.ts', 'cli/watch-output.ts'];

// oclif finds its plugins in node_modules, and they must load the same oclif.
/** @satisfies {import('rolldown').InputOptions} */
const RUN_TIME = { platform: 'node', external: [/^node:/, /^@oclif\//] };

const { engines } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const needed = engines.node.replace(/^\D+/, '');
if (process.versions.node.localeCompare(needed, 'en', { numeric: true }) < 0) {
  fail(`Node ${needed} or newer is needed; this is ${process.versions.node}.`);
}

const { build } = await import('rolldown').catch(explain);
const { output } = await build({
  ...RUN_TIME,
  input: Object.fromEntries(listEntries().map(file => [file.replace(/\.ts$/, ''), join(SOURCES, file)])),
  transform: { target: 'node22', define: { PROGRAM_DIGEST: JSON.stringify(await digestProgram()) } },
  output: {
    dir: folder,
    cleanDir: true,
    entryFileNames: '[name].js',
    chunkFileNames: 'shared/[name]-[hash].js',
  },
});
writeFileSync(join(folder, 'LICENSES.txt'), renderLicenses());

function listEntries() {
  const commands = readdirSync(join(SOURCES, 'commands'), { recursive: true, encoding: 'utf8' });
  return [...commands.filter(file => file.endsWith('.ts')).map(file => `commands/${file}`), ...OTHER_ENTRIES];
}

/** What the program would work out from its sources. It is asked itself, bundled, as it is written in TypeScript. */
async function digestProgram() {
  const input = join(SOURCES, 'site/program-digest.ts');
  const { output } = await build({ ...RUN_TIME, input, write: false });
  const { digestSources } = await import(`data:text/javascript,${encodeURIComponent(output[0].code)}`);
  return digestSources(SOURCES);
}

/** Of the libraries in the built files: who copies those has to pass them on, and wants to know the versions. */
function renderLicenses() {
  const modules = output.flatMap(file => (file.type === 'chunk' ? file.moduleIds : []));
  const packages = modules.flatMap(id => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id) ?? []);
  const byText = Map.groupBy([...new Set(packages)].sort(), path => {
    const file = readdirSync(path).find(name => /^licen[cs]e/i.test(name));
    if (file === undefined) throw new Error(`${path} is bundled, and has no licence to pass on.`);
    return readFileSync(join(path, file), 'utf8').trim();
  });
  const parts = Array.from(byText, ([text, paths]) => `${paths.map(nameVersion).join(', ')}\n\n${text}\n`);
  return ['What is bundled in these files beside wfuwp itself.\n', ...parts].join(`\n${'-'.repeat(80)}\n\n`);
}

function nameVersion(/** @type {string} */ path) {
  const { name, version } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
  return `${name} ${version}`;
}

/** @returns {never} */
function explain(/** @type {Error} */ error) {
  // npm installs the development packages of what it gets from a git address, but with -g it does so in the wrong
  // place (https://github.com/npm/cli/issues/8440).
  const advice =
    process.env.npm_config_global === 'true'
      ? "This npm can't install globally from a git address. Run npm pack with the address, then: npm install -g ./wfuwp-*.tgz"
      : 'The development packages are needed for it: run bin/setup, or npm install --include=dev --include=optional';
  fail(`${error.message}\n${advice}`);
}

/** @returns {never} */
function fail(/** @type {string} */ reason) {
  process.stderr.write(`dist/ can't be built: ${reason}\n`);
  process.exit(1);
}
