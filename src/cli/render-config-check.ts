import { styleText } from 'node:util';
import type { ConfigCheck } from '../config/check-config.ts';
import type { Finding } from '../lib/finding.ts';

const MARKS = {
  passed: { text: '✔', colour: 'green' },
  warning: { text: '!', colour: 'yellow' },
  failed: { text: '✖', colour: 'red' },
} as const;

/** What `config check` prints: every environment with its findings, then what concerns several, then the verdict. */
export function renderConfigCheck(check: ConfigCheck): string {
  const sections = check.environments.map(({ name, database, findings }) =>
    [`${name}  ${database}`, ...findings.map(renderFinding)].join('\n'),
  );
  if (check.findings.length > 0)
    sections.push(['between them', ...check.findings.map(renderFinding)].join('\n'));
  return [`${check.file} is valid.`, ...sections, renderVerdict(check)].join('\n\n');
}

function renderFinding({ outcome, message, hint }: Finding): string {
  const { text, colour } = MARKS[outcome];
  const line = `  ${styleText(colour, text)} ${message}`;
  return hint === undefined ? line : `${line}\n    ${hint}`;
}

function renderVerdict({ problems }: ConfigCheck): string {
  if (problems === 0) return 'No problems found.';
  return problems === 1 ? '1 problem found.' : `${problems} problems found.`;
}
