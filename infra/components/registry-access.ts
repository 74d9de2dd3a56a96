import { getClientConfig } from '@pulumi/gcp/organizations/getClientConfig.js';
import pulumi from '@pulumi/pulumi';
import { sentRequests } from '../engine/sent-requests.ts';
import { logIn, OciProvider } from '../oci/resources.ts';

/** The login of builds that push. */
export interface PushLogin {
  readonly server: string;
  readonly username: string;
  readonly password: pulumi.Output<string>;
}

/** The user name with which Artifact Registry takes an access token ("Authentication for Docker"). */
const TOKEN_USER = 'oauth2accesstoken';

/** Requests that start the plug-ins. Their responses are what a login to a registry needs. */
export interface RegistryOpening {
  readonly oci: OciProvider;
  readonly accessToken: Promise<string>;
}

/** Sends the requests. A failure of one waits in `accessToken`: a problem of the input may end the program first. */
export async function openRegistry(): Promise<RegistryOpening> {
  const oci = new OciProvider('registry');
  const accessToken = requestAccessToken();
  await sentRequests(['RegisterResource', 'Invoke'], accessToken);
  return { oci, accessToken };
}

/**
 * Logs in to the registry as whoever runs the engine, with the access token of the gcp plug-in. The token
 * ends within the hour and is a secret for the engine: a build that pushes keeps it, encrypted, with its
 * image until the next run; nothing else keeps it. Returns the login of builds, and the provider of all `oci`
 * resources.
 */
export async function registryAccess(registry: string, opening?: RegistryOpening) {
  const { oci, accessToken } = opening ?? (await openRegistry());
  const password = await accessToken;
  await logIn(oci, { registry, username: TOKEN_USER, password });
  const token = pulumi.secret(password);
  const push: PushLogin = { server: registry, username: TOKEN_USER, password: token };
  return { push, oci };
}

async function requestAccessToken(): Promise<string> {
  try {
    return (await getClientConfig()).accessToken;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new pulumi.RunError(
      `there is no Google access token to push with: ${reason}\n` +
        'log in with `gcloud auth application-default login`, or give the pipeline an identity',
    );
  }
}
