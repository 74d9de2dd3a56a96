import { createRequire } from 'node:module';
import { secretOf } from '../../../oci/protocol/properties.ts';
import type { Plugin, Properties } from '../../../oci/protocol/resource-type.ts';
import { gcpResourceType, type Provider } from './gcp-resource-type.ts';
import { googleClient, REAL_WIRE, type Wire } from './google-client.ts';
import { ACCOUNTS, grantKind, PROJECTS, REPOSITORIES } from './grants.ts';
import {
  ACCOUNT,
  CUSTOM_ROLE,
  PROJECT_SERVICE,
  WORKLOAD_IDENTITY_POOL,
  WORKLOAD_IDENTITY_PROVIDER,
} from './identities.ts';
import { JOB } from './job.ts';
import { sameValue } from './property.ts';
import { REPOSITORY } from './repository.ts';
import { checkSettings, parseSettings, type Settings } from './settings.ts';

const BINDING = 'gcp:artifactregistry/repositoryIamBinding:RepositoryIamBinding';

/** The resource types that the program uses. */
const KINDS = [
  REPOSITORY,
  grantKind(BINDING, REPOSITORIES, 'members'),
  JOB,
  ACCOUNT,
  grantKind('gcp:serviceaccount/iAMMember:IAMMember', ACCOUNTS, 'member'),
  PROJECT_SERVICE,
  grantKind('gcp:projects/iAMMember:IAMMember', PROJECTS, 'member'),
  CUSTOM_ROLE,
  WORKLOAD_IDENTITY_POOL,
  WORKLOAD_IDENTITY_PROVIDER,
];

/**
 * Stands in for the official `gcp` plug-in where that cannot be downloaded: the resource types that
 * the program uses, by the same REST requests to whatever endpoints are configured, Google's own
 * included. It needs an access token: it knows no other way to log in to Google.
 */
export function createGcpStandIn(env: NodeJS.ProcessEnv, wire: Wire = REAL_WIRE): Plugin {
  let configured: Settings | undefined;
  const provider: Provider = {
    settings() {
      if (configured === undefined) throw new Error('the gcp provider is not configured');
      return configured;
    },
    work(signal) {
      const settings = provider.settings();
      const pause = (milliseconds: number) => wire.sleep(milliseconds, signal);
      return { send: googleClient(settings, wire, signal), settings, pause };
    },
  };
  const types = KINDS.map((kind) => [kind.token, gcpResourceType(kind, provider)] as const);
  return {
    name: 'gcp',
    version: officialVersion(),
    secretSettings: ['accessToken'],
    checkConfig: checkSettings,
    // A new access token too: without a difference, the engine goes on with the one of the last run.
    diffConfig: (olds, news) => ({ changed: changedSettings(olds, news) }),
    configure(inputs) {
      configured = parseSettings(inputs, env);
      return Promise.resolve();
    },
    resources: Object.fromEntries(types),
    functions: {
      'gcp:organizations/getClientConfig:getClientConfig': () => clientConfig(provider.settings()),
    },
  };
}

/** As whom, and where, the provider works. */
function clientConfig(settings: Settings): Properties {
  const { project = '', region = '', zone = '', token, defaultLabels } = settings;
  return {
    id: `projects/${project}/regions/${region}/zones/${zone}`,
    accessToken: secretOf(token),
    defaultLabels,
    project,
    region,
    zone,
  };
}

function changedSettings(olds: Properties, news: Properties): string[] {
  const names = new Set([...Object.keys(olds), ...Object.keys(news)]);
  return [...names].filter((name) => name !== 'version' && !sameValue(olds[name], news[name]));
}

/** The version of the SDK that the program is written against, whose contract is kept here. */
function officialVersion(): string {
  const { version } = createRequire(import.meta.url)('@pulumi/gcp/package.json') as {
    version: string;
  };
  return version;
}
