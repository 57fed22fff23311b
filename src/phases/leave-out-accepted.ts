import type { Hazard } from '../migration/plan.ts';
import { siteIdOf } from '../migration/task-ids.ts';
import type { SiteId } from '../migration/words.ts';
import { type AddressCircumstances, findSharedAddresses } from './find-address-hazards.ts';

export interface Accepted {
  /** Those given, and sites that would share an address once the others are left out. */
  readonly hazards: readonly Hazard[];
  /** Sites that are left out, with the flag that says so. */
  readonly refused: ReadonlyMap<SiteId, string>;
}

/** Leaves out the sites of blocking hazards that are accepted. A site that is left out keeps its row at the target, and
 *  with it an address that another one may come with: so it is looked again until no more is left out. */
export function leaveOutAccepted(hazards: readonly Hazard[], facts: AddressCircumstances): Accepted {
  const { accept } = facts.request;
  const told = [...hazards];
  const refused = new Map<SiteId, string>();
  for (let more = told.filter(isAccepted); ; ) {
    for (const { code, taskIds = [] } of more)
      for (const siteId of taskIds.map(siteIdOf)) refused.set(siteId, `--accept ${code}`);
    const shared = findSharedAddresses(facts, refused);
    more = shared.filter(isAccepted);
    if (more.length === 0) return { hazards: [...told, ...shared], refused };
    told.push(...more);
  }

  function isAccepted({ blocking, code }: Hazard): boolean {
    return blocking && accept.includes(code);
  }
}
