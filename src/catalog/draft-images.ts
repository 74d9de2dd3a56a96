import { checkShape } from './check-shape.ts';
import type { Draft, Layer } from './draft.ts';
import type { CatalogProblem } from './problem-code.ts';
import { DEFAULT_KIND, KINDS, type Kind, DEFAULT_PLATFORM } from './image.ts';
import { Defaults, ENTRIES, UnknownEntry } from './schema.ts';
import { type DocumentPath, MAX_PROBLEMS } from '../yaml/document-problem.ts';
import { isMapping } from '../yaml/explain-issues.ts';
import type { YamlDocument } from '../yaml/yaml-document.ts';

/** Checks a part of the catalog against a schema, and notes what is wrong. */
type CheckLayer = (
  schema: Parameters<typeof checkShape>[0],
  raw: unknown,
  path: DocumentPath,
  kind?: Kind,
) => Layer;

/** The layers of an image that are its own, and its kind; `undefined` where that is refused. */
interface Own {
  readonly kind: Kind | undefined;
  readonly layers: readonly [Layer, ...Layer[]];
}

/**
 * Checks the shape of the defaults and of each entry by itself, and lays them over each other. Stops
 * where `MAX_PROBLEMS` have been made.
 */
export function draftImages(
  outline: { readonly defaults?: unknown; readonly images: readonly unknown[] },
  source: YamlDocument['sourceOf'],
): { readonly drafts: readonly Draft[]; readonly problems: readonly CatalogProblem[] } {
  const problems: CatalogProblem[] = [];
  const check: CheckLayer = (schema, raw, path, kind) => {
    const shape = checkShape(schema, raw, path, source, kind);
    for (const found of shape.problems) problems.push(found);
    return { ...shape, path };
  };

  const defaults = check(Defaults, outline.defaults ?? {}, ['defaults']);
  const usual = kindOf(defaults, DEFAULT_KIND);
  const drafts: Draft[] = [];
  for (const { kind, layers } of layersOf(outline.images, usual, check)) {
    const [first] = layers;
    const path = layers.at(-1)?.path ?? [];
    const below = [builtIn(kind, first.path), kind === usual ? defaults : withoutRecipe(defaults)];
    drafts.push({ path, kind, layers: [...below, ...layers] });
    if (problems.length >= MAX_PROBLEMS) break;
  }
  return { drafts, problems };
}

/** The layers of each image, one at a time: its entry, and in a matrix its version as well. */
function* layersOf(
  images: readonly unknown[],
  usual: Kind | undefined,
  check: CheckLayer,
): Generator<Own> {
  for (const [position, raw] of images.entries()) {
    const path = ['images', position];
    const given = isMapping(raw) ? raw : {};
    const kind = Object.hasOwn(given, 'kind')
      ? KINDS.find((known) => known === given['kind'])
      : usual;
    const shapes = kind && ENTRIES[kind];
    if (!Object.hasOwn(given, 'versions')) {
      yield { kind, layers: [check(shapes?.single ?? UnknownEntry, raw, path, kind)] };
      continue;
    }
    const entry = check(shapes?.matrix ?? UnknownEntry, raw, path, kind);
    for (const [row, version] of (entry.fields.versions ?? []).entries()) {
      const below = [...path, 'versions', row];
      yield {
        kind,
        layers: [entry, check(shapes?.version ?? UnknownEntry, version, below, kind)],
      };
    }
  }
}

/** What a layer says the kind is; `undefined` when what it says is refused. */
function kindOf(layer: Layer, otherwise: Kind): Kind | undefined {
  if (layer.isBroken('kind')) return undefined;
  return KINDS.find((known) => known === layer.fields.kind) ?? otherwise;
}

/** A Dockerfile for one kind of image is none for another: the defaults' recipe is for their own kind. */
function withoutRecipe({ fields, ...layer }: Layer): Layer {
  const { platform, snapshot, snapshotMaxAge, verify, enlargeBy } = fields;
  const isBroken = (key: string) => !RECIPE.includes(key) && layer.isBroken(key);
  return { ...layer, isBroken, fields: { platform, snapshot, snapshotMaxAge, verify, enlargeBy } };
}

const RECIPE = ['context', 'dockerfile', 'args', 'target'];

/** The context that makes a containerDisk of a disk. */
const DISK_CONTEXT = 'config/contexts/vm-disk';

function builtIn(kind: Kind | undefined, path: DocumentPath): Layer {
  const fields = {
    platform: DEFAULT_PLATFORM,
    dockerfile: 'Dockerfile',
    ...(kind === 'vm-disk' && { context: DISK_CONTEXT, format: 'qcow2', enlargeBy: '0G' }),
  };
  // Whether a context is missing depends on the kind.
  const isBroken = (key: string) => key === 'context' && kind === undefined;
  return { fields, isBroken, problems: [], path };
}
