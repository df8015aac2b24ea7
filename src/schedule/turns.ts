/** The mechanism of politeness: a transfer starts when a worker and a rested seat of an open host are both free, and not before. */

import type { Clock } from '../clock.js';
import type { PdlError } from '../errors.js';
import type { Settings } from '../options.js';
import type { Outcome, Task } from '../types.js';
import { Fifo } from './fifo.js';
import { fairShare, type Host, type HostSettings, type Turn, type Waiting } from './host.js';
import { type Hooks, Hosts } from './hosts.js';
import { Judge } from './judge.js';
import { openLookAhead } from './look-ahead.js';
import { Outage } from './outage.js';
import type { Run } from './run.js';
import { stoppedBefore, withdrawOnAbort } from './withdraw.js';
import { Workers } from './workers.js';

export interface Turns {
  readonly clock: Clock;
  /**
   * Waits for a turn at `host`, then runs `begin` in a worker's slot; settles as it does, or once its file has landed.
   * @throws ABORTED when the run stops before the turn comes, HOST_DOWN or RATE_LIMITED when the host was given up.
   */
  take(host: string, task: Task, begin: (turn: Turn) => Promise<Outcome>): Promise<Outcome>;
  /** The request of a turn has ended, well or with `error`: its seat rests from now on. Returns the error to throw. */
  end(turn: Turn, error: unknown): unknown;
  /** The host has answered, though its request goes on. */
  reached(turn: Turn): void;
  /** Looks again whether something may start. */
  wake(): void;
  /** Enough lines wait that could start: nothing is gained by reading further ahead. */
  readonly fed: boolean;
  /** Raises the rests of a host to at least `ms`, and spaces its requests that far (robots.txt's Crawl-delay). */
  slow(host: string, ms: number): void;
}

type TurnSettings = HostSettings & Pick<Settings, 'retryMaxTime'>;

/** `room`: whether a new transfer may start as far as those are concerned who take the results. */
export function openTurns(
  settings: TurnSettings,
  run: Run,
  clock: Clock,
  room: () => boolean,
  hooks: Hooks = {},
): Turns {
  const hosts = new Hosts(settings, clock, hooks);
  const ready = new Fifo<Host>();
  const outage = new Outage(settings, run, clock, hosts, wake);
  const judge = new Judge(settings, clock, hosts, outage, { drop, place: (host) => place(host, clock.now()) });
  const workers = new Workers(settings.maxWorkers, wakeSoon);
  const ahead = openLookAhead(settings.maxWorkers, run, clock);
  const share = fairShare(settings.maxWorkers);
  let toldAt = Number.NEGATIVE_INFINITY;
  let waking = false;

  /** Puts a host where it belongs: among those that can go on, or to sleep until it can. */
  function place(host: Host, now: number): void {
    ahead.weigh(host);
    if (host.size === 0 || host.listed) return;
    host.recover(now);
    const at = host.readyAt;
    if (at <= now) {
      host.listed = true;
      ready.push(host);
    } else if (at !== Number.POSITIVE_INFINITY && at !== host.wakeAt) {
      host.wakeAt = at;
      run.at(at, () => {
        if (host.wakeAt !== at) return;
        host.wakeAt = Number.NaN;
        place(host, clock.now());
        wake();
      });
    }
  }

  /** The next host in turn that can go on now. One that has its share of the workers comes last, when no other is in sight. */
  function nextReady(now: number, fits: (host: Host) => boolean = () => true): Host | undefined {
    const host = turnOf(now, (one) => one.seats.busy < share && fits(one));
    if (host !== undefined || (run.reading && !ahead.enough)) return host;
    return turnOf(now, fits);
  }

  function turnOf(now: number, fits: (host: Host) => boolean): Host | undefined {
    for (let looks = ready.size; looks > 0; looks -= 1) {
      const host = ready.shift()!;
      if (host.readyAt > now || host.size === 0) {
        host.listed = false;
        place(host, now);
      } else if (fits(host)) {
        host.listed = false;
        return host;
      } else ready.push(host);
    }
    return undefined;
  }

  function wake(): void {
    if (run.ending) return;
    const now = clock.now();
    while (workers.isFree && room()) {
      const probe = outage.holding;
      const host = probe ? outage.nextProbe(now, (fits) => nextReady(now, fits)) : nextReady(now);
      if (host === undefined) {
        if (workers.busy === 0) tellRest(now);
        return;
      }
      start(host, probe, now);
    }
  }

  function start(host: Host, probe: boolean, now: number): void {
    const waiting = host.shift();
    if (waiting === undefined) return;
    const { task, since, begin, resolve, reject } = waiting;
    const turn: Turn = { host, task, since, restMs: host.take(now), park: host.parks, probe, slot: -1 };
    outage.started(turn);
    place(host, now);
    workers.enter();
    begin(turn).then(
      (outcome) => {
        leave(turn);
        if (outcome.status === 'landing') workers.land(outcome, resolve, reject);
        else resolve(outcome);
      },
      (error: unknown) => {
        leave(turn);
        outage.verdict(error).then(() => reject(error), reject);
      },
    );
  }

  /** After all lines that are begun together stand in their queues, or the first host of a list would take all workers. */
  function wakeSoon(): void {
    if (waking) return;
    waking = true;
    process.nextTick(() => {
      waking = false;
      wake();
    });
  }

  /** The worker is free again. */
  function leave({ host }: Turn): void {
    const now = clock.now();
    if (host.size === 0 && host.seats.busy === 0) hosts.rest(host, now);
    else place(host, now);
    workers.leave();
  }

  /** Turns away every line that waits at a host. */
  function drop(host: Host, why: (task: Task) => PdlError): void {
    for (let waiting = host.shift(); waiting !== undefined; waiting = host.shift()) waiting.reject(why(waiting.task));
    ahead.weigh(host);
  }

  /** Once a second at most: that every host rests is worth a word, each rest is not. */
  function tellRest(now: number): void {
    if (now - toldAt < 1_000) return;
    toldAt = now;
    hosts.tellNext(now);
  }

  run.on('stop', () => {
    for (const host of hosts.all()) drop(host, stoppedBefore);
  });
  run.on('room', wake);

  return {
    clock,
    take(name, task, begin) {
      return new Promise((resolve, reject) => {
        if (run.ending) return reject(stoppedBefore(task));
        if (task.signal.aborted) return reject(task.signal.reason);
        const now = clock.now();
        const given = hosts.givenUp(name, now);
        if (given !== undefined) return reject(given(task));
        const host = hosts.get(name);
        const waiting: Waiting = { task, since: now, begin, resolve, reject, gone: false };
        host.push(waiting);
        ahead.weigh(host);
        if (task.signal !== run.signal) withdrawOnAbort(host, waiting, ahead);
        if (host.listed) return;
        place(host, now);
        if (host.listed) wakeSoon();
      });
    },
    end(turn, error) {
      turn.host.seats.end(clock.now());
      const judged = judge.ended(turn, error);
      ahead.weigh(turn.host);
      return judged;
    },
    reached(turn) {
      judge.reached(turn);
      place(turn.host, clock.now());
      wake();
    },
    wake,
    get fed() {
      return ahead.enough && !outage.holding;
    },
    slow(name, ms) {
      const now = clock.now();
      if (hosts.givenUp(name, now) === undefined) hosts.get(name).slow(now, ms);
    },
  };
}
