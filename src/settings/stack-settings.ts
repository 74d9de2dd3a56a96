import { ENCRYPTED } from './setting-values.ts';
import {
  parseSettings,
  SETTING_KEYS,
  type ParsedSettings,
  type SettingPlace,
} from './parse-settings.ts';
import { parseYaml, type ParsedYaml, type YamlDocument } from '../yaml/yaml-document.ts';
import type { Problem } from '../problem.ts';

/** A YAML file by its name, for messages, and its text. */
export interface SourceFile {
  readonly file: string;
  readonly text: string;
}

interface Setting {
  readonly value: unknown;
  readonly place: SettingPlace;
}

/**
 * Parses a stack's settings from `Pulumi.yaml` (whose `config` holds defaults) and
 * `Pulumi.<stack>.yaml`, as the engine would: so that a plan needs neither engine nor secrets.
 * Each problem has its line.
 */
export function parseStackSettings(project: SourceFile, stack: SourceFile): ParsedSettings {
  const projectYaml = parseYaml(project.text, project.file);
  const stackYaml = parseYaml(stack.text, stack.file);
  if ('problems' in projectYaml || 'problems' in stackYaml) {
    return { problems: [projectYaml, stackYaml].flatMap(problemsOf) };
  }
  const prefix = `${String(propertyOf(projectYaml.document.value, 'name'))}:`;
  const settings = new Map([
    ...settingsIn(project.file, projectYaml.document, prefix, defaultOf),
    ...settingsIn(stack.file, stackYaml.document, prefix, (written) => written),
  ]);
  const values = Object.fromEntries([...settings].map(([key, { value }]) => [key, value]));
  return parseSettings(values, stack.file, (key) => settings.get(key)?.place);
}

/** How the gcp plug-in of a stack gets at Artifact Registry, as far as its settings say. */
export interface GoogleAccess {
  readonly accessToken: string | undefined;
  readonly endpoint: string | undefined;
}

/**
 * Reads two settings of the gcp plug-in from the text of `Pulumi.<stack>.yaml`. The program does not
 * know them: the plug-in reads them itself. One that is encrypted counts as left out.
 */
export function googleAccess(text: string): GoogleAccess {
  const parsed = parseYaml(text, '');
  const value = 'document' in parsed ? parsed.document.value : undefined;
  const config = propertyOf(value, 'config');
  const setting = (name: string): string | undefined => {
    const written = propertyOf(config, name);
    return typeof written === 'string' && written !== '' ? written : undefined;
  };
  return {
    accessToken: setting('gcp:accessToken'),
    endpoint: setting('gcp:artifactRegistryCustomEndpoint'),
  };
}

function problemsOf(parsed: ParsedYaml): readonly Problem[] {
  return 'problems' in parsed ? parsed.problems : [];
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
): readonly (readonly [string, Setting])[] {
  const config = propertyOf(document.value, 'config');
  if (typeof config !== 'object' || config === null) return [];
  return Object.entries(config).flatMap(([name, written]: [string, unknown]) => {
    const key = name.startsWith(prefix) ? name.slice(prefix.length) : name;
    if (key.includes(':') && !SETTING_KEYS.some((known) => known === key)) return [];
    const value = read(isEncrypted(written) ? ENCRYPTED : written);
    if (value === undefined) return [];
    const place = { file, ...document.placeOf(['config', name], true) };
    return [[key, { value, place }] as const];
  });
}

/** A setting of Pulumi.yaml is its value, or a description of its type with a default in it. */
function defaultOf(declared: unknown): unknown {
  if (typeof declared !== 'object' || declared === null) return declared;
  return propertyOf(declared, 'value') ?? propertyOf(declared, 'default');
}

function isEncrypted(value: unknown): boolean {
  return propertyOf(value, 'secure') !== undefined;
}

function propertyOf(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Record<string, unknown>)[key];
}
