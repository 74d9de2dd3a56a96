import type { Properties } from '../../../oci/protocol/resource-type.ts';
import { textOf } from './property.ts';
import type { Settings } from './settings.ts';

const NAMES = /\{(\w+)\}/g;

/** The names in a template such as `projects/{project}/locations/{region}/jobs/{name}`. */
export function namesIn(template: string): string[] {
  return [...template.matchAll(NAMES)].map(([, name = '']) => name);
}

/** The path of the template's form that has these values. */
export function fillPath(template: string, values: Properties): string {
  return template.replaceAll(NAMES, (_, name: string) => textOf(values, name));
}

/** The values in a path of the template's form, by name; none in any other. */
export function valuesIn(template: string, path: string): Readonly<Record<string, string>> {
  const pattern = template.replaceAll(NAMES, '(?<$1>[^/\\s]+)');
  return { ...new RegExp(`^${pattern}$`).exec(path)?.groups };
}

/**
 * The values in an id: a path of the template's form, or its values alone, of which the provider's
 * settings complete the first ones (`europe-west4/refresh`, `refresh`). Throws for any other text.
 */
export function parseId(
  template: string,
  id: string,
  { project, region }: Pick<Settings, 'project' | 'region'>,
): Readonly<Record<string, string>> {
  const names = namesIn(template);
  const full = valuesIn(template, id);
  if (Object.keys(full).length > 0) return full;
  const parts = id.split('/');
  const defaults: Readonly<Record<string, string | undefined>> = {
    project,
    region,
    location: region,
  };
  const values = names.map((name, index) => {
    const value = parts[index - names.length + parts.length] ?? defaults[name] ?? '';
    return [name, value] as const;
  });
  const isShort = parts.length <= names.length && values.every(([, value]) => /^\S+$/.test(value));
  if (!isShort) throw new Error(`"${id}" is not an id of this type; write ${template}`);
  return Object.fromEntries(values);
}
