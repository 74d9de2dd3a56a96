const PLACEHOLDER = /\$\{(\w+)\}/g;

/** The groups that a template names, such as `image` for `vm-${image}`. */
export function templateGroups(template: string): readonly string[] {
  return [...template.matchAll(PLACEHOLDER)].map(([, name = '']) => name);
}

/** What is in a template besides groups, which must be fit for a name. */
export function templateText(template: string): string {
  return template.replaceAll(PLACEHOLDER, '');
}

/** A group that took no part in the match is empty text. */
export function fillTemplate(
  template: string,
  groups: Readonly<Record<string, string | undefined>>,
): string {
  return template.replaceAll(PLACEHOLDER, (_, name: string) => groups[name] ?? '');
}
