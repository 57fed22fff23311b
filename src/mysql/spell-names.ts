// How servers write the names of databases and tables, by their lower_case_table_names: with 1 in lower case; with 2 as
// they were given first, and found in any case; with 0 as they are, and told apart by it. Planned names are spelled so,
// that everything after compares equal texts.

/** `known`: names that the server has; with 2 one of these is meant. */
export function spellName(name: string, lowerCaseTableNames: number, known: Iterable<string> = []): string {
  if (lowerCaseTableNames === 0) return name;
  const lower = name.toLowerCase();
  if (lowerCaseTableNames === 1) return lower;
  for (const other of known) if (other.toLowerCase() === lower) return other;
  return name;
}

/** The same for the beginning of names. */
export function spellPrefix(prefix: string, lowerCaseTableNames: number): string {
  return lowerCaseTableNames === 1 ? prefix.toLowerCase() : prefix;
}

/** Would the server take the two for one? */
export function areOneName(one: string, other: string, lowerCaseTableNames: number): boolean {
  return one === other || (lowerCaseTableNames !== 0 && one.toLowerCase() === other.toLowerCase());
}
