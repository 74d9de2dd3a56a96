import { serve } from '../../../oci/protocol/serve.ts';
import { createDockerStandIn } from './docker-stand-in.ts';
import { runDocker } from '../../../../src/build/run-docker.ts';

// The engine ends a plug-in with SIGINT. Ending by `exit` lets the exit hooks stop running builds,
// which the signal's default action would skip.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => process.exit(0));
}
await serve(() => createDockerStandIn(runDocker));
