import process from 'node:process';
import pulumi from '@pulumi/pulumi';
import { localCommit } from '../src/git/local-commit.ts';
import { workingTree } from '../src/git/working-tree.ts';
import { planCatalog } from '../src/plan/plan-catalog.ts';
import { InvalidInputError } from '../src/problem.ts';
import { provenance } from '../src/provenance/provenance.ts';
import { PublishedImage } from './published-image.ts';
import { registryAccess } from './registry-access.ts';
import { readSettings } from './settings.ts';

/** Everything that a stack deploys. Stack outputs: `images`, name → how to pull it. */
export default function program() {
  return withoutStackTrace(() => {
    const { parsed, registryPassword } = readSettings();
    const { settings, images } = planCatalog(workingTree(process.cwd()), parsed);
    const origin = provenance(process.env, localCommit(process.cwd()), settings.source);

    const access = registryAccess(settings, registryPassword);
    const published = images.map((image) => {
      const { output } = new PublishedImage(image.name, { image, access, provenance: origin });
      return [image.name, output] as const;
    });
    return { images: Object.fromEntries(published) };
  });
}

/** A mistake in the input is the user's to mend: the engine prints it without our call stack. */
function withoutStackTrace<Result>(run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    if (error instanceof InvalidInputError) throw new pulumi.RunError(`\n${error.message}`);
    throw error;
  }
}
