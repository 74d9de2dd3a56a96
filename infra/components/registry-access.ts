import { getClientConfig } from '@pulumi/gcp/organizations/getClientConfig.js';
import pulumi from '@pulumi/pulumi';
import { messageOf } from '../../src/problem.ts';
import type { Settings } from '../../src/settings/settings.ts';
import { TOKEN_USER } from '../../src/google/google-access-token.ts';
import { outcomeOf } from '../engine/resources.ts';
import { sentRequests } from '../engine/sent-requests.ts';
import { logIn, mayMake, OciProvider } from '../oci/resources.ts';

/**
 * Milliseconds between two looks for a newer token. The gcp plug-in gets one when the last has less than ten seconds to
 * live (`defaultExpiryDelta` of golang.org/x/oauth2), so that no request has one that has ended.
 */
const RENEWAL_MS = 5000;

/** Requests that start the plug-ins. Their responses are what a login to a registry needs. */
export interface RegistryOpening {
  readonly oci: OciProvider;
  /** Absent for a plain registry. */
  readonly accessToken?: Promise<string>;
}

/**
 * Sends the requests. A failure of one waits in `accessToken`: a problem of the input may end the program first. For a
 * registry that is `plain`, no gcp plug-in starts.
 */
export async function openRegistry(isPlain: boolean): Promise<RegistryOpening> {
  const oci = new OciProvider('registry');
  if (isPlain) {
    const registered = new Promise((resolve) => void outcomeOf(oci.urn).apply(resolve));
    await sentRequests(['RegisterResource'], registered);
    return { oci };
  }
  const accessToken = requestAccessToken();
  await sentRequests(['RegisterResource', 'Invoke'], accessToken);
  return { oci, accessToken };
}

/**
 * Logs the oci plug-in in to the registry as whoever runs the engine, with the access token of the gcp plug-in: in
 * its memory, for this run; for a plain registry, the Docker configuration has the login. Returns the provider of all
 * `oci` resources. The docker plug-in is not logged in here: it
 * takes a login from the inputs of a resource, which are in the state, or from the Docker configuration.
 */
export async function registryAccess(
  { registry, destination }: Pick<Settings, 'registry' | 'destination'>,
  opening?: RegistryOpening,
): Promise<OciProvider> {
  const { oci, accessToken } = opening ?? (await openRegistry(destination.kind === 'plain'));
  if (accessToken === undefined) {
    await mayMake(oci, registry);
    return oci;
  }
  let password = await accessToken;
  const use = () => logIn(oci, { registry, username: TOKEN_USER, password });
  await use();
  const renew = async () => {
    const { accessToken: newest } = await getClientConfig();
    if (newest === password) return;
    password = newest;
    await use();
  };
  // A run may take longer than its first token. Where there is no other, the next request to the registry says why.
  setInterval(() => void renew().catch(() => undefined), RENEWAL_MS).unref();
  return oci;
}

async function requestAccessToken(): Promise<string> {
  try {
    return (await getClientConfig()).accessToken;
  } catch (error) {
    throw new pulumi.RunError(
      `there is no Google access token to read the registry with: ${messageOf(error)}\n` +
        'log in with `gcloud auth application-default login`, or give the pipeline an identity',
    );
  }
}
