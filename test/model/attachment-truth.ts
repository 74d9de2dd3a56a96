import type { Digest } from '../../src/image-reference.ts';
import { Broken } from './broken.ts';
import type { World } from './world.ts';

interface Attachment {
  readonly image: string;
  readonly tag: string;
  readonly owner: Digest;
  readonly digest: Digest;
}

/** Which signatures a run has seen: they must stay as long as the versions that they belong to. */
export function attachmentTruth({ registry, names }: World) {
  let attached: readonly Attachment[] = [];
  let seen: ReadonlySet<Attachment> = new Set();

  /** Nothing is promised of an attachment that has lost its tag, such as to a newer one. */
  function forgetUntagged(): void {
    attached = attached.filter(({ image, tag, digest }) => registry.named(image, tag) === digest);
  }

  return {
    forgetUntagged,

    attach(attachment: Attachment): void {
      attached = [...attached, attachment];
      forgetUntagged();
    },

    see(): void {
      forgetUntagged();
      seen = new Set(attached);
    },

    loseState(): void {
      seen = new Set();
    },

    /** Throws for a version of an image that is there without an attachment. */
    check(image: string, owner: Digest): void {
      const lost = attached.find(
        (each) => each.image === image && each.owner === owner && !registry.has(image, each.digest),
      );
      if (lost === undefined || !seen.has(lost)) return;
      throw new Broken(`${names.get(lost.digest)}, which belongs to ${names.get(owner)}, is gone`);
    },
  };
}
