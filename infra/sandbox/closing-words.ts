import { GOOGLE_PROJECT, REGION, REPOSITORY_ID } from './sandbox.ts';
import type { SandboxAddresses } from './stack-settings.ts';

const PARENT = `projects/${GOOGLE_PROJECT}/locations/${REGION}`;

/** How to go on from a running sandbox. */
export function closingWords({ registry, emulator, gitlab }: SandboxAddresses): string {
  const google = `http://${emulator}/v1/${PARENT}`;
  const own = `http://${emulator}/emulator/v1`;
  return [
    'Look further:',
    '  npm run pulumi -- preview --diff                what the next up would change',
    '  npm run -s images -- plan --stack sandbox       what is published, and from which inputs',
    '  npm run -s images -- references --stack sandbox which branch needs what, and where it says so',
    '  npm run -s images -- retention --stack sandbox  what the clean-up keeps and deletes, and why',
    `  http://${registry}/v2/_catalog                what the registry holds`,
    'Do what happens at Google: list the images, run the daily clean-up, fire the refresh',
    `  curl '${google}/repositories/${REPOSITORY_ID}/dockerImages?access_token=any'`,
    `  curl -X POST ${own}/cleanup`,
    `  curl -X POST ${own}/jobs/${PARENT}/jobs/refresh-${REPOSITORY_ID}:fire`,
    'See what the refresh that was fired does',
    `  curl http://${gitlab}/pipelines/1`,
    'Stop: npm stop (what was published stays for the next npm start)',
  ].join('\n');
}
