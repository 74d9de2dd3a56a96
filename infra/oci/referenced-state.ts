import { z } from 'zod';
import { parseDigest, parseRegistry, parseTag } from '../../src/image-reference.ts';
import { keptDigests, pinnedDigests, type Memory } from '../../src/references/memory.ts';
import { keyOf } from '../../src/references/version-needs.ts';
import type { Properties } from '../plugin/resource-type.ts';

const Need = z.object({
  image: z.string(),
  alias: z.string().transform(orIssue(parseTag)),
  tag: z.string().transform(orIssue(parseTag)).exactOptional(),
});

const Inputs = z.object({
  registry: z.string().transform(orIssue(parseRegistry)),
  repositoryPrefix: z.string(),
  /** Seconds. */
  gracePeriod: z.number(),
  /** Image → alias → tag, which is empty for the image alone. */
  needs: z.record(z.string(), z.record(z.string(), z.string())).transform(toNeeds),
  /** Names of images that may have versions in their grace period. */
  images: z.array(z.string()),
});

export type ReferencedInputs = z.output<typeof Inputs>;

const Version = Need.extend({
  digest: z.string().transform(orIssue(parseDigest)).exactOptional(),
  foundAt: z.string().exactOptional(),
});

const Unreferenced = z.object({
  image: z.string(),
  digest: z.string().transform(orIssue(parseDigest)),
  since: z.string(),
});

const FormerPin = Unreferenced.extend({ alias: z.string().transform(orIssue(parseTag)) });

const State = z.object({
  versions: z.array(Version),
  unreferenced: z.array(Unreferenced),
  formerPins: z.array(FormerPin),
});

export function inputsOf(properties: Properties): ReferencedInputs {
  return Inputs.parse(properties);
}

export function memoryOf(outputs: Properties): Memory {
  return State.parse(outputs);
}

/** The inputs, the memory, and the digests that follow from it. */
export function outputsOf(properties: Properties, memory: Memory, now: Date): Properties {
  const { gracePeriod } = inputsOf(properties);
  return { ...properties, ...propertiesOf(memory), digests: keptDigests(memory, gracePeriod, now) };
}

/** The memory as the engine keeps it, and the pins that aliases follow. */
export function propertiesOf(memory: Memory): Properties {
  const { versions, unreferenced, formerPins } = memory;
  return {
    versions: versions.map((version) => ({ ...version })),
    unreferenced: unreferenced.map((version) => ({ ...version })),
    formerPins: formerPins.map((pin) => ({ ...pin })),
    pins: pinnedDigests(memory),
  };
}

/** Sorted, since the engine keeps no order of keys. */
function toNeeds(byImage: Readonly<Record<string, Readonly<Record<string, string>>>>) {
  const needs = Object.entries(byImage).flatMap(([image, aliases]) =>
    Object.entries(aliases).map(([alias, tag]) =>
      Need.parse({ image, alias, ...(tag !== '' && { tag }) }),
    ),
  );
  return needs.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

function orIssue<Value>(parse: (text: string) => Value | undefined) {
  return (text: string, context: z.RefinementCtx): Value => {
    const value = parse(text);
    if (value !== undefined) return value;
    context.addIssue('not valid');
    return z.NEVER;
  };
}
