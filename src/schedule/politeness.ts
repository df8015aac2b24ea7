/** The innermost layer: each request takes its turn at its host, then runs in a worker's slot. While it waits it holds neither. */

import type { Layer, Outcome, Task, Transfer } from '../types.js';
import { hostOf, withoutUserinfo } from '../url.js';
import type { Turn } from './host.js';
import type { Patience, PatientTask } from './retry.js';
import type { Turns } from './turns.js';

export function politeness(turns: Turns): Layer {
  return (next) => (task) => turns.take(hostOf(task.url), task, (turn) => request(turns, turn, task, next));
}

async function request(turns: Turns, turn: Turn, task: PatientTask, next: Transfer): Promise<Outcome> {
  const { meter, patience } = task;
  const began = turns.clock.now();
  const received = meter.received;
  if (meter.startedAt === 0) meter.startedAt = began;
  else meter.waitedMs += began - turn.since;
  meter.attempts = task.attempt;
  meter.running = true;
  const { host, restMs } = turn;
  const close = (error: unknown) => {
    meter.running = false;
    if (patience !== undefined) bill(patience, turns.clock.now() - began, meter.received > received);
    return turns.end(turn, error);
  };
  try {
    task.tell({ type: 'start', url: withoutUserinfo(task.url), host: host.name, attempt: task.attempt, restMs });
    const outcome = await next(prepared(turns, turn, task, began));
    close(null);
    return outcome;
  } catch (error) {
    // Judged once, where the request ended.
    throw close(error);
  }
}

/** The task as the request sees it: cut when --max-time is over, and heard of early where others wait for its outcome. */
function prepared(turns: Turns, turn: Turn, task: PatientTask, began: number): Task {
  const { patience } = task;
  const limited = patience !== undefined && patience.maxTime !== Number.POSITIVE_INFINITY;
  const decides = turn.probe || turn.host.breaker.probing;
  if (!limited && !decides) return task;
  const prepared = { ...task };
  if (limited) prepared.deadline = Math.min(task.deadline, began + patience.maxTime - patience.used);
  if (decides) {
    prepared.onHead = (head) => {
      turns.reached(turn);
      return task.onHead?.(head);
    };
  }
  return prepared;
}

function bill(patience: Patience, ms: number, forward: boolean): void {
  patience.used += ms;
  if (!forward) patience.wasted += ms;
}
