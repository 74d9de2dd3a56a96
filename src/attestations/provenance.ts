import { z } from 'zod';

/** The predicate type of SLSA provenance, version 1. */
export const PROVENANCE_TYPE = 'https://slsa.dev/provenance/v1';

/** Something that a build took, by its digests. */
const Dependency = z.object({
  uri: z.string().optional(),
  name: z.string().optional(),
  digest: z.record(z.string(), z.string()).optional(),
  annotations: z.record(z.string(), z.unknown()).optional(),
});

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

export type Provenance = z.output<typeof Provenance>;
