import { z } from 'zod';
import * as keys from './keys.ts';
import { KINDS, type ImageKind } from './image.ts';

/** The values of images that declare no other, if their kind has the key. */
export const Defaults = z
  .strictObject({
    kind: keys.kindAmong(KINDS),
    ...keys.recipe,
    ...keys.ofContainers,
    enlargeBy: keys.ofDisks.enlargeBy,
  })
  .partial();

/** The shapes of images of a kind. Those that differ in `perVersion` only may share an entry. */
function shapesOf<V extends z.ZodRawShape, O extends z.ZodRawShape>(
  kind: ImageKind,
  perVersion: V,
  optional: z.ZodObject<O>,
) {
  const head = { kind: keys.kindAmong([kind]).optional(), distribution: keys.distribution };
  const matrixOf = <T extends z.ZodType>(item: T) =>
    z.strictObject({ ...head, versions: z.array(item).min(1), ...optional.shape });
  const single = z.strictObject({ ...head, ...perVersion, ...optional.shape });
  const version = z.strictObject(perVersion);
  return {
    /** An image of its own. */
    single,
    /** Several versions of a distribution, each of them still unchecked. */
    matrix: matrixOf(z.unknown()),
    /** One of them. */
    version,
    /** All of that in one piece, for editors. */
    entry: z.union([single, matrixOf(version)]),
  };
}

const { version, base, from, name, adopt, url, checksum, disks, importedFrom } = keys;

const container = shapesOf(
  'container',
  { version, base, name, adopt },
  z.strictObject({ ...keys.recipe, ...keys.ofContainers }).partial(),
);
const ofDisks = z.strictObject({ ...keys.recipe, ...keys.ofDisks }).partial();
const disk = shapesOf('vm-disk', { version, url, checksum, name, adopt, importedFrom }, ofDisks);

const copy = shapesOf(
  'copy',
  { version, from, name, adopt },
  z.strictObject(keys.ofCopies).partial(),
);

export const ENTRIES = { container, 'vm-disk': disk, copy } as const satisfies Record<
  ImageKind,
  unknown
>;

/** VM disks for several platforms. */
export const SEVERAL_DISKS = shapesOf(
  'vm-disk',
  { version, disks, name, adopt, importedFrom },
  ofDisks.omit({ platform: true }),
);

const everything = {
  ...disk.single.shape,
  ...SEVERAL_DISKS.single.shape,
  ...copy.single.shape,
  ...container.single.shape,
};

/** An entry of an unknown kind: any key of any kind, and none is missing. */
export const UnknownEntry = z
  .strictObject({ ...everything, kind: keys.kindAmong(KINDS), versions: z.array(z.unknown()) })
  .partial();

function catalog<D extends z.ZodType, E extends z.ZodType>(defaults: D, entry: E) {
  return z.strictObject({
    defaults: defaults.optional(),
    imports: keys.imports.optional(),
    images: z.array(entry).min(1),
  });
}

/** The outermost shape, with all below it unchecked, so that one problem can't hide another. */
export const CatalogOutline = catalog(z.unknown(), z.unknown());

/** The whole shape in one piece, for editors. */
const CatalogFile = catalog(
  Defaults,
  z.union([container.entry, disk.entry, SEVERAL_DISKS.entry, copy.entry]),
).meta({
  title: 'Image catalog',
  description: 'What images to build; see config/README.md',
});

/** The valid keys of any part above; of `disks`, those that are valid. */
export const Fields = z.object({
  ...UnknownEntry.shape,
  disks: z.record(z.string(), z.object({ url, checksum }).partial()).optional(),
});
export type Fields = z.infer<typeof Fields>;

/**
 * The JSON Schema of `config/images.yml`, for editors: pretty-printed, ending with a newline, the same
 * bytes every time. It has the shape; `parseCatalog` alone checks what needs the checkout.
 * Draft 7, which the YAML language server understands best.
 */
export function catalogJsonSchema(): string {
  const schema = z.toJSONSchema(CatalogFile, { target: 'draft-7', io: 'input' });
  return `${JSON.stringify(schema, null, 2)}\n`;
}
