import { randomBytes } from 'node:crypto';
import { parseRegistry } from '../../src/image-reference.ts';
import type { CheckFailure, Plugin, Properties } from '../plugin/resource-type.ts';
import { connector, type Account, type Connect } from './connect.ts';
import { publicationType } from './publication-type.ts';
import { tagType } from './tag-type.ts';
import { textOf } from './tagged-place.ts';

/**
 * The project's own provider plug-in: what docker.Image can't do. It is configured with the account
 * for one registry (`registry`, `username`, `password`), or with none; then the Docker config decides.
 */
export function ociPlugin(env: NodeJS.ProcessEnv): Plugin {
  let connectConfigured = connector(undefined, env);
  const connect: Connect = (registry, signal) => connectConfigured(registry, signal);
  return {
    name: 'oci',
    version: '0.1.0',
    checkConfig,
    // A rotated password too: the engine configures the plug-in from the state first, and goes on
    // with that, now outdated, password unless there is a difference. None replaces anything.
    diffConfig: (olds, news) => ({
      changed: ACCOUNT_INPUTS.filter((input) => olds[input] !== news[input]),
    }),
    configure(inputs) {
      connectConfigured = connector(accountOf(inputs), env);
      return Promise.resolve();
    },
    resources: {
      'oci:index:Publication': publicationType({
        connect,
        now: () => new Date(),
        random: () => randomBytes(4).toString('hex'),
      }),
      'oci:index:Tag': tagType(connect),
    },
  };
}

const ACCOUNT_INPUTS = ['registry', 'username', 'password'] as const;

function checkConfig(news: Properties): CheckFailure[] {
  const registry = news['registry'];
  const failures: CheckFailure[] = [];
  if (typeof registry === 'string' && registry !== '' && parseRegistry(registry) === undefined) {
    failures.push({ property: 'registry', reason: 'write a host, such as registry.example:5000' });
  }
  for (const [property, other] of [
    ['username', 'password'],
    ['password', 'username'],
    ['registry', 'username'],
  ] as const) {
    if (isSet(news, property) || !isSet(news, other)) continue;
    failures.push({ property, reason: `set it too, or leave out ${other}` });
  }
  return failures;
}

/** Set, or about to be: what is not known in a preview will have a value. */
function isSet(properties: Properties, property: string): boolean {
  return typeof properties[property] === 'symbol' || textOf(properties, property) !== '';
}

function accountOf(inputs: Properties): Account | undefined {
  const [registry, username, password] = ACCOUNT_INPUTS.map((input) => textOf(inputs, input));
  if (!registry || !username || !password) return undefined;
  return { registry, credentials: { username, password } };
}
