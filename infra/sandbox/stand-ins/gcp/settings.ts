import type { CheckFailure, Properties } from '../../../oci/protocol/resource-type.ts';
import { textOf } from './property.ts';

/** The provider's configuration. */
export interface Settings {
  readonly project: string | undefined;
  readonly region: string | undefined;
  readonly zone: string;
  /** An OAuth access token. */
  readonly token: string;
  /** The address of an API, with its version and a slash at the end. */
  readonly endpoint: (service: Service) => string;
  /** Milliseconds for one try of a request. */
  readonly timeout: number;
}

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
  'skipRegionValidation',
];

/** The settings that the stand-in does not have: to ignore one in silence would be a lie. */
export function checkSettings(news: Properties): CheckFailure[] {
  const isKnown = (name: string) =>
    name === 'version' || name.endsWith('CustomEndpoint') || KNOWN.includes(name);
  const reason =
    'is not in the stand-in for the gcp plug-in: leave it out, or use the official one';
  return Object.entries(news).flatMap(([property, value]) =>
    isKnown(property) || value === null || value === '' ? [] : [{ property, reason }],
  );
}

/** Reads a configuration. Throws where there is no access token. */
export function parseSettings(inputs: Properties, env: NodeJS.ProcessEnv): Settings {
  const setting = (name: string) => textOf(inputs, name) || undefined;
  const token = setting('accessToken') ?? env['GOOGLE_OAUTH_ACCESS_TOKEN'];
  if (token === undefined) {
    throw new Error(
      'the stand-in for the gcp plug-in has no Google access token; set gcp:accessToken or ' +
        'GOOGLE_OAUTH_ACCESS_TOKEN to the output of `gcloud auth print-access-token` ' +
        '(other logins need the official plug-in)',
    );
  }
  return {
    project: setting('project'),
    region: setting('region'),
    zone: textOf(inputs, 'zone'),
    token,
    endpoint: (service) =>
      // The official plug-in sends requests for service accounts and roles to the beta address.
      setting(service === 'iam' ? 'iamBetaCustomEndpoint' : `${service}CustomEndpoint`) ??
      `https://${APIS[service]}/v1/`,
    timeout: 1000 * Number.parseInt(setting('requestTimeout') ?? '60s', 10),
  };
}
