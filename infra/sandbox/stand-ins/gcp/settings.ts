import type {
  CheckFailure,
  Properties,
  PropertyValue,
} from '../../../oci/protocol/resource-type.ts';
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

/** Settings beside the endpoints. To ignore another one in silence would be a lie: it may change requests. */
const KNOWN = [
  'accessToken',
  'project',
  'region',
  'zone',
  'requestTimeout',
  'skipRegionValidation',
];

/** The problems with a configuration. Values that are not known yet are none. */
export function checkSettings(news: Properties): CheckFailure[] {
  return Object.entries(news).flatMap(([property, value]) => {
    const reason = problemOf(property, value);
    return reason === undefined ? [] : [{ property, reason }];
  });
}

function problemOf(property: string, value: PropertyValue): string | undefined {
  if (value === null || value === '') return undefined;
  // Those of APIs that only the program calls, too.
  const isAddress = property.endsWith('CustomEndpoint');
  if (!isAddress && !KNOWN.includes(property) && property !== 'version') {
    return 'is not in the stand-in for the gcp plug-in: leave it out, or use the official one';
  }
  if (typeof value !== 'string') return undefined;
  if (isAddress && !isEndpoint(value)) {
    return 'write an address with its version and a slash at the end: https://host/v1/';
  }
  if (property === 'requestTimeout' && !/^[1-9]\d*s$/.test(value)) {
    return 'write whole seconds, such as 90s';
  }
  return undefined;
}

/** Reads a configuration that `checkSettings` has no problem with. Throws where there is no access token. */
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

function isEndpoint(text: string): boolean {
  return /^https?:\/\/[^/?#]+\/[^?#]+\/$/.test(text) && URL.canParse(text);
}
