import { randomBytes } from 'node:crypto';
import { parseRegistry } from '../../src/image-reference.ts';
import { hasIdentity } from '../../src/verify/privileges.ts';
import type { verifyImage } from '../../src/verify/verify-image.ts';
import { boolean, parsed, readProperty, text } from './protocol/read-property.ts';
import type { Plugin, PluginFunction, ResourceType } from './protocol/resource-type.ts';
import type { Attest } from './attest.ts';
import { branchAliasesType } from './branch-aliases-type.ts';
import { connector } from './connect.ts';
import { mirrorType } from './mirror-type.ts';
import { publicationType } from './publication-type.ts';
import { referencedVersionsType } from './referenced-versions-type.ts';
import { packageSchema } from './package-schema.ts';
import type { FUNCTIONS, ResourceToken } from './schema.ts';
import { runSigning } from './signing.ts';
import { tagType } from './tag-type.ts';
import { verificationType } from './verification-type.ts';

/** The project's own provider plug-in: what docker.Image does not do. schema.ts describes its resources. */
export function ociPlugin(env: NodeJS.ProcessEnv): Plugin {
  const { connect, credentialsFor, logIn, mayMake } = connector(env);
  const { signatures, setUp } = runSigning(env);
  return {
    name: 'oci',
    version: '0.1.0',
    schema: packageSchema(),
    diffConfig: () => ({ changed: [] }),
    resources: {
      'oci:index:Publication': publicationType({
        connect,
        signing: signatures,
        now: () => new Date(),
        random: () => randomBytes(4).toString('hex'),
      }),
      'oci:index:Tag': tagType(connect, signatures, attest),
      'oci:index:Verification': verificationType({
        verify,
        credentialsFor,
        hasIdentity: (registry) => hasIdentity(env) || signatures.holdsKey(registry),
      }),
      'oci:index:BranchAliases': branchAliasesType(connect),
      'oci:index:Mirror': mirrorType(connect),
      'oci:index:ReferencedVersions': referencedVersionsType({ connect, now: () => new Date() }),
    } satisfies Record<ResourceToken, ResourceType>,
    functions: {
      'oci:index:mayMake': (inputs) => {
        const isPreview = readProperty(inputs, 'preview', boolean);
        const registry = readProperty(inputs, 'registry', parsed(parseRegistry));
        mayMake(registry, isPreview ? 'later' : 'now');
        return {};
      },
      'oci:index:setUpSigning': (inputs) => {
        setUp(inputs);
        return {};
      },
      'oci:index:logIn': (inputs) => {
        logIn(readProperty(inputs, 'registry', parsed(parseRegistry)), {
          username: readProperty(inputs, 'username', text),
          password: readProperty(inputs, 'password', text),
        });
        return {};
      },
    } satisfies Record<keyof typeof FUNCTIONS, PluginFunction>,
  };
}

/** Loads the verification with the first image to verify: most runs verify none. */
const verify: typeof verifyImage = async (...image) =>
  (await import('../../src/verify/verify-image.ts')).verifyImage(...image);

let attester: Promise<Attest> | undefined;

/** Loads the attestations with the first index to publish: most runs publish none. */
const attest: Attest = async (...images) => (await (attester ??= loadAttester()))(...images);

async function loadAttester(): Promise<Attest> {
  const [own, { listContainer }, { keptList }] = await Promise.all([
    import('./attest.ts'),
    import('../../src/verify/list-container.ts'),
    import('../../src/verify/kept-lists.ts'),
  ]);
  return own.attester({ listContainer, keptList, now: () => new Date() });
}
