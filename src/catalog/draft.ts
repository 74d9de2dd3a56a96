import { checkShape, type CheckedShape } from './check-shape.ts';
import { DEFAULT_KIND, DEFAULT_PLATFORM, KINDS, type ImageKind } from './image.ts';
import type { CatalogProblem } from './problem-code.ts';
import { Defaults, ENTRIES, SEVERAL_DISKS, UnknownEntry, type Fields } from './schema.ts';
import { type DocumentPath, MAX_PROBLEMS } from '../yaml/document-problem.ts';
import { isMapping } from '../yaml/check-mapping.ts';
import type { YamlDocument } from '../yaml/yaml-document.ts';

/** A value of the catalog, and its path there. */
export interface Located<T> {
  readonly value: T;
  readonly path: DocumentPath;
}

/** Keys that are written in one place. */
type Layer = Pick<CheckedShape, 'fields' | 'keys'> & { readonly path: DocumentPath };

/**
 * An image as the catalog writes it: layers of keys, the most specific one last (what is built in, the
 * defaults, the entry, its version). Keys may be missing or broken; the others are usable all the same.
 */
export interface Draft {
  /** The path of the entry, or of the item in its list of versions. */
  readonly path: DocumentPath;
  /** Absent where the catalog writes another word. */
  readonly kind: ImageKind | undefined;
  readonly layers: readonly Layer[];
}

/**
 * Checks the defaults and each entry by itself, and lays them over each other. Stops at `MAX_PROBLEMS`.
 */
export function readDrafts(
  { defaults, images }: { readonly defaults?: unknown; readonly images: readonly unknown[] },
  document: YamlDocument,
): { readonly drafts: readonly Draft[]; readonly problems: readonly CatalogProblem[] } {
  const problems: CatalogProblem[] = [];
  const read = (
    schema: Parameters<typeof checkShape>[0],
    raw: unknown,
    path: DocumentPath,
    kind?: ImageKind,
  ): Layer => {
    const shape = checkShape(schema, { raw, path, document }, kind);
    problems.push(...shape.problems);
    return { ...shape, path };
  };
  const usual = read(Defaults, defaults ?? {}, ['defaults']);
  const usualKind = usual.keys.has('kind') ? kindNamed(usual.fields.kind) : DEFAULT_KIND;
  const drafts: Draft[] = [];
  for (const [position, raw] of images.entries()) {
    const path = ['images', position];
    const entry = isMapping(raw) ? raw : {};
    const kind = Object.hasOwn(entry, 'kind') ? kindNamed(entry['kind']) : usualKind;
    const below = [builtIn(kind, path), kind === usualKind ? usual : withoutRecipe(usual)];
    if (!Object.hasOwn(entry, 'versions')) {
      const own = read(shapesFor(kind, raw)?.single ?? UnknownEntry, raw, path, kind);
      drafts.push({ path, kind, layers: [...below, own] });
    } else {
      const shared = read(shapesFor(kind, raw)?.matrix ?? UnknownEntry, raw, path, kind);
      for (const [row, version] of (shared.fields.versions ?? []).entries()) {
        const at = [...path, 'versions', row];
        const own = read(shapesFor(kind, version)?.version ?? UnknownEntry, version, at, kind);
        drafts.push({ path: at, kind, layers: [...below, shared, own] });
        if (problems.length >= MAX_PROBLEMS) break;
      }
    }
    if (problems.length >= MAX_PROBLEMS) break;
  }
  return { drafts, problems };
}

/** A VM disk is for one platform, or has `disks`. */
function shapesFor(kind: ImageKind | undefined, raw: unknown) {
  if (kind === undefined) return undefined;
  const isSeveral = kind === 'vm-disk' && isMapping(raw) && Object.hasOwn(raw, 'disks');
  return isSeveral ? SEVERAL_DISKS : ENTRIES[kind];
}

function kindNamed(word: unknown): ImageKind | undefined {
  return KINDS.find((kind) => kind === word);
}

/** A Dockerfile for one kind of image is none for another: the defaults' recipe is for their own kind. */
function withoutRecipe(layer: Layer): Layer {
  return { ...layer, keys: new Set([...layer.keys].filter((key) => !RECIPE.includes(key))) };
}

const RECIPE = ['context', 'dockerfile', 'args', 'target'];

