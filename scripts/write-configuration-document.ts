// Writes docs/CONFIGURATION.md, the reference of the configuration file, from the schema that the program itself uses. A test
// fails when it is stale.
import { writeFile } from 'node:fs/promises';
import { formatDefault } from '../src/cli/render-settings.ts';
import { EXAMPLE_CONFIGURATION } from '../src/config/example-configuration.ts';
import { listSettings, type Setting } from '../src/config/list-settings.ts';

export const CONFIGURATION_DOCUMENT = new URL('../docs/CONFIGURATION.md', import.meta.url);

const HEAD = `# The configuration file

<!-- Made from src/config/schema.ts by: npm run generate -->

\`wfuwp.config.yaml\`, \`.yml\` or \`.json\` in the working directory, or what \`--config FILE\` or the variable \`WFUWP_CONFIG\` names. \`wfuwp config init\` writes a first one, \`wfuwp config check\` checks it, \`wfuwp config explain KEY\` says what is here. An unknown key is an error, so that a misspelled one is never silently the default.

\`"\${NAME}"\` anywhere in a value is the value of an environment variable, and \`"$\${"\` a literal \`\${\`. Quote it: without quotes it is YAML only outside of braces. What is in capitals in a key (\`NAME\`, \`ROLE\`, \`HEADER\`) the file names as it likes. Paths of secrets and of \`myCnf\` are relative to the file, and \`~/\` is the home of the user; all other paths are relative to the working directory. Anchors and aliases work, merge keys (\`<<\`) don't.

Media files are not moved, and there is no setting for them.
`;

const TAIL = `
## All of it at once

Every setting with a value that it may have; no real file needs all of them.

\`\`\`yaml
${EXAMPLE_CONFIGURATION}\`\`\`
`;

export function renderConfigurationDocument(): string {
  return [HEAD, ...listSettings().map(renderSetting), TAIL].join('\n');
}

function renderSetting({ key, type, description, isRequired, unit, example, ...rest }: Setting): string {
  const facts = [
    isRequired ? `${type}, required` : type,
    ...(unit === undefined ? [] : [`in ${unit}`]),
    ...('default' in rest ? [`default: \`${formatDefault(rest.default)}\``] : []),
    ...(example === undefined ? [] : [`example: \`${example}\``]),
  ];
  const level = key.includes('.') ? '###' : '##';
  return `${level} \`${key}\`\n\n${description}\n\n${facts.join(' · ')}\n`;
}

if (import.meta.main) await writeFile(CONFIGURATION_DOCUMENT, renderConfigurationDocument());
