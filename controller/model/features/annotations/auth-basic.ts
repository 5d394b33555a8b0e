import type { V1Secret } from '@kubernetes/client-node';
import { filePath, noVariables } from '../../../types/conf-value.ts';
import { notOneWord } from '../../../types/conf-word.ts';
import { directive } from '../../../types/directive.ts';
import type { Problem } from '../../../types/problem.ts';
import { annotations } from '../annotation.ts';
import { closed } from '../closed.ts';
import { keptProblem, lastGood } from '../../contract/last-good.ts';
import { elsewhereOf, namedSecret } from '../named-object.ts';
import { accept, type Parser, reject } from '../../contract/parser.ts';
import { ownName } from '../../values/names.ts';
import { passwordFile, tellUsers } from '../../values/password-file.ts';
import { oneWordOf } from '../../values/scalars.ts';

const realm: Parser<string> = {
  accepts: 'letters, digits, spaces and - . _ ~ : /',
  parse: (raw) => {
    if (!/^[A-Za-z0-9._~:/ -]*$/.test(raw)) return reject('contains a character that is not allowed in a realm');
    const tooLong = notOneWord(raw);
    if (tooLong !== undefined) return reject(tooLong);
    // NGINX reads `off` as "no authentication".
    return raw === 'off' ? reject('cannot be "off", which would disable authentication') : accept(raw);
  },
};

const guard = { onInvalid: 'denied', scope: 'location', live: false } as const;

export default annotations({
  group: 'Authentication',
  keys: {
    'auth-type': {
      ...guard,
      parser: oneWordOf(['basic', 'digest']),
      risk: 'low',
      about:
        '`basic`: requests without a valid user name and password get 401, except for paths in `no-auth-locations`. ' +
        'The backend does not get the Authorization header. `digest` needs a module that Debian does not package, so ' +
        'the paths answer 503.',
      good: ['basic', 'digest'],
      bad: ['Basic', 'basic-auth', 'none'],
    },
    'auth-secret': {
      ...guard,
      parser: ownName,
      needs: 'auth-type',
      risk: 'medium',
      about:
        "Secret with users and passwords. It must be in the Ingress's own namespace unless " +
        '`allow-cross-namespace-resources` is on or the Secret has the annotation `tidegate.dev/allow-from` ' +
        '(docs/tenants.md). If the Secret does not exist or contains no user, the paths answer 503. If the Secret ' +
        'becomes invalid, its last good content stays in force; if there is none, the paths answer 503. A change to ' +
        'the Secret needs a reload.',
      good: ['users', 'shop/users'],
      bad: ['Users', 'a/b/c', '../users'],
    },
    'auth-secret-type': {
      ...guard,
      parser: oneWordOf(['auth-file', 'auth-map']),
      needs: 'auth-type',
      risk: 'low',
      about:
        '`auth-file` (the default): the key `auth` of the Secret contains a file in the format of htpasswd. ' +
        '`auth-map`: each key is a user name, and its value is the hash of the password. Hashes may be bcrypt (up to ' +
        '2^12 rounds), yescrypt, SHA-512, SHA-256, MD5 and DES in the formats of crypt(), `$apr1$`, `{SHA}`, ' +
        '`{SSHA}` and `{PLAIN}`; users with other hashes cannot log in, and a warning names them.',
      good: ['auth-file', 'auth-map'],
      bad: ['file', 'auth-maps'],
    },
    'auth-realm': {
      ...guard,
      parser: realm,
      onInvalid: 'ignored',
      risk: 'medium',
      about:
        'The text that the browser shows when it asks for the password; empty if absent or invalid. `off` is invalid.',
      good: ['Staff only', 'shop: /admin'],
      bad: ['off', 'a "b"', '$host'],
    },
  },
  location: (values, context) => {
    const { report, annotationField } = context;
    if (values['auth-type'] === undefined) {
      const [lonely] = Object.keys(values);
      if (lonely === undefined) return {};
      report({
        code: 'auth-without-type',
        severity: 'warning',
        effect: 'ignored-key',
        field: annotationField(lonely),
        message: `${lonely}: no effect without a valid auth-type`,
        example: 'auth-type: basic',
      });
      return {};
    }
    if (context.exemptFromAuth()) return {};
    const deny = (name: string, message: string, more: Pick<Problem, 'value' | 'elsewhere'> = {}) => {
      report({
        code: 'auth-basic',
        severity: 'error',
        effect: 'denied-location',
        field: annotationField(name),
        ...more,
        message,
        example: 'auth-type: basic, auth-secret: users',
      });
      return { route: closed(name) };
    };
    if (values['auth-type'] === 'digest')
      return deny('auth-type', "auth-type digest is not supported: Debian's NGINX has no module for it", {
        value: 'digest',
      });
    const reference = values['auth-secret'];
    if (reference === undefined)
      return deny('auth-type', 'auth-type needs auth-secret, a Secret with users and passwords');
    const found = namedSecret('auth-secret', reference, context);
    const { key, object: secret, refusal } = found;
    if (secret === undefined) return deny('auth-secret', refusal, { value: key, ...elsewhereOf(found) });
    const use = values['auth-secret-type'] ?? 'auth-file';
    const read = (each: V1Secret) => passwordFile(each, use, context.flags.bounds);
    const passwords = lastGood({ use, key, object: secret, read, tell: tellUsers }, context.resources);
    if (passwords.refusal !== undefined) return deny('auth-secret', passwords.refusal, { value: key, elsewhere: true });
    if (passwords.kept !== undefined) report(keptProblem(annotationField('auth-secret'), key, passwords.kept));
    const { file, unusable } = passwords.value;
    if (unusable.length > 0)
      report({
        code: 'password-form',
        severity: 'warning',
        effect: 'none',
        field: annotationField('auth-secret'),
        value: key,
        message:
          `Secret ${key}: nobody can log in with ${unusable.join(', ')}: NGINX does not support that form of ` +
          'password hash, or takes too long to check it',
        example: 'htpasswd -nB alice',
      });
    return {
      directives: [
        directive('auth_basic', noVariables(values['auth-realm'] ?? '')),
        directive('auth_basic_user_file', filePath(`files/${file.name}`)),
      ],
      files: [file],
      upstreamHeaders: [['Authorization', 'removed']],
    };
  },
});
