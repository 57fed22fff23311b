import { hostname, userInfo } from 'node:os';

/** Who types this, for others to read: `root@admin-1`. */
export function nameOperator(): string {
  return `${nameUser()}@${hostname()}`;
}

function nameUser(): string {
  try {
    return userInfo().username;
  } catch {
    // A user without a name, as in a container.
    return String(process.getuid?.() ?? 'somebody');
  }
}
