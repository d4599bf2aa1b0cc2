/** Files that hold keys and passwords by custom: they never count as source, whatever a glob says (design, section 4). */
const secretFile =
  /^(?:\.env(?:\..*)?|.*\.(?:pem|key|p12|pfx|jks|keystore|kdbx)|id_(?:rsa|dsa|ecdsa|ed25519).*|\.netrc|\.pgpass|\.npmrc|\.pypirc|\.htpasswd|credentials(?:\.json)?)$/i;

export function isSecretFile(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return secretFile.test(name) || name.startsWith('id_');
}

/** Variables whose names say that their value is a secret (design, section 8). */
export function isSecretVariable(name: string): boolean {
  return /TOKEN|KEY|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL|AUTH/i.test(name);
}
