import { cacheFolder } from '../git/cache-folder.ts';
import type { StackPlan } from '../plan/plan-stack.ts';
import type { Acceptance } from '../signing/signatures.ts';
import { parseTrustedRoot, publicTrustedRoot } from '../signing/trusted-root.ts';

/** Whose signatures count in a stack; `undefined` where nobody's do. The root is read at most once. */
export function acceptanceOf({ settings, trustedRoot }: StackPlan): Acceptance | undefined {
  const { signers, sigstore } = settings;
  if (signers.length === 0) return undefined;
  let read: ReturnType<Acceptance['root']> | undefined;
  const root = () => {
    read ??=
      trustedRoot === undefined
        ? publicTrustedRoot(cacheFolder())
        : Promise.resolve(parseTrustedRoot(trustedRoot, sigstore.trustedRootFile ?? ''));
    return read;
  };
  return { signers, root };
}
