/** Said before anything is done with a run that a version without hashes has begun. */
export function warnOfOldRun(migrationId: string): string {
  return (
    `${migrationId} was begun by an older version: nothing proves that its journal and files are as they were ` +
    'written. They are taken as they stand.'
  );
}
