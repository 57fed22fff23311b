// How the program proves to a server that it knows the password, by each method that a server may ask for; and which of
// them it refuses, as they would give the password away to whoever pretends to be the server.

import {
  constants,
  createHash,
  createPrivateKey,
  pbkdf2Sync,
  publicEncrypt,
  randomBytes,
  sign,
} from 'node:crypto';
import { signWithPassword } from './ed25519.ts';
import { LoginRefusal } from './login-refusal.ts';

export interface LoginTerms {
  readonly password: string;
  /** Nobody listens on the way, and who answers is the server: a socket of this machine, or TLS that has proven it, or
   *  what own-server.ts says. Asked only where it matters. */
  isProven(): boolean;
  /** `tls` encrypts what goes over the connection, though maybe for a stranger; `socket`: of this machine. */
  readonly transport: 'socket' | 'tls' | 'plain';
  /** PEM: the server's RSA key, which whoever has set up the environment knows to be its. */
  readonly serverPublicKey?: string;
  /** The configuration says that the password may be given away. */
  readonly allowsInsecure: boolean;
}

/** Takes what the server says, the first time its challenge, and gives the answer; null: none is due. Throws a
 *  LoginRefusal. */
export type LoginMethod = (said: Buffer) => Buffer | null;

const CHALLENGE_BYTES = 20;

/** `plugin` is the server's name for it. Throws a LoginRefusal for one that isn't here. */
export function beginMethod(plugin: string, terms: LoginTerms): LoginMethod {
  switch (plugin) {
    case 'mysql_native_password':
      return once(said => proveByHash('sha1', terms.password, readChallenge(said)));
    case 'caching_sha2_password':
      return proveToCache(terms);
    case 'sha256_password':
      return proveBySha256(terms);
    case 'mysql_clear_password':
      return once(() => sayInClear(plugin, terms));
    case 'client_ed25519':
      return once(said => signWithPassword(terms.password, said));
    case 'parsec':
      return proveByParsec(terms);
    default:
      throw refuseMethod(plugin);
  }
}

/** Each of these answers a challenge, and no second one. */
function once(answer: LoginMethod): LoginMethod {
  let isAnswered = false;
  return said => {
    if (isAnswered) throw breakOff();
    isAnswered = true;
    return answer(said);
  };
}

function readChallenge(said: Buffer): Buffer {
  // What is too short was never asked by a server, and would show more of the password.
  if (said.length < CHALLENGE_BYTES) throw breakOff();
  return said.subarray(0, CHALLENGE_BYTES);
}

/** hash(password) ⊕ hash(challenge, hash(hash(password))); with SHA-256 the challenge comes last. */
function proveByHash(algorithm: 'sha1' | 'sha256', password: string, challenge: Buffer): Buffer {
  if (password === '') return Buffer.alloc(0);
  const digest = (...parts: readonly Buffer[]): Buffer =>
    createHash(algorithm).update(Buffer.concat(parts)).digest();
  const first = digest(Buffer.from(password));
  const second = digest(first);
  return xor(first, algorithm === 'sha1' ? digest(challenge, second) : digest(second, challenge));
}

const FAST_SUCCESS = 3;
const WANTS_PASSWORD = 4;

/** The server knows a hash of the password only once somebody has sent it the password. */
function proveToCache(terms: LoginTerms): LoginMethod {
  let challenge: Buffer | undefined;
  let isAsked = false;
  return said => {
    if (!challenge) {
      challenge = readChallenge(said);
      return proveByHash('sha256', terms.password, challenge);
    }
    if (isAsked) return encrypt(terms.password, challenge, said.toString());
    if (said.length === 1 && said[0] === FAST_SUCCESS) return null;
    if (said.length !== 1 || said[0] !== WANTS_PASSWORD) throw breakOff();
    if (!isKeyNeeded('caching_sha2_password', terms)) return inClear(terms);
    if (terms.serverPublicKey !== undefined) return encrypt(terms.password, challenge, terms.serverPublicKey);
    isAsked = true;
    return Buffer.from([2]);
  };
}

function proveBySha256(terms: LoginTerms): LoginMethod {
  let challenge: Buffer | undefined;
  return said => {
    if (challenge) return encrypt(terms.password, challenge, said.toString());
    // This one wants a key also over a socket.
    if (!isKeyNeeded('sha256_password', terms) && terms.transport === 'tls') return inClear(terms);
    if (terms.serverPublicKey !== undefined)
      return encrypt(terms.password, readChallenge(said), terms.serverPublicKey);
    challenge = readChallenge(said);
    return Buffer.from([1]);
  };
}

/** Is the password encrypted by the server's RSA key? So servers want it where nothing else encrypts it. Throws a
 *  LoginRefusal where it may go in neither way. */
function isKeyNeeded(plugin: string, terms: LoginTerms): boolean {
  const isPlain = terms.transport === 'plain';
  const isKeyKnown = isPlain && terms.serverPublicKey !== undefined;
  if (!isKeyKnown && !terms.isProven()) refuseUnproven(plugin, terms);
  return isPlain;
}

