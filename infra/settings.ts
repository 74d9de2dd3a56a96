import process from 'node:process';
import pulumi from '@pulumi/pulumi';
import { allConfig } from '@pulumi/pulumi/runtime/config.js';
import { z } from 'zod';
import {
  parseSettings,
  SETTING_KEYS,
  type ParsedSettings,
} from '../src/settings/parse-settings.ts';
import { ENCRYPTED } from '../src/settings/setting-values.ts';

/**
 * The stack's settings: all of the project's own, with unknown names too, and those of `gcp` that count here.
 * A secret is there by name only: the component that needs it gets it from the engine, as a secret.
 */
export function readSettings(): ParsedSettings {
  const prefix = `${pulumi.getProject()}:`;
  const secrets = secretNames(process.env);
  const values = Object.entries(allConfig()).flatMap<[string, unknown]>(([name, text]) => {
    const key = name.startsWith(prefix) ? name.slice(prefix.length) : name;
    const value = text !== '' && secrets.includes(name) ? ENCRYPTED : text;
    return SETTING_KEYS.some((known) => known === key) || key !== name ? [[key, value]] : [];
  });
  return parseSettings(Object.fromEntries(values), `Pulumi.${pulumi.getStack()}.yaml`);
}

const Names = z.array(z.string());

/** The names of encrypted settings. The engine passes them to the program; the SDK does not export them. */
function secretNames({ PULUMI_CONFIG_SECRET_KEYS: names = '' }: NodeJS.ProcessEnv) {
  return names === '' ? [] : Names.parse(JSON.parse(names));
}
