import pulumi from '@pulumi/pulumi';
import type { PlannedImage } from '../../src/plan/planned-image.ts';
import { Verification } from '../oci/verification.ts';
import { reportFailureOnce } from '../engine/report-failure-once.ts';

export interface VerifiedDigestArgs {
  /** Empty when it is not known in this run. */
  readonly digest: pulumi.Output<string>;
  /** Seconds that it has to come up in. */
  readonly timeout: number;
}

/** The digest once what it names has come up; empty when that does not, and the engine has said why. */
export function verifiedDigest(
  image: PlannedImage,
  { digest, timeout }: VerifiedDigestArgs,
  options: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const { name, kind, registry, repository, platform } = image;
  const commands = (image.kind === 'container' ? image.verify : undefined) ?? [];
  const args = { registry, repository, digest, kind, platform, commands, timeout };
  const verification = reportFailureOnce(new Verification(name, args, options));
  return pulumi.recover(verification.digest, () => '');
}
