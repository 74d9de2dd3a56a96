import { getClientConfig } from '@pulumi/gcp/organizations/getClientConfig.js';
import pulumi from '@pulumi/pulumi';
import { logIn, OciProvider } from '../oci/resources.ts';

/** How images get into the registry and are looked up there. */
export interface RegistryAccess {
  readonly push: { server: string; username: string; password: pulumi.Output<string> };
  /** Looks tags up and moves aliases. */
  readonly oci: OciProvider;
}

/** The user name that Artifact Registry takes an access token with ("Authentication for Docker"). */
const TOKEN_USER = 'oauth2accesstoken';

/** What a login to a registry needs, as soon as the plug-ins have started. */
export interface RegistryOpening {
  readonly oci: OciProvider;
  readonly accessToken: Promise<string>;
}

/** Asks for what a login needs; this is what starts the plug-ins. */
export function openRegistry(): RegistryOpening {
  const oci = new OciProvider('registry');
  const accessToken = askForAccessToken();
  // A mistake in the input ends the program before anybody waits for it.
  accessToken.catch(() => undefined);
  return { oci, accessToken };
}

/**
 * Logs in to the registry as whoever runs the engine, by the access token that the gcp plug-in works
 * with. It ends within the hour and is a secret to the engine: a build that pushes keeps it, encrypted,
 * with its image until the next run; nothing else does.
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

async function askForAccessToken(): Promise<string> {
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
