import { pairHosts } from './pair-hosts.ts';
import type { Config, Environment } from './schema.ts';

/** Every rewrite rule that the file has for this way: hosts by role, then `rewrite.pairs`. */
export function listRules(
  { rewrite }: Config,
  source: Environment,
  target: Environment,
): { readonly from: string; readonly to: string }[] {
  return [...pairHosts(source.hosts, target.hosts).rules, ...rewrite.pairs];
}
