import type { Language } from "./language.ts";

/** The directives in force for one request, by name; the value is empty where none was given. */
export type Behaviour = ReadonlyMap<string, string>;

/** One directive as written: `cut=5-x2` is the name `cut`, the value `5`, for the first 2 requests. */
interface Directive {
  name: string;
  value: string;
  times: number;
  source: string;
}

/** Directives that every language shares, because they concern bytes and time only. README.md says what each does. */
export const sharedDirectives: ReadonlySet<string> = new Set([
  ...["bench", "pace", "burst", "chunk", "crlf", "encoding"],
  ...["slow-headers", "slow-first", "silence", "idle"],
  ...["cut", "cut-byte", "end", "reset", "error-first", "error-after", "error-200"],
  ...["empty", "html", "garbage", "not-http", "flood", "length"],
]);

/** A fault's name is the status and, where one status has several wordings, which one: `403-revoked`. */
const faultName = /^[45]\d\d(-[a-z0-9]+)*$/;

export const isFault = (name: string): boolean => faultName.test(name);

/** The fault in force, if any. */
export function faultOf(behaviour: Behaviour): string | undefined {
  return [...behaviour.keys()].find(isFault);
}

/** True when the directives in force concern neither bytes nor time, so that nothing is left to do but write. */
export function isPlain(behaviour: Behaviour): boolean {
  return behaviour.size === 0 || (behaviour.size === 1 && behaviour.has("bench"));
}

/** The number a directive was given; `fallback` when it has none; undefined when the directive is absent. */
export function numberOf(behaviour: Behaviour, name: string, fallback = 0): number | undefined {
  const value = behaviour.get(name);
  if (value === undefined) return undefined;
  return value === "" ? fallback : Number(value);
}

/** What the requests of one server have used up of `-once` and `-xN`; keyed by where the directive was written. */
export type Counters = Map<string, number>;

/** Where directives come from; the first is the strongest. */
export interface Sources {
  credential: string;
  prompt: string;
  standing: string;
}

/**
 * The behaviour that a request asks for, counting down the counted directives. The credential outranks the prompt,
 * which outranks the standing behaviour: an account that is broken is broken for every prompt.
 */
export function chooseBehaviour(sources: Sources, generates: boolean, counters: Counters): Behaviour {
  const chosen = new Map<string, string>();
  const take = (origin: string, directives: Directive[]): void => {
    for (const directive of directives) {
      if (chosen.has(directive.name) || (isFault(directive.name) && faultOf(chosen))) continue;
      if (isInForce(origin, directive, counters)) chosen.set(directive.name, directive.value);
    }
  };
  const ofCredential = readCredential(sources.credential);
  if (!generates) {
    take(
      "",
      ofCredential.filter((directive) => isFault(directive.name) && directive.times === Infinity),
    );
    return chosen;
  }
  take(sources.credential, ofCredential);
  for (const marker of markers(sources.prompt)) take(marker, readDirectives(marker));
  take("standing", readDirectives(sources.standing));
  return chosen;
}

/** The directive names that neither the shared table nor the language knows: a typing error in a test. */
export function unknownDirectives(behaviour: Behaviour, language: Language): string[] {
  return [...behaviour.keys()].filter(
    (name) => !sharedDirectives.has(name) && !language.directives.has(name) && !language.faults.has(name),
  );
}

function isInForce(origin: string, directive: Directive, counters: Counters): boolean {
  if (directive.times === Infinity) return true;
  const place = `${origin}|${directive.source}`;
  const used = counters.get(place) ?? 0;
  counters.set(place, used + 1);
  return used < directive.times;
}

/** `sk-sim-529-once+pace=5.second` and `sk-ant-oat01-sim-…`: directives up to a `.`, then a free label. */
function readCredential(credential: string): Directive[] {
  const found = /(?:^|-)sim-([^.]*)/.exec(credential)?.[1];
  return found ? readDirectives(found) : [];
}

/** The insides of every `[[sim:…]]` of a text, save those of the fake model's tool and say markers. */
function markers(prompt: string): string[] {
  return [...prompt.matchAll(/\[\[sim:([^\]]*)\]\]/g)]
    .map((match) => match[1] ?? "")
    .filter((inside) => !/^(tool|say)=/.test(inside));
}

function readDirectives(text: string): Directive[] {
  return text
    .split(/[\s,+]+/)
    .filter((part) => part !== "" && part !== "ok")
    .map(readDirective);
}

function readDirective(source: string): Directive {
  const counted = /^(.*)-(once|x(\d+))$/.exec(source);
  const bare = counted?.[1] ?? source;
  const times = counted ? (counted[3] ? Number(counted[3]) : 1) : Infinity;
  const equals = bare.indexOf("=");
  if (equals < 0) return { name: bare, value: "", times, source };
  return { name: bare.slice(0, equals), value: bare.slice(equals + 1), times, source };
}
