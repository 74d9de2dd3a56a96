import { getClientConfig } from '@pulumi/gcp/organizations/getClientConfig.js';
import pulumi from '@pulumi/pulumi';
import { logIn, OciProvider } from '../oci/resources.ts';

/** The login of builds that push. */
export interface PushLogin {
  readonly server: string;
  readonly username: string;
  readonly password: pulumi.Output<string>;
}

/** How images get into the registry and are looked up there. */
export interface RegistryAccess {
  readonly push: PushLogin;
  /** The provider of all `oci` resources, to be passed to components. */
  readonly oci: OciProvider;
}

/** The user name with which Artifact Registry takes an access token ("Authentication for Docker"). */
const TOKEN_USER = 'oauth2accesstoken';

/** Requests that start the plug-ins. Their responses are what a login to a registry needs. */
export interface RegistryOpening {
  readonly oci: OciProvider;
  readonly accessToken: Promise<string>;
}

export function openRegistry(): RegistryOpening {
  const oci = new OciProvider('registry');
  const accessToken = requestAccessToken();
  // A problem of the input ends the program before anything waits for the token.
  accessToken.catch(() => undefined);
  return { oci, accessToken };
}

/**
 * Logs in to the registry as whoever runs the engine, with the access token of the gcp plug-in. The token
 * ends within the hour and is a secret for the engine: a build that pushes keeps it, encrypted, with its
 * image until the next run; nothing else keeps it.
 */
export async function registryAccess(
  registry: string,
  { oci, accessToken }: RegistryOpening = openRegistry(),
): Promise<RegistryAccess> {
  const password = await accessToken;
  await logIn(oci, { registry, username: TOKEN_USER, password });
  const push = { server: registry, username: TOKEN_USER, password: pulumi.secret(password) };
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
