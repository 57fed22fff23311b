import type { Plan } from '../migration/plan.ts';
import type { Recorder } from '../migration/recorder.ts';
import { readBlogs, readNetworks } from '../mysql/catalog.ts';
import type { ServerAddress } from '../mysql/client.ts';
import type { Asking, ServerIdentity } from '../mysql/identity.ts';
import { quoteName } from '../mysql/table-names.ts';
import { isSameNetwork, markNetwork } from '../phases/mark-network.ts';

/** A source that fails over in mid-run goes on under another server's identity. It is followed where the other server
 *  has the same network, and that is told; a stranger's is not read. */
export function followSource(
  address: ServerAddress | null,
  { source }: Plan,
  recorder: Pick<Recorder, 'note'>,
): ServerAddress | null {
  const noted = source.identity?.network;
  if (!address?.identity || !noted) return address;
  const known = new Set<string>();
  const isSuccessor = async (connection: Asking, found: ServerIdentity): Promise<boolean> => {
    if (known.has(found.id)) return true;
    const at = (table: string): string => quoteName(source.database, source.tablePrefix + table);
    const networks = await readNetworks(connection, at('site'));
    const blogs = await readBlogs(connection, at('blogs'));
    if (!isSameNetwork(noted, markNetwork({ networks, blogs }))) return false;
    known.add(found.id);
    recorder.note({
      type: 'check.reported',
      code: 'source_failed_over',
      outcome: 'warning',
      lasting: true,
      message: `Another server answers for the source now, ${found.shown}, with the same network: the run goes on there.`,
    });
    return true;
  };
  return { ...address, identity: { ...address.identity, isSuccessor } };
}
