import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { docker } from '../support/docker-cli.ts';
import { forgetBuilds } from '../support/forget-builds.ts';
import { copyCheckout, type CopiedCheckout } from '../support/copied-checkout.ts';

/** Three Debians are made from their packages where Docker Hub can't be reached. */
const MAKES_BASES = { timeout: 900_000 };

let checkout: CopiedCheckout;
let pulls: readonly string[];

beforeAll(() => {
  checkout = copyCheckout(inject('prerequisites'));
});

afterAll(async () => {
  await checkout.script('stop');
  for (const reference of pulls) await forgetBuilds(reference.split('/')[0] ?? '');
  checkout.remove();
});

describe('npm start', () => {
  it(
    'brings real Debian images into a registry, and says how to pull each',
    MAKES_BASES,
    async () => {
      const { code, output } = await checkout.script('start');
      expect(code, output).toBe(0);
      pulls = [...output.matchAll(/^docker pull (\S+)$/gm)].map((match) => match[1] ?? '');
      expect(pulls.map(distributionOf)).toEqual(['debian-11', 'debian-12', 'debian-13']);
      for (const name of ['debian-11', 'debian-12', 'debian-13']) {
        expect(output).toMatch(new RegExp(`${name} .* [0-9a-f]{32} .* latest .* sha256:.* MB`));
      }
      for (const reference of pulls) {
        await docker('pull', '--quiet', reference);
        const release = await docker(
          'run',
          '--rm',
          '--network',
          'none',
          reference,
          'cat',
          '/etc/os-release',
        );
        expect(`debian-${/VERSION_ID="(\d+)"/.exec(release)?.[1] ?? ''}`).toBe(
          distributionOf(reference),
        );
        await docker('run', '--rm', '--network', 'none', reference, 'python3', '--version');
      }
    },
  );

  it('labels them with what they are made of', async () => {
    const [reference = ''] = pulls;
    const labels = await docker(
      'image',
      'inspect',
      '--format',
      '{{json .Config.Labels}}',
      reference,
    );
    expect(JSON.parse(labels)).toMatchObject({
      'org.opencontainers.image.version': '11',
      'org.opencontainers.image.created': expect.stringMatching(
        /^\d{4}-\d\d-\d\dT[\d:]{8}Z$/,
      ) as string,
      'org.opencontainers.image.base.name': expect.stringContaining('debian:bullseye') as string,
      'org.opencontainers.image.base.digest': expect.stringMatching(/^sha256:/) as string,
    });
  });

  it('changes nothing the second time, says so, and takes seconds', async () => {
    const begin = Date.now();
    const { code, output } = await checkout.script('start');
    expect(code, output).toBe(0);
    expect(output).toContain('nothing changed');
    expect(pulls.filter((reference) => !output.includes(reference))).toEqual([]);
    // Ten times what it takes: a build or a base image that is made again would take longer.
    expect(Date.now() - begin).toBeLessThan(60_000);
  });

  it('lets anyone preview the sandbox', async () => {
    const { code, output } = await checkout.script('pulumi', 'preview', '--expect-no-changes');
    expect(code, output).toBe(0);
  });
});

describe('npm stop', () => {
  it('ends what npm start started, once', async () => {
    expect((await checkout.script('stop')).output).toContain('The registry has ended');
    expect((await checkout.script('stop')).output).toContain('Nothing to stop');
    await expect(docker('pull', '--quiet', pulls[0] ?? '')).rejects.toThrow();
  });

  it('leaves what was published for the next start', async () => {
    const { code, output } = await checkout.script('start');
    expect(code, output).toBe(0);
    expect(output).toContain('nothing changed');
    expect(pulls.filter((reference) => !output.includes(reference))).toEqual([]);
  });
});

/** `debian-12` of `127.0.0.1:5000/kubernetes-ci-images/debian-12@sha256:...`. */
function distributionOf(reference: string): string {
  return reference.split('/').at(-1)?.split('@')[0] ?? '';
}
