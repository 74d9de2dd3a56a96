import { field, type Draft } from './draft.ts';
import type { CatalogProblem } from './problem-code.ts';

/** A VM disk that is copied boots to be verified: commands in a container would never run. Those of the defaults don't count. */
export function checkCopies(drafts: readonly Draft[]): readonly CatalogProblem[] {
  const disks = drafts.filter(
    (draft) => draft.kind === 'copy' && field(draft, 'holds')?.value === 'vm-disk',
  );
  return disks.flatMap((draft) =>
    (['verify', 'verifyPrivileged'] as const).flatMap((key): readonly CatalogProblem[] => {
      const path = field(draft, key)?.path;
      if (path?.[0] !== 'images') return [];
      const problem = `${key} is for a container, and this copy holds a vm-disk`;
      const remedy = 'delete it, or write holds: container';
      return [{ code: 'KEY_OF_OTHER_KIND', path, problem, remedy }];
    }),
  );
}
