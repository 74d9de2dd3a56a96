import { isMapping } from '../document/explain-issues.ts';
import { checkShape } from './check-shape.ts';
import type { CheckedShape } from './check-shape.ts';
import type { DocumentPath } from '../document/document-path.ts';
import { MAX_FINDINGS } from '../document/finding.ts';
import type { Finding } from './finding.ts';
import { DEFAULT_PLATFORM } from './platforms.ts';
import { Defaults, MatrixEntry, SingleEntry, VersionEntry } from './schema.ts';
import type { Fields } from './schema.ts';
import type { YamlDocument } from '../document/yaml-document.ts';

/** A value with the place it came from. */
export interface Located<T> {
  readonly value: T;
  readonly path: DocumentPath;
}

type Layer = CheckedShape & { readonly path: DocumentPath };

/**
 * An image in the making: layers of keys, the most specific one last (what is built in, the defaults,
 * the entry, its version). Keys may be missing or broken; the rest can be checked all the same.
 */
export interface Draft {
  /** Of the entry, or of the item in its list of versions. */
  readonly path: DocumentPath;
  readonly layers: readonly Layer[];
}

/** What the last layer that has the key says; `undefined` too when what it says is broken. */
export function field<K extends keyof Fields>(
  draft: Draft,
  key: K,
): Located<NonNullable<Fields[K]>> | undefined {
  const layer = draft.layers.findLast((each) => says(each, key));
  const value = layer?.fields[key];
  if (layer === undefined || value === undefined) return undefined;
  return { value, path: [...layer.path, key] };
}

/** True when no layer has the key, not even with a value that is refused. */
export function isMissing(draft: Draft, key: keyof Fields): boolean {
  return !draft.layers.some((layer) => says(layer, key));
}

function says(layer: Layer, key: keyof Fields): boolean {
  return layer.fields[key] !== undefined || layer.isBroken(key);
}

/** All layers' build arguments, the most specific value of each. */
export function argsOf(draft: Draft): Readonly<Record<string, string>> {
  return Object.fromEntries(
    draft.layers.flatMap(({ fields }) => Object.entries(fields.args ?? {})),
  );
}

/** The declared name, or `<distribution>-<version>`. */
export function nameOf(draft: Draft): Located<string> | undefined {
  const name = field(draft, 'name');
  const distribution = field(draft, 'distribution');
  const version = field(draft, 'version');
  if (name !== undefined || !isMissing(draft, 'name')) return name;
  if (distribution === undefined || version === undefined) return undefined;
  return { value: `${distribution.value}-${version.value}`, path: version.path };
}

/**
 * Checks the shape of the defaults and of each entry by itself, and lays them over each other. Stops
 * where `MAX_FINDINGS` have been made.
 */
export function draftImages(
  outline: { readonly defaults?: unknown; readonly images: readonly unknown[] },
  source: YamlDocument['sourceOf'],
): { readonly drafts: readonly Draft[]; readonly findings: readonly Finding[] } {
  const findings: Finding[] = [];
  const layer = (schema: Parameters<typeof checkShape>[0], raw: unknown, path: DocumentPath) => {
    const shape = checkShape(schema, raw, path, source);
    for (const finding of shape.findings) findings.push(finding);
    return { ...shape, path };
  };

  const defaults = layer(Defaults, outline.defaults ?? {}, ['defaults']);
  const drafts: Draft[] = [];
  for (const layers of layersOf(outline.images, layer)) {
    const [first] = layers;
    const path = layers.at(-1)?.path ?? [];
    drafts.push({ path, layers: [builtIn(first.path), defaults, ...layers] });
    if (findings.length >= MAX_FINDINGS) break;
  }
  return { drafts, findings };
}

/** The layers of each image, one at a time: its entry, and in a matrix its version as well. */
function* layersOf(
  images: readonly unknown[],
  layer: (schema: Parameters<typeof checkShape>[0], raw: unknown, path: DocumentPath) => Layer,
): Generator<readonly [Layer, ...Layer[]]> {
  for (const [position, raw] of images.entries()) {
    const path = ['images', position];
    if (!isMapping(raw) || !Object.hasOwn(raw, 'versions')) {
      yield [layer(SingleEntry, raw, path)];
      continue;
    }
    const entry = layer(MatrixEntry, raw, path);
    for (const [row, version] of (entry.fields.versions ?? []).entries()) {
      yield [entry, layer(VersionEntry, version, [...path, 'versions', row])];
    }
  }
}

function builtIn(path: DocumentPath): Layer {
  const fields = { platform: DEFAULT_PLATFORM, dockerfile: 'Dockerfile' };
  return { fields, isBroken: () => false, findings: [], path };
}
