import type { CheckFailure, Properties } from '../../../oci/protocol/resource-type.ts';
import { endpointsOf, type Service } from './endpoints.ts';
import { parseRequestTimeout } from './request-timeout.ts';

/** The provider's configuration. */
export interface Settings {
  readonly project: string | undefined;
  readonly region: string | undefined;
  readonly zone: string | undefined;
  /** An OAuth access token. */
  readonly token: string;
  /** Base addresses, each with the API's version and a slash at the end. */
  readonly endpoints: Readonly<Record<Service, string>>;
  readonly defaultLabels: Readonly<Record<string, string>>;
  /** When resources are labelled as Pulumi's. */
  readonly attribution: 'never' | 'at creation' | 'always';
  readonly deletionPolicy: string;
  /** Milliseconds for one try of a call; absent where the plug-in's own patience counts. */
  readonly requestTimeout: number | undefined;
}

/** Settings that would change what is sent, or as whom: to pass over one in silence would be a lie. */
const NOT_IN_THE_STAND_IN = [
  'credentials',
  'externalCredentials',
  'impersonateServiceAccount',
  'impersonateServiceAccountDelegates',
  'billingProject',
  'userProjectOverride',
  'universeDomain',
  'requestReason',
];

/** Where the official plug-in looks for settings that the stack doesn't have (typings of `gcp.Provider`). */
const VARIABLES = {
  project: ['GOOGLE_PROJECT', 'GOOGLE_CLOUD_PROJECT', 'GCLOUD_PROJECT', 'CLOUDSDK_CORE_PROJECT'],
  region: ['GOOGLE_REGION', 'GCLOUD_REGION', 'CLOUDSDK_COMPUTE_REGION'],
  zone: ['GOOGLE_ZONE', 'GCLOUD_ZONE', 'CLOUDSDK_COMPUTE_ZONE'],
  accessToken: ['GOOGLE_OAUTH_ACCESS_TOKEN'],
} as const;

export function checkSettings(news: Properties): CheckFailure[] {
  const refused = NOT_IN_THE_STAND_IN.filter((property) => isSet(news, property)).map(
    (property) => ({
      property,
      reason:
        'is not in the stand-in for the gcp plug-in: use an access token, or the official one',
    }),
  );
  // Those of APIs that only the program calls, too.
  const misshapen = Object.keys(news)
    .filter((property) => property.endsWith('CustomEndpoint'))
    .filter((property) => isSet(news, property) && !isEndpoint(news[property]))
    .map((property) => ({
      property,
      reason: 'write an address with its version and a slash at the end: https://host/v1/',
    }));
  return [...refused, ...misshapen, ...unreadable(news)];
}

/** Settings with a form of their own, each by how it is read. */
const READERS = {
  defaultLabels: { read: parseLabels, reason: 'write a JSON object of texts' },
  requestTimeout: { read: timeoutOf, reason: 'write a duration such as 90s or 2m' },
} as const;

function unreadable(news: Properties): CheckFailure[] {
  return Object.entries(READERS)
    .filter(([property]) => isSet(news, property) && typeof news[property] !== 'symbol')
    .filter(([property, { read }]) => read(news[property]) === undefined)
    .map(([property, { reason }]) => ({ property, reason }));
}

/** Reads a configuration that `checkSettings` found good; throws where there is no access token. */
export function parseSettings(inputs: Properties, env: NodeJS.ProcessEnv): Settings {
  const setting = (name: keyof typeof VARIABLES) =>
    textOf(inputs, name) ?? VARIABLES[name].map((variable) => env[variable]).find(Boolean);
  const token = setting('accessToken');
  if (token === undefined) {
    throw new Error(
      'the stand-in for the gcp plug-in has no Google access token; set gcp:accessToken, or the ' +
        'environment variable GOOGLE_OAUTH_ACCESS_TOKEN to what `gcloud auth print-access-token` ' +
        'prints (application default credentials need the official plug-in)',
    );
  }
  return {
    project: setting('project'),
    region: setting('region'),
    zone: setting('zone'),
    token,
    endpoints: endpointsOf(inputs),
    defaultLabels: parseLabels(inputs['defaultLabels']) ?? {},
    attribution: attributionOf(inputs),
    deletionPolicy: textOf(inputs, 'deletionPolicy') ?? 'DELETE',
    requestTimeout: timeoutOf(inputs['requestTimeout']),
  };
}

function attributionOf(inputs: Properties): Settings['attribution'] {
  if (inputs['addPulumiAttributionLabel'] === 'false') return 'never';
  const strategy = textOf(inputs, 'pulumiAttributionLabelAdditionStrategy');
  return strategy === 'PROACTIVE' ? 'always' : 'at creation';
}

/** Settings that are no texts arrive as JSON. */
function parseLabels(value: Properties[string] | undefined): Record<string, string> | undefined {
  if (typeof value !== 'string') return undefined;
  try {
    const labels: unknown = JSON.parse(value);
    if (typeof labels !== 'object' || labels === null || Array.isArray(labels)) return undefined;
    const isGood = Object.values(labels).every((label) => typeof label === 'string');
    return isGood ? (labels as Record<string, string>) : undefined;
  } catch {
    return undefined;
  }
}

function timeoutOf(value: Properties[string] | undefined): number | undefined {
  return typeof value === 'string' ? parseRequestTimeout(value) : undefined;
}

function isEndpoint(value: Properties[string] | undefined): boolean {
  if (typeof value !== 'string') return typeof value === 'symbol';
  return /^https?:\/\/[^/?#]+\/[^?#]+\/$/.test(value) && URL.canParse(value);
}

/** Set, if only to something that is not known yet. */
function isSet(properties: Properties, name: string): boolean {
  const value = properties[name];
  return value !== undefined && value !== null && value !== '' && value !== 'false';
}

function textOf(properties: Properties, name: string): string | undefined {
  const value = properties[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
