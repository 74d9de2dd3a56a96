import { isAbsolute, join } from 'node:path';
import type { StackPlan } from '../../src/plan/plan-stack.ts';
import { parseSigningKey } from '../../src/settings/settings.ts';
import { setUpSigning, type OciProvider } from '../oci/resources.ts';

type Plan = Pick<StackPlan, 'settings' | 'trustedRoot'>;

/**
 * Tells the oci plug-in what signs in this run, and what checks signatures: in its memory, since the state must not say
 * where a key is. A private key is read with the first signature, and so in no preview.
 */
export async function prepareSigning(
  oci: OciProvider,
  { settings: { signing, signers, sigstore }, trustedRoot = '' }: Plan,
  checkout: string,
): Promise<void> {
  if (signers.length === 0) return;
  const { fulcio = '', rekor = '' } = sigstore;
  await setUpSigning(oci, { signing: placeOf(signing, checkout), fulcio, rekor, trustedRoot });
}

/** The setting with an absolute path: plug-ins run in another folder. */
function placeOf(signing: string | undefined, checkout: string): string {
  if (signing === undefined) return '';
  const isRelative = parseSigningKey(signing).kind === 'file' && !isAbsolute(signing);
  return isRelative ? join(checkout, signing) : signing;
}
