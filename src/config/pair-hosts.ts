import { MigrationError } from '../errors.ts';
import { isWildcard } from './host-entry.ts';

/** One host, or all hosts of a wildcard, and what they become. */
interface HostRule {
  readonly from: string;
  readonly to: string;
}

export interface HostPairing {
  readonly rules: readonly HostRule[];
  /** Roles of the source that the target has no host for: their hosts stay as they are. */
  readonly unpaired: readonly string[];
}

type Hosts = Readonly<Record<string, string>>;

/** Pairs the hosts of two environments by role name, so that N environments need N entries and not N² tables.
 *  Roles that only the target has mean nothing here. Fails with `config_invalid` where a pair makes no sense. */
export function pairHosts(source: Hosts, target: Hosts): HostPairing {
  const rules: HostRule[] = [];
  const unpaired: string[] = [];
  for (const [role, from] of Object.entries(source)) {
    const to = Object.hasOwn(target, role) ? target[role] : undefined;
    if (to === undefined) unpaired.push(role);
    else rules.push(checkPair(role, from, to, rules));
  }
  return { rules, unpaired };
}

function checkPair(role: string, from: string, to: string, earlier: readonly HostRule[]): HostRule {
  // A wildcard keeps the labels it matched. With a wildcard on one side only they would be lost or invented.
  if (isWildcard(from) !== isWildcard(to)) {
    throw new MigrationError(
      'config_invalid',
      `The role "${role}" is a wildcard on one side only: "${from}" and "${to}"; make both a wildcard, or neither.`,
    );
  }
  const rival = earlier.find(rule => rule.from.toLowerCase() === from.toLowerCase());
  if (rival !== undefined && rival.to.toLowerCase() !== to.toLowerCase()) {
    throw new MigrationError(
      'config_invalid',
      `"${from}" would become both "${rival.to}" and "${to}" (role "${role}"); give it one role, or one target.`,
    );
  }
  return { from, to };
}
