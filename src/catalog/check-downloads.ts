import type { Instruction } from 'dockerfile-ast';
import { splitFlags } from './builder-flags.ts';
import { instructionsOf, placeOf } from './dockerfile.ts';
import type { Dockerfile, DockerfileFinding } from './dockerfile.ts';
import { quote } from '../yaml/wording.ts';

const ADDRESS = /^(?:[a-z][a-z0-9+.-]*:\/\/|git@)/i;
const AT_COMMIT = /#(?:[a-f0-9]{40}|[a-f0-9]{64})(?::|$)/;

/**
 * What `ADD` downloads must be known before: by `--checksum`, or a repository by its commit. A variable
 * could be anything, so it counts as an address.
 */
export function checkDownloads(dockerfile: Dockerfile): readonly DockerfileFinding[] {
  return dockerfile.stages.flatMap((stage) =>
    instructionsOf(stage).flatMap((instruction) => checkAdd(instruction, dockerfile.escape)),
  );
}

function checkAdd(instruction: Instruction, escape: string): readonly DockerfileFinding[] {
  if (instruction.getKeyword() !== 'ADD') return [];
  const { flags, rest } = splitFlags(instruction.getTextContent(), escape);
  if (flags.some(({ name, value }) => name === 'checksum' && value !== '')) return [];
  const sources = wordsOf(rest).slice(0, -1);
  const place = placeOf(instruction.getRange());
  return sources
    .filter((source) => source.startsWith('$') || (ADDRESS.test(source) && !AT_COMMIT.test(source)))
    .map((source): DockerfileFinding => {
      const problem = `what ADD finds at ${quote(source)} may be something else tomorrow`;
      const remedy = source.startsWith('$')
        ? 'use COPY for what is in the context'
        : 'download it in a RUN that compares its checksum, or add --checksum=sha256:...';
      return { code: 'DOCKERFILE_DOWNLOAD', ...place, problem, remedy };
    });
}

/** The words of `a "b" /` and of `["a", "b", "/"]`. */
function wordsOf(text: string): readonly string[] {
  const words = /^\s*\[/.test(text) ? text.split(/[\s,[\]]+/) : text.split(/\s+/);
  return words.map((word) => word.replaceAll(/["']/g, '')).filter((word) => word !== '');
}
