import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { renderTargetLock } from '../../cli/render-target-lock.ts';
import { configFlag } from '../../cli/shared-flags.ts';
import type { TargetLock } from '../../migration/target-lock.ts';

export default class Unlock extends BaseCommand {
  static override exitCodes = ['ok', 'bug', 'usage', 'locked', 'configuration', 'lost'] as const;
  static override summary = 'Show who is working on a target, or break the lease of a dead run.';
  static override description =
    'A run holds a lease in its target database; no other run may work on that target meanwhile. The lease of a dead ' +
    'run expires by itself, within two minutes. With --id it is broken at once, only when it is dead and only the ' +
    'one that is named; a broken run can swap in nothing any more.';
  static override examples = [
    { description: 'See who holds the target', command: '<%= config.bin %> <%= command.id %> stg' },
    {
      description: 'Break that lease',
      command: '<%= config.bin %> <%= command.id %> stg --id 0b5c1f0e-6d0a-4a55-9f0e-2f1c7f6f3a11',
    },
  ];
  static override args = {
    target: Args.string({ description: 'Environment whose lease it is.', required: true }),
  };
  static override flags = {
    config: configFlag,
    id: Flags.string({ summary: 'Break this lease, if it is dead.', helpValue: 'LOCK_ID' }),
  };

  async run(): Promise<TargetLock> {
    const { args, flags } = await this.parse(Unlock);
    const config = await this.loadConfig(flags.config);
    const { unlockTarget } = await import('../../runtime.ts');
    const lock = await unlockTarget(config, args.target, flags.id ?? null, this.say);
    this.print(renderTargetLock(lock, `${this.config.bin} ${(this.id ?? '').replaceAll(':', ' ')}`));
    return lock;
  }
}
