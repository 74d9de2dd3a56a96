import { z } from 'zod';

/** Something that a build took, by its digests. */
const Dependency = z.object({
  name: z.string().optional(),
  uri: z.string().optional(),
  digest: z.record(z.string(), z.string()).optional(),
});

export type Dependency = z.output<typeof Dependency>;

/** SLSA provenance v1, "Predicate": what of it this project writes and reads. */
export const Provenance = z.object({
  buildDefinition: z.object({
    buildType: z.string(),
    externalParameters: z.record(z.string(), z.unknown()),
    internalParameters: z.record(z.string(), z.unknown()).optional(),
    resolvedDependencies: z.array(Dependency).default([]),
  }),
  runDetails: z.object({
    builder: z.object({ id: z.string() }),
    metadata: z
      .object({
        invocationId: z.string().optional(),
        startedOn: z.string().optional(),
        finishedOn: z.string().optional(),
      })
      .optional(),
  }),
});

/** The predicate of SLSA provenance. */
export type Provenance = z.output<typeof Provenance>;

/** Which run has built it, and by whom, such as `https://ci.example/jobs/1 by https://ci.example (SLSA Build L1)`. */
export function describeRun({ runDetails: { builder, metadata } }: Provenance): string {
  const run = metadata?.invocationId ? `${metadata.invocationId} ` : '';
  return `${run}by ${builder.id} (SLSA Build L1)`;
}
