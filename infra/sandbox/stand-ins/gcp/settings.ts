import { parseJson } from '../../../../src/json.ts';
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
  readonly zone: string | undefined;
  /** An OAuth access token. */
  readonly token: string;
  /** The address of an API, with its version and a slash at the end. */
  readonly endpoint: (service: Service) => string;
  readonly defaultLabels: Readonly<Record<string, string>>;
  /** When resources are labelled as Pulumi's. */
  readonly attribution: 'never' | 'at creation' | 'always';
  readonly deletionPolicy: string;
  /** Milliseconds for one try of a request; absent where the plug-in's own limit counts. */
  readonly requestTimeout: number | undefined;
}

/** The Google APIs, by the name that the settings have for them. */
export const APIS = {
  artifactRegistry: 'artifactregistry.googleapis.com',
  cloudScheduler: 'cloudscheduler.googleapis.com',
  iam: 'iam.googleapis.com',
  resourceManager: 'cloudresourcemanager.googleapis.com',
  serviceUsage: 'serviceusage.googleapis.com',
} as const;

export type Service = keyof typeof APIS;

/** Settings that would change requests, or who sends them: to ignore one in silence would be a lie. */
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

/** Where the official plug-in looks for settings that the stack does not have (typings of `gcp.Provider`). */
const VARIABLES = {
  project: ['GOOGLE_PROJECT', 'GOOGLE_CLOUD_PROJECT', 'GCLOUD_PROJECT', 'CLOUDSDK_CORE_PROJECT'],
  region: ['GOOGLE_REGION', 'GCLOUD_REGION', 'CLOUDSDK_COMPUTE_REGION'],
  zone: ['GOOGLE_ZONE', 'GCLOUD_ZONE', 'CLOUDSDK_COMPUTE_ZONE'],
  accessToken: ['GOOGLE_OAUTH_ACCESS_TOKEN'],
} as const;

/** The problems with a configuration. Values that are not known yet are none. */
export function checkSettings(news: Properties): CheckFailure[] {
  const isSet = (value: PropertyValue) => value !== null && value !== '' && value !== 'false';
  return Object.entries(news).flatMap(([property, value]) => {
    const reason = isSet(value) ? problemOf(property, value) : undefined;
    return reason === undefined ? [] : [{ property, reason }];
  });
}

function problemOf(property: string, value: PropertyValue): string | undefined {
  if (NOT_IN_THE_STAND_IN.includes(property)) {
    return 'is not in the stand-in for the gcp plug-in: use an access token, or the official one';
  }
  if (typeof value === 'symbol') return undefined;
  const text = typeof value === 'string' ? value : '';
  // Those of APIs that only the program calls, too.
  if (property.endsWith('CustomEndpoint') && !isEndpoint(text)) {
    return 'write an address with its version and a slash at the end: https://host/v1/';
  }
  if (property === 'defaultLabels' && parseLabels(text) === undefined) {
    return 'write a JSON object of texts';
  }
  if (property === 'requestTimeout' && parseTimeout(text) === undefined) {
    return 'write a duration such as 90s or 2m';
  }
  return undefined;
}

/** Reads a configuration that `checkSettings` has no problem with. Throws where there is no access token. */
export function parseSettings(inputs: Properties, env: NodeJS.ProcessEnv): Settings {
  const setting = (name: keyof typeof VARIABLES) =>
    textOf(inputs, name) || VARIABLES[name].map((variable) => env[variable]).find(Boolean);
  const endpoint = (service: Service) => {
    // The official plug-in sends requests for service accounts and roles to the beta address.
    const beta = service === 'iam' ? textOf(inputs, 'iamBetaCustomEndpoint') : '';
    return beta || textOf(inputs, `${service}CustomEndpoint`) || `https://${APIS[service]}/v1/`;
  };
  const token = setting('accessToken');
  if (token === undefined) {
    throw new Error(
      'the stand-in for the gcp plug-in has no Google access token; set gcp:accessToken, or the ' +
        'environment variable GOOGLE_OAUTH_ACCESS_TOKEN to the output of ' +
        '`gcloud auth print-access-token` (application default credentials need the official plug-in)',
    );
  }
  return {
    project: setting('project'),
    region: setting('region'),
    zone: setting('zone'),
    token,
    endpoint,
    defaultLabels: parseLabels(textOf(inputs, 'defaultLabels')) ?? {},
    attribution: attributionOf(inputs),
    deletionPolicy: textOf(inputs, 'deletionPolicy') || 'DELETE',
    requestTimeout: parseTimeout(textOf(inputs, 'requestTimeout')),
  };
}

function attributionOf(inputs: Properties): Settings['attribution'] {
  if (inputs['addPulumiAttributionLabel'] === 'false') return 'never';
  const strategy = textOf(inputs, 'pulumiAttributionLabelAdditionStrategy');
  return strategy === 'PROACTIVE' ? 'always' : 'at creation';
}

/** Settings that are no texts arrive as JSON. */
function parseLabels(text: string): Record<string, string> | undefined {
  const labels = parseJson(text);
  if (typeof labels !== 'object' || labels === null || Array.isArray(labels)) return undefined;
  const isGood = Object.values(labels).every((label) => typeof label === 'string');
  return isGood ? (labels as Record<string, string>) : undefined;
}

/** Milliseconds of a duration as Go writes it, such as `1m30s`; `undefined` for none, and for no time at all. */
function parseTimeout(text: string): number | undefined {
  const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
  const part = /(\d+(?:\.\d+)?)(ms|s|m|h)/g;
  if (text.replaceAll(part, '') !== '') return undefined;
  const parts = [...text.matchAll(part)];
  const sum = parts.reduce((all, [, n, unit = '']) => all + Number(n) * (units[unit] ?? 0), 0);
  return Math.round(sum) || undefined;
}

function isEndpoint(text: string): boolean {
  return /^https?:\/\/[^/?#]+\/[^?#]+\/$/.test(text) && URL.canParse(text);
}
