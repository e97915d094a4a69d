// Passkeys (WebAuthn), which only the browser can make and use. The server writes the options and reads the answer.

export const areSupported = () =>
  isSecureContext && typeof PublicKeyCredential === 'function' && 'parseRequestOptionsFromJSON' in PublicKeyCredential;

export const make = options => ask(() => navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) }));

export const use = options => ask(() => navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) }));

async function ask(question) {
  try {
    return { credential: (await question()).toJSON() };
  } catch (e) {
    return { error: e.name }; // NotAllowedError: the person said no, or did not answer
  }
}
