import type { Settings } from './settings.ts';

/**
 * Reads an id of the form of `template`, such as `projects/{project}/locations/{location}/jobs/{name}`,
 * or its values alone, the first of which may be left to the provider's settings: `l/j`, `j`.
 * Returns the values by name; throws where the id has neither form.
 */
export function parseId<Name extends string>(
  template: string,
  names: readonly Name[],
  id: string,
  { project, region }: Pick<Settings, 'project' | 'region'>,
): Readonly<Record<Name, string>> {
  const values = fullValues(template, id) ?? shortValues(names, id);
  const filled = names.map((name) => {
    const fallback = name === 'project' ? project : region;
    return [name, values?.[name] ?? fallback ?? ''] as const;
  });
  if (values === undefined || filled.some(([, value]) => value === '')) {
    throw new Error(`"${id}" is not an id of this type; write ${template}`);
  }
  return Object.fromEntries(filled) as Record<Name, string>;
}

function fullValues(template: string, id: string): Record<string, string> | undefined {
  const pattern = template.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/\\s]+)');
  return new RegExp(`^${pattern}$`).exec(id)?.groups;
}

function shortValues(names: readonly string[], id: string): Record<string, string> | undefined {
  const parts = id.split('/');
  const isShort =
    parts.length <= names.length && !parts.some((part) => part === '' || /\s/.test(part));
  if (!isShort) return undefined;
  const last = names.slice(names.length - parts.length);
  return Object.fromEntries(last.map((name, index) => [name, parts[index] ?? '']));
}
