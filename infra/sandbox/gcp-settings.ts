import { ACCESS_TOKEN } from './google-project.ts';

/** The Google APIs that the program and the gcp plug-in call, by the names of the plug-in's settings. */
const APIS = [
  'artifactRegistry',
  'cloudBuild',
  'cloudScheduler',
  'iamBeta',
  'iamCredentials',
  'resourceManager',
  'serviceUsage',
];

/**
 * Settings of a stack that send the gcp plug-in, the official one and the stand-in alike, to the
 * emulator at `127.0.0.1:<port>` and to no real account.
 */
export function gcpSettings(
  project: string,
  region: string,
  emulator: string,
): Readonly<Record<string, string>> {
  const address = `http://${emulator}/v1/`;
  return {
    'gcp:project': project,
    'gcp:region': region,
    'gcp:accessToken': ACCESS_TOKEN,
    // The plug-in would ask Compute Engine, which the emulator has not, what regions there are.
    'gcp:skipRegionValidation': 'true',
    ...Object.fromEntries(APIS.map((api) => [`gcp:${api}CustomEndpoint`, address])),
  };
}
