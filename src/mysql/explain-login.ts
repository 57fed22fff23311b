import { MigrationError } from '../errors.ts';
import { classifyDatabaseError } from './classify.ts';
import { LoginRefusal } from './login-refusal.ts';

const SET_TLS = 'set "tls" in the section "database" of this environment';

/** By the server's number or the driver's code. */
const HINTS: Readonly<Record<string, string>> = {
  HANDSHAKE_NO_SSL_SUPPORT:
    'The server offers no TLS: give it a certificate, or take "tls" out of the section "database" of this environment.',
  // ER_SECURE_TRANSPORT_REQUIRED
  3159: `The server takes only encrypted connections: ${SET_TLS}.`,
};

const ER_ACCESS_DENIED_ERROR = 1045;

/** Why a connection didn't come about. `doing` as in classifyDatabaseError; `isPlain`: it has no TLS, and would have been
 *  a network's. */
export function explainLogin(error: unknown, doing: string, isPlain: boolean): MigrationError {
  if (error instanceof LoginRefusal) {
    const capitalized = doing.charAt(0).toUpperCase() + doing.slice(1);
    return new MigrationError('credentials', `${capitalized} failed: ${error.message}.`, {
      hint: error.hint,
      cause: error,
    });
  }
  const known = classifyDatabaseError(error, doing);
  const { errno, code } = known.details;
  // So says a MariaDB also where the account, or the server, takes only TLS.
  const whenDenied =
    isPlain && errno === ER_ACCESS_DENIED_ERROR
      ? `${known.hint} Where the server or that account takes only TLS, ${SET_TLS}.`
      : undefined;
  const hint = HINTS[String(errno)] ?? HINTS[String(code)] ?? whenDenied;
  if (hint === undefined) return known;
  return new MigrationError(known.code, known.message, { hint, details: known.details, cause: error });
}
