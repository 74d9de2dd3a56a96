import gcpPackage from '@pulumi/gcp/package.json' with { type: 'json' };
import { secretOf } from '../../../oci/protocol/properties.ts';
import type { Plugin, Properties } from '../../../oci/protocol/resource-type.ts';
import { gcpResourceType, type Provider } from './gcp-resource-type.ts';
import { OPERATION_SECONDS, REAL_WIRE, workOf, type Wire } from './google-client.ts';
import { ACCOUNT_MEMBER, PROJECT_MEMBER, REPOSITORY_BINDING } from './grants.ts';
import {
  ACCOUNT,
  CUSTOM_ROLE,
  PROJECT_SERVICE,
  WORKLOAD_IDENTITY_POOL,
  WORKLOAD_IDENTITY_PROVIDER,
} from './identities.ts';
import { JOB } from './job.ts';
import { sameValue } from './property.ts';
import { GET_REPOSITORY, getRepository, REPOSITORY } from './repository.ts';
import { checkSettings, parseSettings, type Settings } from './settings.ts';

/** The resource types that the program uses. */
const KINDS = [
  REPOSITORY,
  REPOSITORY_BINDING,
  JOB,
  ACCOUNT,
  ACCOUNT_MEMBER,
  PROJECT_SERVICE,
  PROJECT_MEMBER,
  CUSTOM_ROLE,
  WORKLOAD_IDENTITY_POOL,
  WORKLOAD_IDENTITY_PROVIDER,
];

/**
 * Stands in for the official `gcp` plug-in where that cannot be downloaded: the resource types that
 * the program uses, by the same REST requests to whatever endpoints are configured, Google's own
 * included. It logs in to Google with an access token or a credentials file, and knows no other way.
 */
export function createGcpStandIn(env: NodeJS.ProcessEnv, wire: Wire = REAL_WIRE): Plugin {
  let configured: Settings | undefined;
  const provider: Provider = {
    settings() {
      if (configured === undefined) throw new Error('the gcp provider is not configured');
      return configured;
    },
    work: (signal, seconds) => workOf(provider.settings(), wire, signal, seconds),
  };
  const types = KINDS.map((kind) => [kind.token, gcpResourceType(kind, provider)] as const);
  return {
    name: 'gcp',
    // The version of the SDK that the program is written against, whose contract is kept here.
    version: gcpPackage.version,
    secretSettings: ['accessToken'],
    checkConfig: checkSettings,
    diffConfig(olds, news) {
      // A new access token too: without a difference, the engine goes on with the one of the last run.
      const names = Object.keys({ ...olds, ...news }).filter((name) => name !== 'version');
      return { changed: names.filter((name) => !sameValue(olds[name], news[name])) };
    },
    configure(inputs) {
      configured = parseSettings(inputs, env);
      return Promise.resolve();
    },
    resources: Object.fromEntries(types),
    functions: {
      'gcp:organizations/getClientConfig:getClientConfig': () => clientConfig(provider.settings()),
      [GET_REPOSITORY]: (inputs, { signal }) =>
        getRepository(inputs, provider.work(signal, OPERATION_SECONDS.read)),
    },
  };
}

/** As whom, and where, the provider works. */
async function clientConfig(settings: Settings): Promise<Properties> {
  const { project = '', region = '', zone, token } = settings;
  const id = `projects/${project}/regions/${region}/zones/${zone}`;
  return { id, accessToken: secretOf(await token()), defaultLabels: {}, project, region, zone };
}
