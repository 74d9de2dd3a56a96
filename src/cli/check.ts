import { acceptanceOf } from './acceptance.ts';
import { checkPublication, type CheckedPublication, type Finding } from './check-publication.ts';
import { formatTable } from './format-table.ts';
import { jsonOption, stackOption } from './options.ts';
import { openByLogin } from './read-registry.ts';
import { planCheckout } from './read-stack.ts';
import { findImage } from '../plan/publish-only.ts';
import { EXIT_CODES, subcommand } from './subcommand.ts';
import { readAttestations } from '../attestations/read-attestations.ts';
import { formatImageReference } from '../image-reference.ts';
import type { PlannedImage, StackPlan } from '../plan/plan-stack.ts';
import { findWhole } from '../registry/image-index.ts';
import { imageLabels } from '../registry/image-labels.ts';
import { printable } from '../problem.ts';
import { findSignature } from '../signing/signatures.ts';

/** `images check`: who has signed a publication, what it was made from, and what is attested of it. */
export const checkCommand = subcommand({
  name: 'check',
  description: 'Check the signature, the inputs and the attestations of a publication',
  arguments: [['<name>', 'the name of the image in the catalog']],
  options: { stack: stackOption, json: jsonOption },
  run: async ({ root, out }, { stack, json }, name) => {
    const plan = planCheckout(root, stack);
    const image = findImage(plan, name);
    const publication = await readPublication(image, plan);
    const findings = checkPublication(image, publication);
    const { registry, repository, tag } = image;
    const digest = publication?.digest;
    const reference = formatImageReference({ registry, repository, tag, digest });
    const isGood = findings.every(({ state }) => state !== 'failed');
    if (json === true) {
      const { signature } = publication ?? {};
      const signer = signature && 'signer' in signature ? signature.signer : undefined;
      out(
        `${JSON.stringify({ name, reference, digest, ok: isGood, signer, findings }, null, 2)}\n`,
      );
    } else {
      out(`${reference}\n${formatFindings(findings)}\n`);
    }
    return isGood ? EXIT_CODES.done : EXIT_CODES.violation;
  },
});

/** A publication under the tag of the catalog; `undefined` where there is none. */
async function readPublication(
  { registry, repository, tag, builds }: PlannedImage,
  plan: StackPlan,
): Promise<CheckedPublication | undefined> {
  const client = await openByLogin(registry);
  const found = await findWhole(client, repository, tag);
  if (found === undefined) return undefined;
  const { digest } = found;
  const acceptance = acceptanceOf(plan);
  // What was published without an index is the image of its one platform.
  const members =
    found.members ?? Object.fromEntries(builds.map(({ platform }) => [platform, digest]));
  const labelled = Object.entries(members).map(async ([platform, member]) => {
    return [platform, await imageLabels(client, repository, member)] as const;
  });
  const [labels, attestations, signature] = await Promise.all([
    Promise.all(labelled),
    readAttestations(client, repository, digest),
    acceptance && findSignature(client, repository, digest, acceptance),
  ]);
  return { digest, members, labels: Object.fromEntries(labels), attestations, signature };
}

/** A line for each finding, and below the table what to do about those that failed. */
export function formatFindings(findings: readonly Finding[]): string {
  const rows = findings.map(({ state, check, platform = '', found }) => [
    state,
    check,
    platform,
    printable(found),
  ]);
  const remedies = findings.flatMap(({ state, check, platform, remedy }) =>
    state === 'failed' ? [`${[check, platform].filter(Boolean).join(' ')}: ${remedy}`] : [],
  );
  return [formatTable(['', 'CHECK', 'PLATFORM', 'FOUND'], rows), ...remedies].join('\n');
}
