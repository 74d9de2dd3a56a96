import { z } from 'zod';
import { Duration, millisecondsOf, parseBody } from './message-json.ts';
import { route, type Route } from './router.ts';
import { openCollection } from './store.ts';

export type Clock = ReturnType<typeof openClock>;

/**
 * The emulator's time: real time (`base` gives its milliseconds) and an offset, which is kept in `folder`.
 * It goes on ticking.
 */
export function openClock(folder: string, base: () => number) {
  const offsets = openCollection(folder, 'clock', z.number());
  const now = () => base() + (offsets.get('offset') ?? 0);
  return {
    /** Milliseconds since 1970. */
    now,
    /** As Google writes times: RFC 3339 in UTC. */
    timestamp: () => new Date(now()).toISOString(),
    advance(milliseconds: number) {
      offsets.set('offset', (offsets.get('offset') ?? 0) + milliseconds);
    },
  };
}

/**
 * `GET` and `PUT /emulator/v1/clock`, with `{advance: "86400s"}`. `beforeMove` sees the last moment of the
 * old time.
 */
export function clockRoutes(clock: Clock, beforeMove: () => Promise<void>): Route[] {
  const show = () => ({ now: clock.timestamp() });
  return [
    route('GET', 'emulator/v1/clock', show),
    route('PUT', 'emulator/v1/clock', async ({ body }) => {
      const { advance } = parseBody(z.strictObject({ advance: Duration }), body, 'clock');
      await beforeMove();
      clock.advance(millisecondsOf(advance));
      return show();
    }),
  ];
}
