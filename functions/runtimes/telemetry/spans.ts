import * as otel from "@opentelemetry/api";
import { parseTraceParent } from "@opentelemetry/core";
import type { TracedCall, TracedRefusal, Tracer } from "../../core/process/tracing.ts";
import type { Attempt, UsageEvent } from "../../core/money/usage.ts";

/**
 * A span for each call, with its tries as children, made when the call has ended: nothing is done while it runs. Names and
 * attributes are those of OpenTelemetry's semantic conventions for generative AI, and `relay.…` for what is our own. No
 * words of anybody are among them: no prompt, no answer, no failure's text, no name of a key, no address.
 */
export function buildTracer(tracer: otel.Tracer): Tracer {
  return {
    call(call) {
      const { event, failure, traceparent } = call;
      const attributes = attributesOf(call);
      const span = tracer.startSpan(
        nameOf(attributes),
        { kind: otel.SpanKind.SERVER, startTime: event.at, attributes },
        contextOf(traceparent),
      );
      const inside = otel.trace.setSpan(otel.ROOT_CONTEXT, span);
      for (const attempt of event.attempts) traceAttempt(tracer, attempt, call, inside);
      if (event.ms.first < event.ms.total) span.addEvent("first byte", event.at + event.ms.first);
      end(span, failure, event.at + event.ms.total);
    },
    refusal({ id, dialect, failure, status, startedAt, endedAt, traceparent }: TracedRefusal) {
      const attributes = { "relay.request": id, "relay.dialect": dialect, "http.response.status_code": status };
      const options = { kind: otel.SpanKind.SERVER, startTime: startedAt, attributes };
      end(tracer.startSpan(`refused ${dialect}`, options, contextOf(traceparent)), failure, endedAt);
    },
  };
}

function traceAttempt(
  tracer: otel.Tracer,
  attempt: Attempt,
  { event, kindOf }: TracedCall,
  inside: otel.Context,
): void {
  const startTime = event.at + attempt.startedMs;
  const attributes = definedOf({
    "gen_ai.operation.name": operationOf(event),
    "gen_ai.provider.name": providerOf(kindOf(attempt.account), event),
    "gen_ai.request.model": attempt.model ?? event.upstreamModel ?? event.model,
    "http.response.status_code": attempt.status || undefined,
    "relay.account": attempt.account,
    "relay.charge": attempt.charge,
  });
  const span = tracer.startSpan(nameOf(attributes), { kind: otel.SpanKind.CLIENT, startTime, attributes }, inside);
  const isServed = attempt.status > 0 && attempt.status < 400;
  end(span, isServed ? undefined : String(attempt.status || "no answer"), startTime + attempt.ms);
}

function end(span: otel.Span, failure: string | undefined, endTime: number): void {
  if (failure !== undefined) span.setAttribute("error.type", failure).setStatus({ code: otel.SpanStatusCode.ERROR });
  span.end(endTime);
}

function attributesOf({ event, kindOf }: TracedCall): otel.Attributes {
  const { usage } = event;
  const kind = event.account === undefined ? undefined : kindOf(event.account);
  return definedOf({
    "gen_ai.operation.name": operationOf(event),
    "gen_ai.provider.name": providerOf(kind, event),
    "gen_ai.request.model": event.model,
    "gen_ai.response.model": event.upstreamModel,
    // What was cached is part of the input there, and not in our own figures.
    "gen_ai.usage.input_tokens":
      usage.inputTokens + usage.cacheReadTokens + usage.cacheWrite5mTokens + usage.cacheWrite1hTokens,
    "gen_ai.usage.output_tokens": usage.outputTokens,
    "gen_ai.usage.cache_read.input_tokens": usage.cacheReadTokens,
    "gen_ai.usage.cache_creation.input_tokens": usage.cacheWrite5mTokens + usage.cacheWrite1hTokens,
    "http.response.status_code": event.status,
    "relay.request": event.id,
    "relay.dialect": event.dialect,
    "relay.key": event.key,
    "relay.account": event.account,
    "relay.client": event.client,
    "relay.outcome": event.outcome,
    "relay.stream": event.isStream,
    "relay.cost_dollars": event.costNanos / 1e9,
    "relay.usage_estimated": event.isEstimated,
    "relay.queue_ms": event.ms.queue,
    "relay.first_byte_ms": event.ms.first,
  });
}

const nameOf = (attributes: otel.Attributes) =>
  [attributes["gen_ai.operation.name"], attributes["gen_ai.request.model"]].filter(Boolean).join(" ");

const operations: Readonly<Record<string, string>> = {
  messages: "chat",
  responses: "chat",
  chat: "chat",
  generateContent: "generate_content",
  streamGenerateContent: "generate_content",
  embedContent: "embeddings",
};

const operationOf = ({ operation }: UsageEvent) => operations[operation] ?? operation;

const providers: Readonly<Record<string, string>> = {
  anthropic: "anthropic",
  claude: "anthropic",
  openai: "openai",
  chatgpt: "openai",
  "azure-openai": "azure.ai.openai",
  gemini: "gcp.gemini",
  "code-assist": "gcp.gemini",
  bedrock: "aws.bedrock",
  vertex: "gcp.vertex_ai",
};

/** Of a call that no account took, the provider whose language it speaks. */
function providerOf(kind: string | undefined, { dialect }: UsageEvent): string | undefined {
  if (kind !== undefined) return providers[kind];
  const spoken = Object.keys(providers).find((name) => dialect.startsWith(name));
  return spoken && providers[spoken];
}

/** The client's span, if it told a valid one: the call's is then part of the client's trace. */
function contextOf(traceparent: string | undefined): otel.Context {
  const parent = traceparent === undefined ? null : parseTraceParent(traceparent);
  if (!parent) return otel.ROOT_CONTEXT;
  return otel.trace.setSpanContext(otel.ROOT_CONTEXT, { ...parent, isRemote: true });
}

function definedOf(attributes: Readonly<Record<string, otel.AttributeValue | undefined>>): otel.Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));
}
