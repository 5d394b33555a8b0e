/**
 * Forms of passwords that `auth_basic_user_file` supports: those of NGINX itself, and those of crypt() in glibc
 * (libxcrypt). With a password in any other form, the user cannot log in. Computing a hash blocks all other requests of
 * the worker, so hashes that take longer than about 0.2 s are refused.
 */
const FORMS: readonly RegExp[] = [
  // NGINX's own forms. An empty {PLAIN} would let in anybody who sends no password.
  /^\{PLAIN\}[^:]+$/,
  /^\{SHA\}[A-Za-z0-9+/]{27}=$/,
  // A digest of 20 bytes and a salt.
  /^\{SSHA\}[A-Za-z0-9+/]{28,}={0,2}$/,
  /^\$apr1\$[^$:]{1,8}\$[./0-9A-Za-z]{22}$/,
  // crypt(): DES, MD5, bcrypt up to 2^12 rounds, SHA-256 and SHA-512 up to 199999, yescrypt up to 16 times its default.
  /^[./0-9A-Za-z]{13}$/,
  /^\$1\$[^$:]{1,8}\$[./0-9A-Za-z]{22}$/,
  /^\$2[abxy]\$(?:0[4-9]|1[0-2])\$[./0-9A-Za-z]{53}$/,
  /^\$5\$(?:rounds=1?\d{4,5}\$)?[^$:]{1,16}\$[./0-9A-Za-z]{43}$/,
  /^\$6\$(?:rounds=1?\d{4,5}\$)?[^$:]{1,16}\$[./0-9A-Za-z]{86}$/,
  /^\$g?y\$j[7-9AB][5T]\$[./0-9A-Za-z]{1,86}\$[./0-9A-Za-z]{43}$/,
];

/** Whether NGINX can check a password in this form, and does so fast enough. */
export function isPasswordHash(text: string): boolean {
  return FORMS.some((form) => form.test(text));
}
