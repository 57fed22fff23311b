/** The rights that an end of a migration needs, as statements. */
export interface EnvironmentGrants {
  readonly environment: string;
  readonly role: 'source' | 'target';
  readonly server: string;
  /** `'wp'@'10.0.%'`, as the server knows the user; null: it could not be asked. */
  readonly account: string | null;
  readonly statements: readonly GrantStatement[];
}

export interface GrantStatement {
  readonly sql: string;
  /** What it is for, where a migration can do without it. */
  readonly optional?: string;
}
