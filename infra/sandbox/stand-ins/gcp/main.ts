import { serve } from '../../../oci/protocol/serve.ts';
import { createGcpStandIn } from './gcp-stand-in.ts';

await serve(() => createGcpStandIn(process.env));
