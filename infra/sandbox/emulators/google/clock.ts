import { z } from 'zod';
import { Duration, millisecondsOf } from './field-types.ts';
import { parseBody } from './message-json.ts';
import { route, type Route } from './router.ts';
import { openCollection } from './store.ts';

/** The emulator's time: real time and an offset, which is kept over restarts. It goes on ticking. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** As Google writes times: RFC 3339 in UTC. */
  timestamp(): string;
  /** Sets the clock to a time, or moves it on by so many milliseconds. */
  move(to: { readonly now: number } | { readonly advance: number }): void;
}

const Move = z.union([
  z.strictObject({ now: z.iso.datetime({ offset: true }) }),
  z.strictObject({ advance: Duration }),
]);

/** The clock that is kept in `folder`. `base` gives real time in milliseconds. */
export function openClock(folder: string, base: () => number): Clock {
  const offsets = openCollection(folder, 'clock', z.number());
  const now = () => base() + (offsets.get('offset') ?? 0);
  return {
    now,
    timestamp: () => new Date(now()).toISOString(),
    move(to) {
      const target = 'now' in to ? to.now : now() + to.advance;
      offsets.set('offset', target - base());
    },
  };
}

/**
 * `GET` and `PUT /emulator/v1/clock`, with `{now: "2026-01-31T00:00:00Z"}` or
 * `{advance: "86400s"}`. `beforeMove` sees the last moment of the old time.
 */
export function clockRoutes(clock: Clock, beforeMove: () => Promise<void>): Route[] {
  const show = () => ({ now: clock.timestamp() });
  return [
    route('GET', 'emulator/v1/clock', show),
    route('PUT', 'emulator/v1/clock', async ({ body }) => {
      const move = parseBody(Move, body, 'clock');
      const advance = 'advance' in move ? millisecondsOf(move.advance) : 0;
      await beforeMove();
      clock.move('now' in move ? { now: Date.parse(move.now) } : { advance });
      return show();
    }),
  ];
}
