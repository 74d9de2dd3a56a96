import { Broken } from './broken.ts';
import type { RunOptions, RunResult } from './up.ts';
import { supported, type Branch, type World } from './world.ts';

/**
 * Which runs must be refused: those that see a third of a branch's images gone since the last run, or an older
 * commit than that saw, unless a reviewed line accepts the commit of that run.
 */
export function refusals(world: World) {
  /** The branches that the last run has recorded; `undefined` when nobody can say which run that is. */
  let recorded: ReadonlyMap<string, Branch> | undefined;

  function reasons(): readonly string[] {
    const known = [...(recorded ?? [])].filter(
      ([, before]) => !world.accept.some((commit) => before.commit.startsWith(commit)),
    );
    return known.flatMap(([name, before]) => {
      const now = supported(world).get(name);
      if (now === undefined) return [];
      const images = imagesOf(before);
      const gone = images.filter((image) => !imagesOf(now).includes(image));
      const needsLess = gone.length > 0 && gone.length >= images.length / 3;
      return [
        ...(needsLess ? [`${name} lost ${gone.join(' and ')} of ${images.length} images`] : []),
        ...(now.committedAt < before.committedAt ? [`${name} is at an older commit`] : []),
      ];
    });
  }

  return {
    /** A state that is lost or older has other branches, or none. */
    loseState(): void {
      recorded = undefined;
    },

    afterRun({ refused }: RunResult, { fault }: RunOptions): void {
      if (recorded !== undefined) {
        const because = reasons().join(', ');
        const isRefused = refused?.startsWith('BRANCH_') === true;
        if (because !== '' && refused === undefined) throw new Broken(`${because}: it goes on`);
        if (because === '' && isRefused) throw new Broken('the run is refused for no reason');
      }
      // One that was killed may have recorded what it saw.
      if (refused === undefined) recorded = supported(world);
      else if (fault !== undefined) recorded = undefined;
    },
  };
}

function imagesOf({ catalog, uses }: Branch): readonly string[] {
  return [...new Set([...Object.keys(catalog), ...uses.map(({ image }) => image)])];
}
