// Is something secret, by the name that it is kept under? Plugins keep keys in arrays of settings, under names that all
// look alike: `api_key`, `apiKey`, `secret-access-key`, `stripe_live_secret_key`.

/** What such a name may end with, apart from its separators. */
const ENDINGS: readonly string[] = [
  ...[
    'apikey',
    'apikeys',
    'secret',
    'secretkey',
    'token',
    'tokens',
    'tokensecret',
    'privatekey',
    'licensekey',
  ],
  ...['licencekey', 'consumerkey', 'publishablekey', 'accesskey', 'accesskeyid', 'secretaccesskey'],
  ...['signingkey', 'encryptionkey', 'recaptchakey', 'sitekey', 'password', 'passwd', 'smtppass', 'apipass'],
  ...['clientid', 'webhookurl', 'authkey', 'serviceaccount', 'activationkey'],
];
const WHOLE: ReadonlySet<string> = new Set(['pass', 'pwd', 'secret', 'token', 'keysecret', 'credentials']);

/** Names repeat in every site. */
const MOST_KNOWN = 20_000;
const known = new Map<string, boolean>();

export function isSecretName(name: string): boolean {
  let isSecret = known.get(name);
  if (isSecret === undefined) {
    const plain = name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
    isSecret = WHOLE.has(plain) || ENDINGS.some(ending => plain.endsWith(ending));
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(name, isSecret);
  }
  return isSecret;
}

/** Of data that can't be read: might it hold something under such a name? */
export function mentionsSecret(value: Buffer): boolean {
  const plain = value
    .toString('latin1')
    .toLowerCase()
    .replaceAll(/[^a-z0-9"]/g, '');
  return ENDINGS.some(ending => plain.includes(`${ending}"`));
}
