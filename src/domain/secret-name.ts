/**
 * Files that hold keys and passwords by custom: they never count as source, and their content is never stored, whatever
 * a glob says (design, section 4).
 */
const secretFile =
  /^(?:\.env(?:\..*)?|.*\.(?:pem|key|p12|pfx|jks|keystore|kdbx|ppk)|id_(?:rsa|dsa|ecdsa|ed25519|xmss)(?:[._-].*)?|\.netrc|_netrc|\.pgpass|\.npmrc|\.pypirc|\.htpasswd|\.git-credentials|credentials(?:\.json)?)$/i;
/** Keys are also called `id_work` or `id_github.old`; what ends like a program or a table is none: `id_map.py`. */
const keyLike = /^id_/i;
const programOrTable =
  /\.(?:py|pyi|pyx|pxd|ipynb|r|jl|m|js|mjs|cjs|ts|c|h|cc|cpp|cxx|hh|hpp|cu|f|for|f77|f90|f95|f03|f08|rs|go|java|rb|pl|lua|sh|sql|csv|tsv|dat|json|yml|yaml|toml|xml|npy|npz|h5|hdf5|nc|parquet|png|svg|pdf|md)$/i;

export function isSecretFile(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return secretFile.test(name) || (keyLike.test(name) && !programOrTable.test(name));
}

/** Variables whose names say that their value is a secret (design, section 8). */
export function isSecretVariable(name: string): boolean {
  return /TOKEN|KEY|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL|AUTH(?!OR)/i.test(name);
}
