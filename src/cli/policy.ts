import { previewOption, readPreview } from './options.ts';
import { EXIT_CODES, subcommand } from './subcommand.ts';
import { checkResources } from '../review/check-resources.ts';

/** `images policy`: checks that the engine would do only what the policies allow. */
export const policyCommand = subcommand({
  name: 'policy',
  description: 'Check what a preview would declare, before anything is done',
  options: { preview: previewOption },
  run: ({ root, out, err }, { preview }) => {
    const declared = readPreview(root, preview).steps.flatMap(({ after }) => after ?? []);
    const violations = checkResources(declared);
    for (const { code, resource, problem, remedy } of violations) {
      err(`${resource}  ${code}\n  ${problem}; ${remedy}\n`);
    }
    if (violations.length > 0) return EXIT_CODES.violation;
    out(`No policy is broken by ${declared.length} resource(s).\n`);
    return EXIT_CODES.done;
  },
});
