import pulumi from '@pulumi/pulumi';
import type { OciProvider } from './provider.ts';

export interface Login {
  readonly registry: string;
  readonly username: string;
  readonly password: string;
}

/**
 * Tells the plug-in who asks the registry in this run. It is a call and no setting of the provider, so
 * that nothing of it gets into the state; an access token would be another setting in every run, too.
 */
export async function logIn(provider: OciProvider, login: Login): Promise<void> {
  await pulumi.runtime.invoke('oci:index:logIn', login, { provider });
}
