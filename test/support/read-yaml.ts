import { spawnSync } from 'node:child_process';
import { parseDocument } from 'yaml';

/** Tells a date from a text by its quotes alone, as JSON has none. */
const READ_BY_PYTHON =
  'import json, sys, yaml; json.dump(yaml.safe_load(sys.stdin), sys.stdout, default=repr)';

/** The text as several parsers of YAML read it: this program's by the rules of 1.2 and of 1.1, and Python's where it is
 *  there. Throws where one of them finds something wrong. */
export function listReadings(text: string): unknown[] {
  const readings = (['1.2', '1.1'] as const).map(version => {
    const document = parseDocument(text, { version, strict: true });
    const [problem] = [...document.errors, ...document.warnings];
    if (problem) throw problem;
    return document.toJS() as unknown;
  });
  const python = spawnSync('python3', ['-c', READ_BY_PYTHON], { input: text, encoding: 'utf8' });
  if (python.status === 0) return [...readings, JSON.parse(python.stdout)];
  if (python.error || /No module named/.test(python.stderr)) return readings;
  throw new Error(python.stderr);
}
