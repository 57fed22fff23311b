// What every command inherits: `--json`, `-v`, the one catch and the one exit code. A command parses, calls one
// thing and returns the result; it throws and never prints an error itself.
import { Command, Errors } from '@oclif/core';
import type { Config } from '../config/schema.ts';
import { EXIT_CODES, type ExitName } from '../errors.ts';
import { limitHeap } from '../lib/limit-heap.ts';
import { type Shown, showLine, writeLines } from '../lib/show-lines.ts';
import { describeError, type ErrorDescription, renderError } from './describe-error.ts';
import { explainSystemError } from './explain-system-error.ts';
import { explainUnknownFlags } from './explain-unknown-flags.ts';
import { printJson } from './print-json.ts';
import { baseFlags } from './shared-flags.ts';

export abstract class BaseCommand extends Command {
  static override enableJsonFlag = true;
  static override baseFlags = baseFlags;
  /** How the command may end; its help lists them. */
  static exitCodes: readonly ExitName[] = ['ok', 'bug', 'usage', 'interrupted'];

  override async init(): Promise<void> {
    limitHeap();
    await super.init();
  }

  /** One line for people, on stdout; with `--json` nothing. */
  override log(line = ''): void {
    super.log(showLine(line));
  }

  /** What a renderer has made for people, on stdout; with `--json` nothing. */
  protected print(text: Shown): void {
    super.log(text);
  }

  override logToStderr(line = ''): void {
    super.logToStderr(showLine(line));
  }

  override warn(input: Error | string): Error | string {
    return super.warn(showLine(input instanceof Error ? input.message : input));
  }

  /** For a command that has done its work and printed its result, but whose news isn't good (`partial`). */
  protected endWith(name: ExitName): void {
    process.exitCode = EXIT_CODES[name].exitCode;
  }

  /** For what happens before there is progress to show. */
  protected readonly say = (text: string): void => this.logToStderr(text);

  /** The configuration that `--config` names, or that is found. What is to be told of the file itself is told. */
  protected async loadConfig(path: string | undefined): Promise<Config> {
    const { loadConfig } = await import('../config/load-config.ts');
    const config = await loadConfig({ cwd: process.cwd(), env: process.env, path });
    for (const { message, hint } of config.findings) this.say(`Warning: ${message} ${hint ?? ''}`.trimEnd());
    return config;
  }

  /** Where progress is shown; with `--json` nowhere. */
  protected progressStream(): NodeJS.WriteStream | null {
    return this.jsonEnabled() ? null : process.stderr;
  }

  protected override logJson(json: unknown): void {
    printJson(json);
  }

  protected override toErrorJson(error: unknown): { error: ErrorDescription } {
    return { error: describeError(error, { usage: this.usageHint(), argv: this.argv }) };
  }

  /** Says what went wrong, once, and ends with its exit code. */
  protected override async catch(thrown: Error): Promise<never> {
    if (thrown instanceof Errors.ExitError) throw thrown;
    const error = explainSystemError(explainUnknownFlags(thrown, this.ctor));
    const json = this.toErrorJson(error);
    if (this.jsonEnabled()) this.logJson(json);
    else writeLines(process.stderr, renderError(error, json.error, { verbose: this.isVerbose() }));
    // oclif ends the process with it; all that `run` has opened with `using` is disposed of by now.
    return this.exit(json.error.exitCode);
  }

  private usageHint(): string {
    return `See: ${this.config.bin} ${(this.id ?? '').replaceAll(':', ' ')} --help`;
  }

  /** Read from argv: the error may be that argv could not be parsed. */
  private isVerbose(): boolean {
    return this.argv.includes('-v') || this.argv.includes('--verbose');
  }
}
