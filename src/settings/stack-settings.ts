import { ENCRYPTED } from './setting-values.ts';
import { parseSettings, type Settings, type SettingPlace } from './settings.ts';
import { parseYaml, type YamlDocument } from '../document/yaml-document.ts';
import { InvalidInputError } from '../problem.ts';

/** A YAML file by its name, for messages, and its text. */
export interface SourceFile {
  readonly file: string;
  readonly text: string;
}

interface Setting {
  readonly value: unknown;
  readonly place: SettingPlace;
}

/** Stands for a password that must not be used, nor be shown: no value that a setting can have. */
const NO_PASSWORD = false;

/**
 * Parses a stack's settings from `Pulumi.yaml` (whose `config` holds defaults) and
 * `Pulumi.<stack>.yaml`, as the engine would: so that a plan needs neither engine nor secrets.
 * Throws an InvalidInputError with every problem there is, each with its line.
 */
export function parseStackSettings(project: SourceFile, stack: SourceFile): Settings {
  const [projectYaml, stackYaml] = parseBoth(project, stack);
  const prefix = `${String(propertyOf(projectYaml.value, 'name'))}:`;
  const settings = new Map([
    ...settingsIn(project.file, projectYaml, prefix, defaultOf),
    ...settingsIn(stack.file, stackYaml, prefix, encryptedIfPassword),
  ]);
  const values = Object.fromEntries([...settings].map(([key, { value }]) => [key, value]));
  return parseSettings(values, stack.file, (key) => settings.get(key)?.place);
}

function parseBoth(a: SourceFile, b: SourceFile): readonly [YamlDocument, YamlDocument] {
  const [first, second] = [parseYaml(a.text), parseYaml(b.text)];
  if ('document' in first && 'document' in second) return [first.document, second.document];
  throw new InvalidInputError(
    [
      { file: a.file, parsed: first },
      { file: b.file, parsed: second },
    ].flatMap(({ file, parsed }) =>
      'problems' in parsed
        ? parsed.problems.map((problem) => ({ ...problem, file, path: '' }))
        : [],
    ),
  );
}

/** The project's own settings in a file, by key; what belongs to plug-ins (`docker:host`) is left out. */
function settingsIn(
  file: string,
  document: YamlDocument,
  prefix: string,
  read: (written: unknown, key: string) => unknown,
): readonly (readonly [string, Setting])[] {
  const config = propertyOf(document.value, 'config');
  if (typeof config !== 'object' || config === null) return [];
  return Object.entries(config).flatMap(([name, written]: [string, unknown]) => {
    const key = name.startsWith(prefix) ? name.slice(prefix.length) : name;
    if (key.includes(':')) return [];
    const value = read(isEncrypted(written) ? ENCRYPTED : written, key);
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

/** The engine takes a password in plain text; committed, it would be one no longer. */
function encryptedIfPassword(written: unknown, key: string): unknown {
  const isPlain = key === 'registryPassword' && written !== ENCRYPTED && written !== '';
  return isPlain ? NO_PASSWORD : written;
}

function isEncrypted(value: unknown): boolean {
  return propertyOf(value, 'secure') !== undefined;
}

function propertyOf(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Record<string, unknown>)[key];
}
