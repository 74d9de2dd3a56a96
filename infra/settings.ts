import pulumi from '@pulumi/pulumi';
import { SETTING_KEYS, parseSettings, type ParsedSettings } from '../src/settings/settings.ts';

/** The stack's settings, and the one secret among them as the engine keeps it. */
export interface StackSettings {
  readonly parsed: ParsedSettings;
  readonly registryPassword: pulumi.Output<string> | undefined;
}

export function readSettings(): StackSettings {
  const config = new pulumi.Config();
  const registryPassword = config.getSecret('registryPassword');
  const values = Object.fromEntries(
    SETTING_KEYS.map((key) => [key, key === 'registryPassword' ? undefined : config.get(key)]),
  );
  // Whether there is a password is all that the check needs to know.
  if (registryPassword !== undefined) values['registryPassword'] = 'a secret';
  return { parsed: parseSettings(values, `Pulumi.${pulumi.getStack()}.yaml`), registryPassword };
}
