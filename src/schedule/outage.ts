/** Parks the run while the own network seems to be down, and sends the probes that decide. */

import { Bag } from '../bag.js';
import type { Clock } from '../clock.js';
import type { PdlError } from '../errors.js';
import type { Settings } from '../options.js';
import type { Task } from '../types.js';
import type { Host, Turn } from './host.js';
import type { Hosts } from './hosts.js';
import { Network, probeMs } from './network.js';
import type { Run } from './run.js';
import { verdictOf } from './verdict.js';

/** How long bytes are watched for before a suspicion is confirmed, ms. */
const watchMs = 1_000;

export class Outage {
  readonly #settings: Pick<Settings, 'retryMaxTime'>;
  readonly #run: Run;
  readonly #clock: Clock;
  readonly #hosts: Hosts;
  readonly #wake: () => void;
  readonly #network = new Network();
  readonly #running = new Bag<Turn>();
  #probe: Turn | null = null;
  #nextProbeAt = 0;
  /** Those who wait to know whether their failure was the network's. */
  #undecided: (() => void)[] = [];

  constructor(settings: Pick<Settings, 'retryMaxTime'>, run: Run, clock: Clock, hosts: Hosts, wake: () => void) {
    this.#settings = settings;
    this.#run = run;
    this.#clock = clock;
    this.#hosts = hosts;
    this.#wake = wake;
    run.on('stop', () => this.#decide());
  }

  /** The own network may be down: nothing starts but probes. */
  get holding(): boolean {
    return this.#network.state !== 'up';
  }

  /** The host to probe, if it is time: best one that has not failed yet. */
  nextProbe(now: number, take: (fits?: (host: Host) => boolean) => Host | undefined): Host | undefined {
    if (this.#probe !== null) return undefined;
    const fresh = (host: Host) => this.#network.isFresh(host.name);
    if (this.#network.state === 'down') return now < this.#nextProbeAt ? undefined : (take(fresh) ?? take());
    // With none in sight the list is read on for one (turns.fed), until the watch decides.
    return take(fresh);
  }

  started(turn: Turn): void {
    this.#running.add(turn);
    if (!turn.probe) return;
    this.#probe = turn;
    this.#nextProbeAt = this.#clock.now() + probeMs;
  }

  /** The request of a turn has ended; returns whether it was the one to decide. */
  ended(turn: Turn): boolean {
    this.#running.delete(turn);
    if (this.#probe !== turn) return false;
    this.#probe = null;
    return true;
  }

  /** A host has answered. */
  reached(host: string): void {
    const held = this.holding;
    this.#network.reached(host);
    if (held) this.#decide();
  }

  /** Nothing came back from a host; returns whether the network, not the host, is to blame. */
  silent(host: Host, task: Task, error: PdlError, probe: boolean): boolean {
    const before = this.#network.state;
    this.#network.failed(host.name, error, probe, this.#clock.now());
    const { state } = this.#network;
    if (before === 'up' && state === 'suspect') this.#watch();
    if (before !== 'down' && state === 'down') this.#goDown(this.#clock.now(), task);
    return state === 'down';
  }

  /** Resolves when it is known whether `error` counts. */
  async verdict(error: unknown): Promise<void> {
    if (this.#network.state !== 'suspect' || verdictOf(error) !== 'silent') return;
    await new Promise<void>((resolve) => {
      this.#undecided.push(resolve);
    });
  }

  /** A suspicion: bytes that still flow speak against it, and so may the probe that now goes out. */
  #watch(): void {
    const before = this.#received();
    this.#run.tell('hungry');
    this.#run.at(this.#clock.now() + watchMs, () => {
      if (this.#network.state !== 'suspect') return;
      if (this.#received() > before) this.reached('');
      else if (this.#probe === null) this.#goDown(this.#clock.now());
      else this.#watch();
    });
  }

  #goDown(now: number, task?: Task): void {
    if (this.#network.state !== 'down') this.#network.confirm(now);
    for (const name of this.#network.failing) this.#hosts.find(name)?.absolve();
    task?.tell({ type: 'wait', host: '', ms: probeMs, why: 'offline' });
    this.#nextProbeAt = now + probeMs;
    this.#run.at(this.#network.downSince + this.#settings.retryMaxTime, () => {
      if (this.#network.state === 'down') this.#run.stop('offline');
    });
    this.#tick(this.#received());
    this.#decide();
  }

  /** Each time a probe is due: first a look whether bytes flow. */
  #tick(before: number): void {
    this.#run.at(Math.max(this.#nextProbeAt, this.#clock.now() + watchMs), () => {
      if (this.#network.state !== 'down') return;
      const received = this.#received();
      if (received > before) {
        this.reached('');
        return;
      }
      this.#wake();
      this.#tick(received);
    });
  }

  #received(): number {
    let sum = 0;
    for (const { task } of this.#running.members) sum += task.meter.received;
    return sum;
  }

  #decide(): void {
    const undecided = this.#undecided;
    this.#undecided = [];
    for (const resolve of undecided) resolve();
    this.#wake();
  }
}