function sayInClear(plugin: string, terms: LoginTerms): Buffer {
  if (!terms.isProven()) refuseUnproven(plugin, terms);
  return inClear(terms);
}

/** MariaDB's from 11.6 on: the password is stretched with the server's salt, and the key made of it signs both
 *  challenges. */
function proveByParsec({ password }: LoginTerms): LoginMethod {
  let challenge: Buffer | undefined;
  let isSigned = false;
  return said => {
    if (!challenge) {
      challenge = Buffer.from(said.subarray(0, 32));
      // Asks for the salt.
      return Buffer.alloc(0);
    }
    // 'P', how often, and the salt.
    const [kind, factor = 0] = said;
    if (isSigned || challenge.length < 32 || kind !== 0x50 || factor > 3 || said.length < 18)
      throw breakOff();
    isSigned = true;
    const seed = pbkdf2Sync(password, said.subarray(2), 1024 << factor, 32, 'sha512');
    const key = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });
    const own = randomBytes(32);
    return Buffer.concat([own, sign(null, Buffer.concat([challenge, own]), key)]);
  };
}

/** What stands before the seed of an Ed25519 key in its DER form. */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

function inClear({ password }: LoginTerms): Buffer {
  return Buffer.from(`${password}\0`);
}

/** Mixed with the challenge, so that nobody can send it a second time. */
function encrypt(password: string, challenge: Buffer, key: string): Buffer {
  const text = Buffer.from(`${password}\0`);
  const mixed = xor(text, Buffer.alloc(text.length, challenge));
  try {
    return publicEncrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' }, mixed);
  } catch {
    // No key, or one too short for the password.
    throw breakOff();
  }
}

function xor(one: Buffer, other: Buffer): Buffer {
  return Buffer.from(one.map((byte, i) => byte ^ other[i]!));
}

function refuseUnproven(plugin: string, { password, transport, allowsInsecure }: LoginTerms): void {
  const isEncrypted = transport === 'tls';
  // An empty one is no secret.
  if (allowsInsecure || password === '') return;
  const how =
    plugin === 'mysql_clear_password'
      ? 'in clear text'
      : isEncrypted
        ? 'as it is'
        : 'encrypted with a key of its own sending';
  const proof = isEncrypted
    ? 'TLS has not proven which server that is (verify: none)'
    : 'without TLS nothing proves which server that is';
  throw new LoginRefusal(
    `the server asks for the password ${how} (${plugin}), and ${proof}`,
    'In the section "database" of this environment: set "tls" (true, or { ca: FILE } for an authority of your own); or, ' +
      'but for mysql_clear_password, "serverPublicKey" with the file of the server\'s RSA key. Only where nobody else ' +
      'can answer at that address or listen: "allowInsecureLogin: true".',
  );
}

const SUPPORTED =
  'Make a user for the program that is identified by ed25519, parsec or mysql_native_password (MariaDB), or by ' +
  'caching_sha2_password (MySQL).';

/** What is known of the methods that the program doesn't have. */
const UNSUPPORTED: readonly (readonly [RegExp, what: string, hint: string])[] = [
  [
    /^(mysql_old_password)?$/,
    'passwords of before MySQL 4.1, which are no secret to whoever listens',
    'SET PASSWORD of that user anew at the server, with old_passwords = 0.',
  ],
  [
    /^dialog$/,
    'a dialog, as for PAM',
    `With pam_use_cleartext_plugin = ON the server asks for the password alone, and by TLS it gets that. Or: ${SUPPORTED}`,
  ],
  [/gssapi|kerberos/i, 'a ticket of Kerberos or Windows', SUPPORTED],
  [/ldap/i, 'LDAP by SASL', SUPPORTED],
  [/fido|webauthn/i, 'a key that somebody has to touch', SUPPORTED],
  [/openid|oci/i, 'a token of an identity provider', SUPPORTED],
];

function refuseMethod(plugin: string): LoginRefusal {
  const known = UNSUPPORTED.find(([pattern]) => pattern.test(plugin));
  const name = nameMethod(plugin);
  const what = known ? `${name}: ${known[1]}` : `${name}, which the program does not have`;
  return new LoginRefusal(`the server asks for a login by ${what}`, known?.[2] ?? SUPPORTED);
}

/** A second factor would be another's secret. */
export function refuseFactor(plugin: string): LoginRefusal {
  return new LoginRefusal(
    `the server asks for a second factor (${nameMethod(plugin)}), which nobody can give in a run`,
    SUPPORTED,
  );
}

/** A name comes from whoever answers. */
function nameMethod(plugin: string): string {
  return /^\w{1,64}$/.test(plugin) ? plugin : plugin === '' ? 'mysql_old_password' : 'an unknown method';
}

/** What a server doesn't say, unless it isn't one, or is broken. */
export function breakOff(): LoginRefusal {
  return new LoginRefusal(
    'what answers there does not keep to the protocol of a login',
    'Check host and port of this environment in the configuration file, and what stands between.',
  );
}
