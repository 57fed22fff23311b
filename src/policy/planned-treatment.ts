/** What the plan says of rows and values that don't arrive as they are. Plain JSON, without secrets. */
export interface PlannedTreatment {
  /** Patterns of tables, without prefix and blog id, of which only the structure travels. */
  readonly skipData: readonly string[];
  /** `table.column=pattern`: rows that stay at the source. */
  readonly skipRows: readonly string[];
}

/** Does it change nothing? Then plans, digests and copies are what they were without it. */
export function isEmptyTreatment({ skipData, skipRows }: PlannedTreatment): boolean {
  return skipData.length + skipRows.length === 0;
}
