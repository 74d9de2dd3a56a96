import type { Digest } from '../../src/image-reference.ts';
import { Broken } from './broken.ts';
import type { World } from './world.ts';

export interface Attachment {
  readonly image: string;
  /** Absent for one that is found by its subject. */
  readonly tag: string | undefined;
  readonly owner: Digest;
  readonly digest: Digest;
  /** The referrer of an index of referrers. */
  readonly holds?: Digest;
}

/** Which signatures a run has seen: they must stay as long as the versions that they belong to. */
export function attachmentTruth({ registry, names }: World) {
  let attached: readonly Attachment[] = [];
  let seen: ReadonlySet<Attachment> = new Set();

  /**
   * Nothing is promised of an attachment that has lost its tag, such as to a newer one, nor of one without that has got
   * one: nobody reads its subject then.
   */
  function forgetUntagged(): void {
    const named = ({ image, tag = '' }: Attachment) => registry.named(image, tag);
    const isTagged = ({ image, digest }: Attachment) =>
      [...registry.of(image).tags.values()].includes(digest);
    const held = attached.filter((each) => each.holds !== undefined && named(each) === each.digest);
    attached = attached.filter((each) => {
      if (each.tag === undefined) return !isTagged(each);
      return named(each) === each.digest || held.some(({ holds }) => holds === each.digest);
    });
  }

  return {
    forgetUntagged,

    deleteByHand(image: string, digest: Digest): void {
      const isIt = (each: Attachment) => each.image === image && each.digest === digest;
      attached = attached.filter((each) => !isIt(each));
      forgetUntagged();
    },

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
