import { parseYaml } from '../yaml/yaml-document.ts';

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
  const parsed = parseYaml(text);
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

function propertyOf(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Record<string, unknown>)[key];
}
