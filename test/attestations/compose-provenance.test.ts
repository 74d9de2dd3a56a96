import { describe, expect, test } from 'vitest';
import { composeProvenance, finish } from '../../src/attestations/compose-provenance.ts';
import { Provenance } from '../../src/attestations/provenance.ts';
import { parseChecksum } from '../../src/catalog/image.ts';
import { known } from '../support/fixtures.ts';
import { someBuild, somePlannedDisk, somePlannedImage } from '../support/some-planned-image.ts';

const COMMIT = '1'.repeat(40);
const RUN = {
  revision: COMMIT,
  source: 'https://git.example/ci/images',
  pipeline: 'https://git.example/ci/images/-/pipelines/7',
  created: '2026-11-24T10:00:00Z',
  isEarlier: false,
};
const INPUTS = { base: 'b'.repeat(64), dockerfile: 'd'.repeat(64), context: 'c'.repeat(64) };
const BUILD = { ...someBuild('linux/amd64', '0'.repeat(32)), inputs: INPUTS };

const image = somePlannedImage();
const compose = (changes: Partial<typeof RUN> = {}) =>
  composeProvenance(image, BUILD, { ...RUN, ...changes });
const dependency = (name: string, provenance = compose()) =>
  provenance.buildDefinition.resolvedDependencies.find((one) => one.name === name);

describe('the provenance of an image', () => {
  test('is that of SLSA, and can be read back', () => {
    expect(Provenance.parse(JSON.parse(JSON.stringify(compose())))).toEqual(compose());
  });

  test('names the run, the entry of the catalog, and each input by its digest', () => {
    expect(compose()).toMatchObject({
      buildDefinition: {
        externalParameters: {
          source: RUN.source,
          revision: COMMIT,
          platform: 'linux/amd64',
          image: {
            name: 'debian-12',
            version: '12',
            args: { FLAVOUR: 'small' },
            snapshot: '2026-11-01',
          },
        },
        internalParameters: { tag: image.tag, platformTag: BUILD.tag, inputs: INPUTS },
        resolvedDependencies: [
          { name: 'source', uri: `git+${RUN.source}`, digest: { gitCommit: COMMIT } },
          {
            name: 'base',
            uri: 'oci://docker.io/library/debian:12-slim',
            digest: { sha256: 'a'.repeat(64) },
          },
          { name: 'config/contexts/apt/Dockerfile', digest: { sha256: INPUTS.dockerfile } },
          { name: 'config/contexts/apt/', digest: { kubernetesCiImagesContext: INPUTS.context } },
        ],
      },
      runDetails: {
        builder: { id: 'https://git.example/ci/images/-/pipelines' },
        metadata: { invocationId: RUN.pipeline, startedOn: RUN.created },
      },
    });
  });

  test('says its end once that is known', () => {
    const { metadata } = finish(compose(), new Date('2026-11-24T10:05:00.9Z')).runDetails;
    expect(metadata).toEqual({
      invocationId: RUN.pipeline,
      startedOn: RUN.created,
      finishedOn: '2026-11-24T10:05:00Z',
    });
  });

  test('names no run for an image that an earlier one has pushed', () => {
    expect(compose({ isEarlier: true }).runDetails.metadata).toEqual({});
  });

  test('claims no commit for a work tree with changes', () => {
    expect(dependency('source', compose({ revision: `${COMMIT}-dirty` }))).toBeUndefined();
    expect(dependency('source', compose({ revision: '' }))).toBeUndefined();
  });

  test('by hand has another builder than that of a pipeline', () => {
    const { builder, metadata } = compose({ pipeline: '' }).runDetails;
    expect(builder.id).toMatch(/by-hand$/);
    expect(metadata).toEqual({ startedOn: RUN.created });
  });

  test('of a VM disk has the checksum of its download, and neither account nor signature of the URL', () => {
    const checksum = known(parseChecksum(`sha512:${'e'.repeat(128)}`));
    const url = 'https://me:secret@disks.example/noble.img?sig=secret';
    const sources = { 'linux/amd64': { url, checksum, format: 'qcow2' as const } };
    const provenance = composeProvenance(somePlannedDisk({ sources }), BUILD, RUN);
    const uri = 'https://disks.example/noble.img';
    const digest = { sha512: 'e'.repeat(128) };
    expect(dependency('disk', provenance)).toEqual({ name: 'disk', uri, digest });
    expect(JSON.stringify(provenance)).not.toContain('secret');
  });
});
