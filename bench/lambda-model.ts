import { buildRandom } from "../test/chaos/random.ts";

/** A load and the limits that it meets: AWS's and Upstash's published ones, and the command budget that the tests hold. */
export interface Plan {
  readonly name: string;
  /** Open at once, wanted. */
  readonly streams: number;
  readonly answerSeconds: number;
  /** Redis commands of a message whose instance knows the accounts, and of an instance's first. */
  readonly commands: number;
  readonly coldCommands: number;
  /** The accounts as an instance reads them, and how often one of them changes. */
  readonly snapshotKb: number;
  readonly changeSeconds: number;
  /** Of the account, and by how many executions one function may grow in ten seconds. */
  readonly concurrencyLimit: number;
  readonly growthPer10s: number;
  readonly commandsPerSecond: number;
  /** Deployments side by side, each with its limits; 1. */
  readonly copies?: number;
}

const stepSeconds = 0.1;
const minutes = 10;
/** 512 MB on arm64 for a second: AWS's price list, us-east-1. */
const dollarsPerSecond = 0.5 * 0.0000133334;

/**
 * Ten minutes in steps of 100 ms. Messages come at random (Poisson) so often that the wanted number of streams would be open;
 * an answer lasts a random time (exponential) with the mean given; a message that finds no execution is refused by Lambda and
 * not sent again. The first minute, in which all of it starts, is left out of the rates but not of the refusals.
 */
export function simulate(plan: Plan): Record<string, string> & { name: string } {
  const random = buildRandom(1);
  const { answerSeconds, concurrencyLimit, growthPer10s, copies = 1 } = plan;
  const rate = plan.streams / answerSeconds;
  const ends = new Map<number, number>();
  let [open, warm, most, refused, messages, commands, reads, over, steps] = [0, 0, 0, 0, 0, 0, 0, 0, 0];
  let budget = growthPer10s;
  for (let step = 0; step < (minutes * 60) / stepSeconds; step += 1) {
    const isCounted = step * stepSeconds >= 60;
    open -= ends.get(step) ?? 0;
    ends.delete(step);
    budget = Math.min(growthPer10s, budget + (growthPer10s * stepSeconds) / 10);
    let spent = 0;
    for (let coming = poisson(rate * stepSeconds, random); coming > 0; coming -= 1) {
      messages += 1;
      const isNew = open >= warm;
      if (open >= concurrencyLimit || (isNew && budget < 1)) {
        refused += 1;
        continue;
      }
      if (isNew) {
        warm += 1;
        budget -= 1;
      }
      open += 1;
      const end = step + Math.max(1, Math.round((-Math.log(1 - random()) * answerSeconds) / stepSeconds));
      ends.set(end, (ends.get(end) ?? 0) + 1);
      spent += isNew ? plan.coldCommands : plan.commands;
    }
    most = Math.max(most, open);
    if (!isCounted) continue;
    steps += 1;
    commands += spent;
    // An instance reads the accounts again when one has changed since its last message.
    reads += Math.min(warm / plan.changeSeconds, rate) * stepSeconds;
    if (spent > plan.commandsPerSecond * stepSeconds) over += 1;
  }
  const seconds = steps * stepSeconds;
  const many = (value: number) => Math.round(value * copies).toLocaleString("en");
  return {
    name: plan.name,
    streams: many(plan.streams),
    rate: many(rate),
    executions: many(most),
    refused: `${((100 * refused) / messages).toFixed(1)} %`,
    commands: many(commands / seconds),
    over: `${((100 * over) / steps).toFixed(0)} % of the time`,
    read: `${(((reads / seconds) * plan.snapshotKb * copies) / 1_000).toFixed(1)} MB/s`,
    cost: `$${(most * copies * dollarsPerSecond * 3_600).toFixed(0)}`,
  };
}

/** Knuth's for small means, the normal approximation for large ones. */
function poisson(mean: number, random: () => number): number {
  if (mean > 50) {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal));
  }
  const limit = Math.exp(-mean);
  let count = -1;
  for (let product = 1; product > limit; product *= random()) count += 1;
  return count;
}
