import { isIP, type Socket } from 'node:net';
import { checkServerIdentity, connect, type PeerCertificate, type TLSSocket } from 'node:tls';
import { LoginRefusal } from './login-refusal.ts';

export interface TlsSettings {
  /** `full`: the authority that has signed the certificate, and the name in it; `ca`: the authority alone; `none`:
   *  nothing, so that anybody may be at the other end. */
  readonly verify: 'full' | 'ca' | 'none';
  /** PEM. Without it the authorities that Node trusts. */
  readonly ca?: string;
  /** PEM: our own certificate, and its key. */
  readonly cert?: string;
  readonly key?: string;
  /** The name that has to be in the certificate, where that isn't the address. */
  readonly serverName?: string;
}

/** Encrypts a connection that has been plain so far. Rejects with a LoginRefusal when the server has not proven what it
 *  has to, else with the error of the socket. `host`: undefined for a socket of this machine, whose name says all. */
export function startTls(plain: Socket, settings: TlsSettings, host: string | undefined): Promise<TLSSocket> {
  const { verify, ca, cert, key } = settings;
  const name = settings.serverName ?? host;
  return new Promise((resolve, reject) => {
    const secure = connect(
      {
        socket: plain,
        ...(ca === undefined ? {} : { ca }),
        ...(cert === undefined ? {} : { cert }),
        ...(key === undefined ? {} : { key }),
        ...(name === undefined || isIP(name) ? {} : { servername: name }),
        rejectUnauthorized: verify !== 'none',
        // Node would hold it against "localhost" where the address is a number.
        checkServerIdentity: (_, certificate) =>
          verify === 'full' && name !== undefined ? checkServerIdentity(name, certificate) : undefined,
      },
      () => {
        secure.off('error', fail);
        resolve(secure);
      },
    );
    const fail = (error: Error): void => {
      secure.destroy();
      reject(explain(error, name));
    };
    secure.on('error', fail);
  });
}

const BAD_DATE: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'has expired',
  CERT_NOT_YET_VALID: 'is not valid yet',
};

const UNKNOWN_AUTHORITY = [
  ...['DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  ...['UNABLE_TO_GET_ISSUER_CERT', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'CERT_UNTRUSTED', 'INVALID_CA'],
];

const SECTION = 'In the section "database.tls" of this environment:';

function explain(error: Error, name: string | undefined): Error {
  const { code = '', cert } = error as { code?: string; cert?: PeerCertificate };
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    const names = cert ? listNames(cert) : [];
    return new LoginRefusal(
      `the server's certificate is for ${names.join(', ') || 'nobody'}, and not for ${name}`,
      `Name the server in "host" as its certificate does. ${SECTION} "serverName" where it has that name and another ` +
        'address; "verify: ca" checks only who has signed it, which lets every server of that authority pass for this one.',
      { cause: error },
    );
  }
  if (code in BAD_DATE)
    return new LoginRefusal(
      `the server's certificate ${BAD_DATE[code]}`,
      'Give the server a certificate that is valid, or set the clock of this machine.',
      { cause: error },
    );
  if (UNKNOWN_AUTHORITY.includes(code))
    return new LoginRefusal(
      `nobody whom this machine trusts has signed the server's certificate (${code})`,
      `${SECTION} "ca" with the file of the authority that has signed it, or of the certificate itself.`,
      { cause: error },
    );
  if (/^(ERR_SSL|ERR_TLS|ERR_OSSL|EPROTO|CERT_|UNABLE_TO_|HOSTNAME_)/.test(code))
    return new LoginRefusal(
      `TLS failed: ${error.message.trim()}`,
      `See which versions of TLS and which certificates of ours ("cert", "key") the server takes. ${SECTION} see "ca".`,
      { cause: error },
    );
  return error;
}

/** They come from a server that nobody trusts yet. */
function listNames(certificate: PeerCertificate): string[] {
  const names = [certificate.subject?.CN, ...(certificate.subjectaltname?.split(', ') ?? [])]
    .flat()
    .filter(name => name !== undefined && /^[\w:.*-]{1,253}$/.test(name));
  return [...new Set(names.map(name => name!.replace(/^(DNS|IP Address):/, '')))].slice(0, 5);
}
