import { createHash } from 'node:crypto';
import { isBuilt, type CatalogEntry } from '../catalog/image.ts';
import { addressVariables } from '../docker-address.ts';
import type { Environment } from '../environment.ts';
import { InvalidInputError, type Problem } from '../problem.ts';
import type { Builder } from '../settings/builders.ts';
import { closest } from '../yaml/wording.ts';

/** The variable that lists the builders that a run does without. */
export const WITHOUT_BUILDERS = 'IMAGES_WITHOUT_BUILDERS';

/**
 * The builder of a resource, by rendezvous hashing: of the builders that have the platform, the one with the highest
 * hash of its name and the resource's. A builder that is added takes its share from all others and moves nothing else;
 * what was on one that goes is shared out, and nothing else moves.
 */
export function chooseBuilder(
  resource: string,
  platform: string,
  builders: readonly Builder[],
): Builder | undefined {
  const scored = builders
    .filter(({ platforms }) => platforms.includes(platform))
    .map((builder) => ({ builder, score: scoreOf(builder.name, resource) }));
  return scored.toSorted((a, b) => (a.score < b.score ? 1 : -1))[0]?.builder;
}

function scoreOf(builder: string, resource: string): string {
  return createHash('sha256')
    .update(JSON.stringify([builder, resource]))
    .digest('hex');
}

/** A NO_BUILDER for each platform of a built image that no builder has. */
export function checkPlatforms(
  entries: readonly CatalogEntry[],
  builders: readonly Builder[],
): readonly Problem[] {
  if (builders.length === 0) return [];
  const known = new Set(builders.flatMap(({ platforms }) => platforms));
  return entries.flatMap(({ image, location }) =>
    (image && isBuilt(image) ? image.platforms : [])
      .filter((platform) => !known.has(platform))
      .map((platform) => {
        const problem = `no builder of the stack builds for ${platform}`;
        const remedy = `add ${platform} to the platforms of one in \`builders\` of the stack settings`;
        return { code: 'NO_BUILDER', ...location, problem, remedy };
      }),
  );
}

/** The names in the value of WITHOUT_BUILDERS. Throws an InvalidInputError (UNKNOWN_BUILDER). */
export function leaveOut(
  text: string | undefined,
  builders: readonly Builder[],
): ReadonlySet<string> {
  const names = (text ?? '').split(',').flatMap((name) => name.trim() || []);
  const known = builders.map(({ name }) => name);
  const problems = names
    .filter((name) => !known.includes(name))
    .map((name) => {
      const problem = `${WITHOUT_BUILDERS} names ${name}, which is no builder of the stack`;
      const remedy = `write ${closest(name, known) ?? (known.join(', ') || 'none')}`;
      return { code: 'UNKNOWN_BUILDER', problem, remedy };
    });
  if (problems.length > 0) throw new InvalidInputError(problems);
  return new Set(names);
}

/** Variables that would lead the docker plug-in to another Docker Engine than a builder's are BUILDERS_REDIRECTED. */
export function redirectProblems(
  builders: readonly Builder[],
  env: Environment,
): readonly Problem[] {
  const names = addressVariables(env);
  if (builders.length === 0 || names.length === 0) return [];
  const list = names.join(' and ');
  const problem = `the stack has \`builders\`, and ${list} in the environment would lead Docker elsewhere`;
  const remedy = `run \`unset ${names.join(' ')}\` first, or leave \`builders\` out`;
  return [{ code: 'BUILDERS_REDIRECTED', problem, remedy }];
}
