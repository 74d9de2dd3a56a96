import pulumi from '@pulumi/pulumi';
import { LATEST, parseDigest } from '../../src/image-reference.ts';
import type { Settings } from '../../src/settings/settings.ts';
import { silenceRepeatedErrors } from '../engine/resources.ts';
import { Mirror } from '../oci/resources.ts';
import type { PublishedImage } from './published-image.ts';

/** Alias → digest. */
type Digests = Readonly<Record<string, string>>;

interface MirrorsArgs extends Pick<Settings, 'mirrors' | 'registry' | 'repositoryPrefix'> {
  /** The images of the catalog, by name. */
  readonly published: ReadonlyMap<string, Pick<PublishedImage, 'output' | 'latest' | 'signature'>>;
  /** By image, of the branches that need it; the catalog need not have it any more. */
  readonly branches: ReadonlyMap<string, pulumi.Output<Digests>>;
}

/**
 * Declares a copy of each image in other registries, with its tags. Nothing depends on a copy. An image that is not
 * published in a run leaves its copies as they are. Without a parent: a run for one image may be the first with mirrors.
 */
export function declareMirrors(args: MirrorsArgs, options: pulumi.CustomResourceOptions): void {
  const { mirrors, registry, repositoryPrefix, published, branches } = args;
  if (mirrors.length === 0) return;
  for (const image of new Set([...published.keys(), ...branches.keys()])) {
    const component = published.get(image);
    const own = pulumi.all([component?.output, component?.latest]);
    const tags = pulumi
      .all([own, branches.get(image)])
      .apply(([[version, latest = ''], aliases]) => ({
        ...aliases,
        ...Object.fromEntries(version?.aliases.map((alias) => [alias, version.digest]) ?? []),
        ...(parseDigest(latest) && { [LATEST]: latest }),
        ...(version && { [version.tag]: version.digest }),
      }));
    const mirror = new Mirror(
      `${image}-mirrors`,
      {
        registry,
        repository: `${repositoryPrefix}/${image}`,
        mirrors: mirrors.map(({ registry: host, path }) => `${host}/${path}/${image}`),
        tags,
        signature: component?.signature,
      },
      options,
    );
    silenceRepeatedErrors(mirror);
  }
}
