import type { Kind } from '../catalog/kind.ts';
import type { Boot } from '../verify/boot-disk.ts';
import type { Start } from '../verify/start-container.ts';

/** An image that is up, and how it came there. */
export type Verification = (Boot | Start) & {
  readonly name: string;
  readonly kind: Kind;
  /** What was started, by its digest. */
  readonly reference: string;
};

/** A JSON object; only a disk's has an accelerator, `kvm` or `tcg`. */
export function formatVerificationAsJson(verification: Verification): string {
  const { name, kind, reference, ...start } = verification;
  return JSON.stringify({ name, kind, reference, ...start }, null, 2);
}
