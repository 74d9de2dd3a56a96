import { ENCRYPTED } from './setting-values.ts';
import {
  parseSettings,
  SETTING_KEYS,
  type ParsedSettings,
  type SettingPlace,
} from './parse-settings.ts';
import { collectProblems, type Problem } from '../problem.ts';
import { isMapping } from '../yaml/check-mapping.ts';
import { parseYaml, type YamlDocument } from '../yaml/yaml-document.ts';

/** A YAML file by its name, for messages, and its text. */
export interface SettingsFile {
  readonly file: string;
  readonly text: string;
}

/**
 * Parses a stack's settings from `Pulumi.yaml` (whose `config` holds defaults) and
 * `Pulumi.<stack>.yaml`, as the engine would: so that a plan needs neither engine nor secrets.
 * Each problem has its line.
 */
export function parseStackSettings(project: SettingsFile, stack: SettingsFile): ParsedSettings {
  const problems: Problem[] = [];
  const projectYaml = collectProblems(problems, () => parseYaml(project.text, project.file));
  const stackYaml = collectProblems(problems, () => parseYaml(stack.text, stack.file));
  if (projectYaml === undefined || stackYaml === undefined) return { problems };
  const prefix = `${String(propertyOf(projectYaml.value, 'name'))}:`;
  const settings = new Map([
    ...settingsIn(project.file, projectYaml, prefix, defaultOf),
    ...settingsIn(stack.file, stackYaml, prefix, (written) => written),
  ]);
  const values = Object.fromEntries([...settings].map(([key, { value }]) => [key, value]));
  return parseSettings(values, stack.file, (key, at) => settings.get(key)?.placeOf(at));
}

/**
 * Reads two settings of the gcp plug-in from the text of `Pulumi.<stack>.yaml`. The program does not
 * know them: the plug-in reads them itself. One that is encrypted counts as left out.
 */
export function googleAccess(text: string) {
  const config = propertyOf(collectProblems([], () => parseYaml(text, ''))?.value, 'config');
  const setting = (name: string): string | undefined => {
    const written = propertyOf(config, name);
    return typeof written === 'string' && written !== '' ? written : undefined;
  };
  return {
    accessToken: setting('gcp:accessToken'),
    endpoint: setting('gcp:artifactRegistryCustomEndpoint'),
  };
}

/**
 * The project's own settings in a file, by key, and those of the gcp plug-in that the project reads too;
 * what else belongs to plug-ins (`docker:host`) is left out.
 */
function settingsIn(
  file: string,
  document: YamlDocument,
  prefix: string,
  read: (written: unknown) => unknown,
) {
  const config = propertyOf(document.value, 'config');
  return Object.entries(isMapping(config) ? config : {}).flatMap(([name, written]) => {
    const key = name.startsWith(prefix) ? name.slice(prefix.length) : name;
    if (key.includes(':') && !SETTING_KEYS.some((known) => known === key)) return [];
    const isEncrypted = propertyOf(written, 'secure') !== undefined;
    const value = read(isEncrypted ? ENCRYPTED : written);
    if (value === undefined) return [];
    const placeOf = (at: readonly (string | number)[] = []): SettingPlace => ({
      file,
      ...document.positionOf(['config', name, ...at], at.length === 0),
    });
    return [[key, { value, placeOf }] as const];
  });
}

/** A setting of Pulumi.yaml is its value, or a description of its type with a default in it. */
function defaultOf(declared: unknown): unknown {
  if (typeof declared !== 'object' || declared === null) return declared;
  return propertyOf(declared, 'value') ?? propertyOf(declared, 'default');
}

function propertyOf(value: unknown, key: string): unknown {
  return isMapping(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}
