import { Socket } from 'node:net';

/**
 * Loaded into the program's process before the program (`node --import`): ends it when the pipe from
 * the language host closes. That happens however the host ends, even when it is killed, so that no
 * program goes on alone and changes things while the next run is already on its way.
 */
new Socket({ fd: 3, readable: true, writable: false })
  .on('close', () => process.kill(process.pid, 'SIGKILL'))
  .resume()
  .unref();
