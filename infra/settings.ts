import pulumi from '@pulumi/pulumi';
import { allConfig } from '@pulumi/pulumi/runtime/config.js';
import {
  parseSettings,
  SETTING_KEYS,
  type ParsedSettings,
} from '../src/settings/parse-settings.ts';

/** The stack's settings: the project's own, whatever they are called, and those of `gcp` that count here. */
export function readSettings(): ParsedSettings {
  const prefix = `${pulumi.getProject()}:`;
  const values = Object.entries(allConfig()).flatMap<[string, unknown]>(([name, value]) => {
    const key = name.startsWith(prefix) ? name.slice(prefix.length) : name;
    return SETTING_KEYS.some((known) => known === key) || key !== name ? [[key, value]] : [];
  });
  return parseSettings(Object.fromEntries(values), `Pulumi.${pulumi.getStack()}.yaml`);
}
