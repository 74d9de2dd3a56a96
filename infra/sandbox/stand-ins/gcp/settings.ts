import type { CheckFailure, Properties } from '../../../oci/protocol/resource-type.ts';
import { textOf } from './property.ts';

/** The provider's configuration. */
export interface Settings {
  readonly project: string | undefined;
  readonly region: string | undefined;
  readonly zone: string;
  /** An OAuth access token that has not ended. */
  readonly token: () => Promise<string>;
  /** The address of an API, with its version and a slash at the end. */
  readonly endpoint: (service: Service) => string;
  /** Milliseconds for one try of a request. */
  readonly timeout: number;
  /** Milliseconds between two looks at a long-running operation. */
  readonly pollInterval: number;
}

const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';

/** The Google APIs, by the name that the settings have for them. */
const APIS = {
  artifactRegistry: 'artifactregistry.googleapis.com',
  cloudScheduler: 'cloudscheduler.googleapis.com',
  iam: 'iam.googleapis.com',
  resourceManager: 'cloudresourcemanager.googleapis.com',
  serviceUsage: 'serviceusage.googleapis.com',
} as const;

export type Service = keyof typeof APIS;

/** Settings beside the endpoints and the version. */
const KNOWN = [
  'accessToken',
  'project',
  'region',
  'zone',
  'requestTimeout',
  'pollInterval',
  'skipRegionValidation',
];

/**
 * The settings that are empty, which the official plug-in refuses as well, and those that the stand-in does not
 * have: to ignore one in silence would be a lie.
 */
export function checkSettings(news: Properties): CheckFailure[] {
  const isKnown = (name: string) =>
    name === 'version' || name.endsWith('CustomEndpoint') || KNOWN.includes(name);
  const reason =
    'is not in the stand-in for the gcp plug-in: leave it out, or use the official one';
  return Object.entries(news).flatMap(([property, value]) => {
    if (value === '') return [{ property, reason: 'expected a non-empty string' }];
    return isKnown(property) || value === null ? [] : [{ property, reason }];
  });
}

/** Reads a configuration. Throws where there is no login. */
export function parseSettings(inputs: Properties, env: NodeJS.ProcessEnv): Settings {
  const setting = (name: string) => textOf(inputs, name) || undefined;
  const given = setting('accessToken') ?? env['GOOGLE_OAUTH_ACCESS_TOKEN'];
  if (!given && !env['GOOGLE_APPLICATION_CREDENTIALS']) {
    throw new Error(
      'the stand-in for the gcp plug-in has no Google access token; set gcp:accessToken or ' +
        'GOOGLE_OAUTH_ACCESS_TOKEN to the output of `gcloud auth print-access-token`, or ' +
        'GOOGLE_APPLICATION_CREDENTIALS to a file (other logins need the official plug-in)',
    );
  }
  return {
    project: setting('project'),
    region: setting('region'),
    zone: textOf(inputs, 'zone'),
    token: given ? () => Promise.resolve(given) : tokenOfLibrary(),
    endpoint: (service) =>
      // The official plug-in sends requests for service accounts and roles to the beta address.
      setting(service === 'iam' ? 'iamBetaCustomEndpoint' : `${service}CustomEndpoint`) ??
      `https://${APIS[service]}/v1/`,
    // The official plug-in's defaults.
    timeout: 1000 * Number.parseInt(setting('requestTimeout') ?? '120s', 10),
    pollInterval: 1000 * Number.parseInt(setting('pollInterval') ?? '10s', 10),
  };
}

/**
 * Tokens of the login in GOOGLE_APPLICATION_CREDENTIALS. Google's library, which renews them before they end, is loaded
 * with the first: most runs have a token.
 */
function tokenOfLibrary(): () => Promise<string> {
  const load = async () => {
    const { GoogleAuth } = await import('google-auth-library');
    // No project is needed here. Without one, the library would request it from Google first.
    return new GoogleAuth({ scopes: SCOPE, projectId: '-' });
  };
  let auth: ReturnType<typeof load> | undefined;
  return async () => (await (await (auth ??= load())).getAccessToken()) ?? '';
}