/** The context that makes a containerDisk of a disk. */
const DISK_CONTEXT = 'config/contexts/vm-disk';

function builtIn(kind: ImageKind | undefined, path: DocumentPath): Layer {
  const fields = {
    platform: DEFAULT_PLATFORM,
    dockerfile: 'Dockerfile',
    ...(kind === 'copy' && { holds: 'container' }),
    ...(kind === 'vm-disk' && { context: DISK_CONTEXT, format: 'qcow2', enlargeBy: '0G' }),
  };
  // Whether a context is missing depends on the kind.
  const unknown = kind === undefined ? ['context'] : [];
  return { fields, keys: new Set([...Object.keys(fields), ...unknown]), path };
}

/** The value of the last layer that has the key; `undefined` too where that is broken. */
export function field<K extends keyof Fields>(
  { layers }: Draft,
  key: K,
): Located<NonNullable<Fields[K]>> | undefined {
  const layer = layers.findLast(({ keys }) => keys.has(key));
  const value = layer?.fields[key];
  if (layer === undefined || value === undefined) return undefined;
  return { value, path: [...layer.path, key] };
}

/** True when no layer has the key, not even with a broken value. */
export function isMissing({ layers }: Draft, key: keyof Fields): boolean {
  return !layers.some(({ keys }) => keys.has(key));
}

/** What a draft of a VM disk says of the disk of one platform; absent parts are missing or broken. */
interface DraftDisk {
  readonly platform: string | undefined;
  readonly url: Located<string> | undefined;
  readonly checksum: Located<string> | undefined;
}

/** The disks of a draft, by platform. */
export function disksOf(draft: Draft): readonly DraftDisk[] {
  const several = field(draft, 'disks');
  if (several === undefined && !isMissing(draft, 'disks')) return [];
  if (several === undefined) {
    const platform = field(draft, 'platform')?.value;
    return [{ platform, url: field(draft, 'url'), checksum: field(draft, 'checksum') }];
  }
  return Object.entries(several.value).map(([platform, disk]) => {
    const located = (key: keyof typeof disk) => {
      const value = disk[key];
      return value === undefined ? undefined : { value, path: [...several.path, platform, key] };
    };
    return { platform, url: located('url'), checksum: located('checksum') };
  });
}

/** The platforms of a draft; `undefined` when they are broken. */
export function platformsOf(draft: Draft): readonly string[] | undefined {
  if (draft.kind === 'vm-disk') {
    const platforms = disksOf(draft).map(({ platform }) => platform);
    return platforms.every((platform) => platform !== undefined) ? platforms : undefined;
  }
  const layer = draft.layers.findLast(({ keys }) => keys.has('platforms') || keys.has('platform'));
  if (layer?.keys.has('platforms') === true) return layer.fields.platforms;
  const platform = layer?.fields.platform;
  return platform === undefined ? undefined : [platform];
}

/** Problems of the drafts in which one place has both a platform and a list of them. */
export function checkPlatforms(drafts: readonly Draft[]): readonly CatalogProblem[] {
  return drafts.flatMap(({ layers }) => {
    const both = layers.filter(({ fields }) => fields.platforms && fields.platform);
    return both.map(({ path }): CatalogProblem => {
      const problem = 'platform and platforms are both there';
      const remedy = 'delete platform, and list it in platforms';
      return { code: 'DUPLICATE_PLATFORM', path: [...path, 'platform'], problem, remedy };
    });
  });
}

/**
 * The declared name, or `<distribution>-<version>`. The disk of a VM is `vm-ubuntu-2404`: a name of its own
 * beside the container of the same version, made as Kubespray makes the key `ubuntu-2404`.
 */
export function nameOf(draft: Draft): Located<string> | undefined {
  const name = field(draft, 'name');
  const distribution = field(draft, 'distribution')?.value;
  const version = field(draft, 'version');
  if (name !== undefined || !isMissing(draft, 'name')) return name;
  if (distribution === undefined || version === undefined || draft.kind === undefined) {
    return undefined;
  }
  const { value, path } = version;
  const content = draft.kind === 'copy' ? field(draft, 'holds')?.value : draft.kind;
  if (content === 'container') return { value: `${distribution}-${value}`, path };
  return { value: `vm-${distribution}-${value.replaceAll('.', '')}`, path };
}
