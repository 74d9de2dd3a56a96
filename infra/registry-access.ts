import type pulumi from '@pulumi/pulumi';
import type { Settings } from '../src/settings/settings.ts';
import { OciProvider } from './oci/provider.ts';

/** How images get into the registry and are looked up there. */
export interface RegistryAccess {
  /** For a push; without a password the Docker config of whoever runs the engine decides. */
  readonly push: { server: string; username?: string; password?: pulumi.Output<string> };
  /** Looks tags up and moves aliases. */
  readonly oci: OciProvider;
}

/** Both ways lead to the registry that the settings name. The password is a secret in the state. */
export function registryAccess(
  { registry, registryUsername: username }: Settings,
  password: pulumi.Output<string> | undefined,
): RegistryAccess {
  const credentials =
    username === undefined || password === undefined ? {} : { username, password };
  return {
    push: { server: registry, ...credentials },
    oci: new OciProvider('registry', { registry, ...credentials }),
  };
}
