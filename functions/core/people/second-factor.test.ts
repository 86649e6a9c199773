import { Secret, TOTP } from "otpauth";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { subjects, type Subject } from "../../../test/redis/stores.ts";
import { startRig, type Rig } from "../../../test/rig.ts";
import type { Store } from "../../stores/store.ts";
import { rotateKeys } from "../../operations/jobs/rotation.ts";
import { confirmSecondFactor, draftSecondFactor, isSecondFactor, readSecondFactor } from "./second-factor.ts";

describe.each(Object.keys(subjects) as (keyof typeof subjects)[])("recovery codes on the store %s", (kind) => {
  let subject: Subject;
  let store: Store;
  let rigs: Rig[];
  let codes: string[];
  beforeAll(async () => {
    subject = await subjects[kind]();
    store = await subject.open();
    rigs = await Promise.all([1, 2].map(() => startRig({ store })));
    const [{ env }] = rigs as [Rig];
    const { secret } = await draftSecondFactor("admin", env);
    codes = (await confirmSecondFactor(new TOTP({ secret: Secret.fromBase32(secret) }).generate(), env)) ?? [];
  }, 180_000);
  afterAll(async () => {
    for (const rig of rigs) await rig.stop();
    await store.close();
    await subject.stop();
  });

  /** Shows each code at the same moment on both instances, which read the factor before any of them is used. */
  const showAll = async (shown: readonly string[]) => {
    const factors = await Promise.all(rigs.map(({ env }) => readSecondFactor(env)));
    return Promise.all(
      shown.flatMap((code) =>
        rigs.map(({ env }, index) => {
          const factor = factors[index];
          return factor ? isSecondFactor(factor, code, env) : false;
        }),
      ),
    );
  };

  test("are each good for one caller, however many are used at once, and stay used", async () => {
    const [{ env }] = rigs as [Rig];
    const first = await showAll(codes.slice(0, 5));
    expect(first.filter(Boolean)).toHaveLength(5);
    expect((await readSecondFactor(env))?.recovery).toHaveLength(5);
    for (const rig of rigs) rig.pass(600_000);
    expect(await showAll(codes.slice(0, 5))).toEqual(Array(10).fill(false));
    // A rotation that read the factor before a code was used does not bring it back.
    const { config } = env;
    const rotating = {
      ...env,
      config: { ...config, ENCRYPTION_KEY: "n".repeat(32), ENCRYPTION_KEY_PREVIOUS: config.ENCRYPTION_KEY },
    };
    const raced = new Proxy(store, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== "function") return value;
        return async (...args: unknown[]) => {
          const told: unknown = await Reflect.apply(value, target, args);
          if (name === "read") await showAll(codes.slice(5, 6));
          return told;
        };
      },
    });
    await rotateKeys({ ...rotating, store: raced });
    expect((await readSecondFactor(rotating))?.recovery).toHaveLength(4);
  });
});
