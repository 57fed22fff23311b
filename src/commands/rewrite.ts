import { isUtf8 } from 'node:buffer';
import { BaseCommand } from '../cli/base-command.ts';
import { printExactJson } from '../cli/print-json.ts';
import { renderExplanation, renderHarm, renderPlaceCounts } from '../cli/render-explanation.ts';
import {
  blamePairs,
  chooseRules,
  type RewriteFlags,
  type RuleChoice,
  rewriteFlags,
} from '../cli/rewrite-flags.ts';
import { writeOutput } from '../cli/write-output.ts';
import { listRules } from '../config/list-rules.ts';
import { loadConfig } from '../config/load-config.ts';
import { selectEnvironment } from '../config/select-environment.ts';
import { MigrationError } from '../errors.ts';
import { createPaint, wantsColors } from '../lib/paint.ts';
import { writeLines } from '../lib/show-lines.ts';
import type { Explanation } from '../rewrite/explain.ts';
import { type InputOptions, type InputRewriting, rewriteInput } from '../runtime/rewrite-input.ts';

type Rules = Required<Pick<InputOptions, 'rules' | 'emails'>> & { readonly kind: RuleChoice['kind'] };

/** What `--json` prints. Offsets are bytes of the input. */
interface RewriteReport extends Pick<Explanation, 'changed' | 'matches' | 'stayed' | 'left'> {
  readonly output: string;
  /** `base64` where the output is no UTF-8. */
  readonly encoding: 'utf8' | 'base64';
}

export default class Rewrite extends BaseCommand {
  static override exitCodes = ['ok', 'bug', 'usage', 'partial', 'configuration'] as const;
  static override summary = 'Rewrite hosts in a value: stdin to stdout, as a migration would.';
  static override description =
    'The rewriting engine on its own. Reads stdin, which is one value (up to 256 MB) or with --lines one on each line, ' +
    'and writes it to stdout byte for byte but for what the rules change: whole hosts in text, JSON, percent-encoding ' +
    'and PHP-serialized data, whose lengths follow.\n\n' +
    'A rule is a host (a.edu), a wildcard ("*.a.edu") or a pair with a scheme, port or path (http://a.edu, a.edu:8080, ' +
    'a.edu/art, /uploads/sites/12/). All rules apply in one pass, the longest match first; their order means nothing. ' +
    'With --source and --target no database is asked: the rules are those of the configuration, without what a ' +
    'migration learns from its sites.\n\n' +
    'Serialized data that is broken (a wrong length or count) is left and reported on stderr; the exit code is 0 all the ' +
    'same, as it is when nothing matches. Escapes change lengths: give it values as they are in the database ' +
    '(mysql --raw), not an SQL dump. With --explain or --json a value may have 16 MB.';
  static override examples = [
    {
      description: 'One value',
      command: '<%= config.bin %> <%= command.id %> --from www.example.edu --to stg.example.edu < value',
    },
    {
      description: 'What would become of an option, and why',
      command:
        "$ mysql -N --raw -e 'SELECT option_value FROM wp_options WHERE option_id = 12' wp_prod | " +
        '<%= config.bin %> <%= command.id %> --source=prod --target=stg --explain',
    },
    {
      description: 'Several rules, a value on each line',
      command:
        '<%= config.bin %> <%= command.id %> --lines --from "*.example.edu" --to "*.stg.example.edu" ' +
        '--from http://old.edu --to https://new.edu < values',
    },
  ];
  static override flags = rewriteFlags;

  async run(): Promise<RewriteReport | undefined> {
    const { flags } = await this.parse(Rewrite);
    if (flags.lines && this.jsonEnabled()) {
      throw new MigrationError(
        'usage',
        '--json prints one object about one value: it does not go with --lines.',
        {
          hint: 'For many values: --lines --explain',
        },
      );
    }
    const rules = await this.readRules(flags);
    if (process.stdin.isTTY)
      this.logToStderr('Type or paste the value; Ctrl-D at the start of a line ends it.');
    if (this.jsonEnabled()) return await this.report(rules);
    await this.pass(rules, flags);
    return undefined;
  }

  private async readRules(flags: RewriteFlags): Promise<Rules> {
    const choice = chooseRules(flags);
    if (choice.kind === 'pairs')
      return { kind: 'pairs', rules: choice.pairs, emails: flags.emails ?? 'leave' };
    // A filter says nothing of the file's rights: that is for the commands that connect.
    const config = await loadConfig({ cwd: process.cwd(), env: process.env, path: flags.config });
    const [source, target] = [choice.source, choice.target].map(name => selectEnvironment(config, name));
    const rules = listRules(config, source!, target!);
    if (rules.length === 0) {
      throw new MigrationError(
        'config_invalid',
        `"${choice.source}" and "${choice.target}" have no role of hosts in common, and there are no rewrite.pairs: nothing would change.`,
        { hint: `Give them hosts of the same role in ${config.file}, then: wfuwp config check` },
      );
    }
    return { kind: 'environments', rules, emails: flags.emails ?? config.rewrite.emails };
  }

  /** The filter: bytes to stdout, words to stderr. */
  private async pass(rules: Rules, flags: RewriteFlags): Promise<void> {
    const places = { rewritten: 0, stayed: 0 };
    const paint = createPaint(wantsColors(process.stderr));
    const explain = (explanation: Explanation, line: number | null): void => {
      places.rewritten += explanation.matches.length;
      places.stayed += explanation.stayed.length;
      writeLines(process.stderr, renderExplanation(explanation, { line, paint }));
    };
    const { output, left } = openInput(rules, flags.lines, flags.explain ? explain : undefined);
    if (!(await writeOutput(output))) return;
    if (flags.explain) writeLines(process.stderr, [renderPlaceCounts(places)]);
    writeLines(process.stderr, renderHarm(left, flags.explain ? [] : ['To see where: --explain']));
  }

  private async report(rules: Rules): Promise<RewriteReport> {
    let report: RewriteReport | undefined;
    const explain = ({ value, ...explanation }: Explanation): void => {
      const encoding = isUtf8(value) ? 'utf8' : 'base64';
      report = { output: value.toString(encoding), encoding, ...explanation };
    };
    for await (const _ of openInput(rules, false, explain).output);
    return report!;
  }

  /** The output is data. */
  protected override logJson(json: unknown): void {
    printExactJson(json);
  }
}

function openInput(
  { kind, rules, emails }: Rules,
  byLine: boolean,
  explain: InputOptions['explain'],
): InputRewriting {
  try {
    return rewriteInput(process.stdin, { rules, emails, byLine, explain });
  } catch (error) {
    throw kind === 'pairs' ? blamePairs(error) : error;
  }
}
