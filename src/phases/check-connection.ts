import type { Finding } from '../lib/finding.ts';
import type { ServerFacts } from '../mysql/read-server.ts';

/** What the configuration lets a server pass for the right one without. `whose`: `The source's`. */
export function checkConnection(whose: string, { trust }: Pick<ServerFacts, 'trust'>): Finding[] {
  const findings: Finding[] = [];
  if (trust.tls === 'ca')
    findings.push({
      code: 'tls_name_unchecked',
      outcome: 'warning',
      message: `${whose} certificate is checked for who has signed it, and not for its name: every server of that authority passes for this one.`,
      hint: 'Take "verify: ca" out of its "tls"; where the certificate has another name than the host, say it in "serverName".',
    });
  if (trust.tls === 'none')
    findings.push({
      code: 'tls_unproven',
      outcome: 'warning',
      message: `${whose} certificate is not checked: who is on the way reads all that goes there, and can answer in its place.`,
      hint: 'Take "verify: none" out of its "tls", and give the file of its authority in "ca".',
    });
  if (trust.allowsInsecureLogin)
    findings.push({
      code: 'insecure_login',
      outcome: 'warning',
      message: `${whose} password is given to whoever answers at its address and asks for it (allowInsecureLogin).`,
      hint: 'Set "tls" in its "database", or "serverPublicKey", and take "allowInsecureLogin" out.',
    });
  return findings;
}
