import { join } from "node:path";
import ts from "typescript";
import type { JsonObject } from "../../functions/wire/json.ts";

/** One field of a request as its official SDK's types have it, in a request that says little else. */
export interface Field {
  /** Such as `messages[].content[type=image_url].image_url.detail=high`. */
  readonly path: string;
  readonly value: JsonObject;
  /** The same request without it; undefined where the types demand it. */
  readonly without: JsonObject | undefined;
  /** Text that occurs nowhere else, if the field is text. */
  readonly mark: string | undefined;
}

interface Found {
  readonly path: string;
  readonly value: unknown;
  readonly without: unknown;
  readonly mark: string | undefined;
}

const root = join(import.meta.dirname, "..", "..");
const program = (file: string): ts.Program =>
  ts.createProgram([file], {
    ...{ strict: true, noEmit: true, skipLibCheck: true, types: [], lib: ["lib.es5.d.ts"] },
    ...{ module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext },
  });

/**
 * Every field of an interface in an SDK's type declarations, however deep, each kind of a union by itself. `samples` gives
 * values for fields by name, where not any text will do; `always` names those without which a request makes no sense, although
 * the types do without them.
 */
export function everyField(
  file: string,
  name: string,
  samples: Readonly<Record<string, unknown>>,
  always: readonly string[],
): Field[] {
  const path = join(root, "node_modules", file);
  const built = program(path);
  const source = built.getSourceFile(path);
  const declared = source?.statements.find((one) => ts.isInterfaceDeclaration(one) && one.name.text === name);
  if (!declared) throw new Error(`${file} has no interface ${name}`);
  const checker = built.getTypeChecker();
  const walker = new Walker(checker, samples, always);
  const found = [...walker.fieldsOf(checker.getTypeAtLocation(declared), "", [])];
  return found.map((one) => ({
    ...one,
    value: one.value as JsonObject,
    without: one.without as JsonObject | undefined,
  }));
}

class Walker {
  readonly #checker: ts.TypeChecker;
  readonly #samples: Readonly<Record<string, unknown>>;
  readonly #always: ReadonlySet<string>;
  #marks = 0;

  constructor(checker: ts.TypeChecker, samples: Readonly<Record<string, unknown>>, always: readonly string[]) {
    this.#checker = checker;
    this.#samples = samples;
    this.#always = new Set(always);
  }

  /** Every way in which a value of the type may differ from the least there is. */
  *fieldsOf(type: ts.Type, path: string, within: readonly ts.Type[]): Generator<Found> {
    if (within.includes(type)) return;
    const kinds = kindsOf(type);
    if (kinds.length > 1) {
      for (const kind of kinds) yield* this.fieldsOf(kind, path + this.#labelOf(kind), within);
      return;
    }
    const [kind = type] = kinds;
    const element = this.#elementOf(kind);
    if (element) {
      for (const one of this.fieldsOf(element, `${path}[]`, within))
        yield { ...one, value: [one.value], without: one.without === undefined ? undefined : [one.without] };
      return;
    }
    const properties = this.#propertiesOf(kind);
    if (properties.length === 0) {
      const mark = kind.flags & ts.TypeFlags.String ? `mark${(this.#marks += 1)}` : undefined;
      yield { path, value: mark ?? this.least(kind), without: undefined, mark };
      return;
    }
    yield* this.#membersOf(kind, properties, path, [...within, type, kind]);
  }

  *#membersOf(
    type: ts.Type,
    properties: readonly ts.Symbol[],
    path: string,
    within: readonly ts.Type[],
  ): Generator<Found> {
    const least = this.least(type) as JsonObject;
    for (const property of properties) {
      const { name } = property;
      const at = path === "" ? name : `${path}.${name}`;
      const isOptional = (property.flags & ts.SymbolFlags.Optional) !== 0;
      const { [name]: _own, ...others } = least;
      if (name in this.#samples) {
        yield {
          path: at,
          value: { ...least, [name]: this.#samples[name] },
          without: isOptional ? others : undefined,
          mark: undefined,
        };
        continue;
      }
      for (const one of this.fieldsOf(this.#checker.getTypeOfSymbol(property), at, within)) {
        const before = one.without === undefined ? undefined : { ...least, [name]: one.without };
        const without = before ?? (isOptional ? others : undefined);
        yield { ...one, value: { ...least, [name]: one.value }, without };
      }
    }
  }

  /** The least value of a type: what it demands, and of a union its first kind. */
  least(type: ts.Type, depth = 0): unknown {
    const [kind = type] = kindsOf(type);
    if (kind.isStringLiteral() || kind.isNumberLiteral()) return kind.value;
    if (kind.flags & ts.TypeFlags.BooleanLiteral) return this.#checker.typeToString(kind) === "true";
    if (kind.flags & ts.TypeFlags.Number) return 7;
    if (kind.flags & ts.TypeFlags.String) return "text";
    const element = this.#elementOf(kind);
    if (element) return depth > 8 ? [] : [this.least(element, depth + 1)];
    const demanded = this.#propertiesOf(kind).filter(
      ({ flags, name }) => !(flags & ts.SymbolFlags.Optional) || this.#always.has(name),
    );
    const entries = demanded.map((property) => {
      const own = this.#samples[property.name];
      return [property.name, own ?? this.least(this.#checker.getTypeOfSymbol(property), depth + 1)];
    });
    return Object.fromEntries(entries);
  }

  #labelOf(kind: ts.Type): string {
    if (kind.isStringLiteral() || kind.isNumberLiteral()) return `=${kind.value}`;
    if (kind.flags & ts.TypeFlags.BooleanLiteral) return `=${this.#checker.typeToString(kind)}`;
    const type = this.#propertiesOf(kind).find(({ name }) => name === "type" || name === "role");
    return type ? `[${type.name}=${String(this.least(this.#checker.getTypeOfSymbol(type)))}]` : "";
  }

  #elementOf(type: ts.Type): ts.Type | undefined {
    return this.#checker.isArrayType(type) ? this.#checker.getTypeArguments(type as ts.TypeReference)[0] : undefined;
  }

  #propertiesOf(type: ts.Type): readonly ts.Symbol[] {
    return type.flags & ts.TypeFlags.Object ? this.#checker.getPropertiesOfType(type) : [];
  }
}

/** The kinds of a union but for nothing. */
function kindsOf(type: ts.Type): ts.Type[] {
  const nothing = ts.TypeFlags.Undefined | ts.TypeFlags.Null;
  const kinds = type.isUnion() ? type.types : [type];
  return kinds.filter(({ flags }) => !(flags & nothing));
}
