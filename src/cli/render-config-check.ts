import type { ConfigCheck, PairCheck } from '../config/check-config.ts';
import type { Finding } from '../lib/finding.ts';
import { joinParts, type Line, type Paint } from '../lib/paint.ts';
import { type Shown, showLines } from '../lib/show-lines.ts';

const MARKS = {
  passed: { text: '✔', colour: 'green' },
  warning: { text: '!', colour: 'yellow' },
  failed: { text: '✖', colour: 'red' },
} as const;

/** What `config check` prints: every environment with its findings, then what concerns several, then the verdict. */
export function renderConfigCheck(check: ConfigCheck, paint: Paint): Shown {
  const render = (finding: Finding): Line[] => renderFinding(finding, paint);
  return showLines([
    `${check.file} is valid.`,
    ...check.fileFindings.flatMap(render),
    ...check.environments.flatMap(({ name, database, findings }) => [
      '',
      `${name}  ${database}`,
      ...findings.flatMap(render),
    ]),
    ...(check.findings.length > 0 ? ['', 'between them', ...check.findings.flatMap(render)] : []),
    ...(check.pair ? renderPair(check.pair, render) : []),
    '',
    renderVerdict(check),
  ]);
}

/** A long network's plan has dozens of findings that are well. */
function renderPair(
  { source, target, findings, passed }: PairCheck,
  render: (finding: Finding) => Line[],
): Line[] {
  const well: Finding = {
    code: 'passed',
    outcome: 'passed',
    message: `${passed} checks of a migration passed${findings.length > 0 ? '; these did not' : ''}.`,
  };
  return ['', `${source} → ${target}`, ...render(well), ...findings.flatMap(render)];
}

function renderFinding({ outcome, message, hint }: Finding, paint: Paint): Line[] {
  const { text, colour } = MARKS[outcome];
  const line = joinParts('  ', paint(colour, text), ` ${message}`);
  return hint === undefined ? [line] : [line, `    ${hint}`];
}

function renderVerdict({ problems }: ConfigCheck): string {
  if (problems === 0) return 'No problems found.';
  return problems === 1 ? '1 problem found.' : `${problems} problems found.`;
}
