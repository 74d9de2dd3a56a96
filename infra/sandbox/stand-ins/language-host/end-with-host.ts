import { Socket } from 'node:net';

/**
 * Node loads this file into the program's process before the program (`node --import`). It ends the
 * process when the pipe from the language host closes, which happens even when the host is killed: no
 * program goes on alone and changes things while the next run is on its way.
 */
new Socket({ fd: 3, readable: true, writable: false })
  .on('close', () => process.kill(process.pid, 'SIGKILL'))
  .resume()
  .unref();
