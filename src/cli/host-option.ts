import { Option } from 'commander';
import type { HostName } from '../merge-request/proposal-target.ts';

/** `--host`: needed where the pipeline's variables do not tell, as in Cloud Build. */
export function hostOption(): Option {
  return new Option(
    '--host <name>',
    'where to open the merge request; by default the pipeline’s',
  ).choices(['gitlab', 'github'] satisfies HostName[]);
}
