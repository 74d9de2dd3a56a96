import { createRequire } from 'node:module';
import type { Plugin, Properties } from '../../../oci/protocol/resource-type.ts';
import { ACCOUNT_POLICIES } from './account-policies.ts';
import { ACCOUNT } from './account.ts';
import { askGoogle, REAL_WIRE, type Wire } from './ask-google.ts';
import { clientConfig } from './client-config.ts';
import { CUSTOM_ROLE } from './custom-role.ts';
import { grantBinding } from './grant-binding.ts';
import { grantMember } from './grant-member.ts';
import { JOB } from './job.ts';
import type { Kind } from './kind.ts';
import { PROJECT_POLICIES } from './project-policies.ts';
import { PROJECT_SERVICE } from './project-service.ts';
import { REPOSITORY_POLICIES } from './repository-policies.ts';
import { REPOSITORY } from './repository.ts';
import { resourceType, type Provider } from './resource-kind.ts';
import { sameValue } from './same-value.ts';
import { WORKLOAD_IDENTITY_POOL } from './workload-identity-pool.ts';
import { WORKLOAD_IDENTITY_PROVIDER } from './workload-identity-provider.ts';
import { checkSettings, parseSettings, type Settings } from './settings.ts';

const KINDS: readonly Kind[] = [
  REPOSITORY,
  grantMember('gcp:artifactregistry/repositoryIamMember:RepositoryIamMember', REPOSITORY_POLICIES),
  grantBinding(
    'gcp:artifactregistry/repositoryIamBinding:RepositoryIamBinding',
    REPOSITORY_POLICIES,
  ),
  JOB,
  ACCOUNT,
  grantMember('gcp:serviceaccount/iAMMember:IAMMember', ACCOUNT_POLICIES),
  PROJECT_SERVICE,
  grantMember('gcp:projects/iAMMember:IAMMember', PROJECT_POLICIES),
  CUSTOM_ROLE,
  WORKLOAD_IDENTITY_POOL,
  WORKLOAD_IDENTITY_PROVIDER,
];

/**
 * Stands in for the official `gcp` plug-in where that can't be downloaded: the resource types that
 * the program uses, by the same REST calls to whatever endpoints are configured, Google's own
 * included. It needs an access token: of the ways to log in to Google it knows no other.
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
      return { ask: askGoogle(settings, wire, signal), settings, pause };
    },
  };
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
    resources: Object.fromEntries(KINDS.map((kind) => [kind.token, resourceType(kind, provider)])),
    functions: {
      'gcp:organizations/getClientConfig:getClientConfig': () => clientConfig(provider.settings()),
    },
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
