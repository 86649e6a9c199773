/** Why a request went as it did, and what to do: by the failure's code, whose dots are dashes here. */
export const causes = {
  cause: {
    served: "{{account}} answered in {{ms}}.",
    servedAfter: "{{account}} answered in {{ms}}, after {{count}} accounts had been tried.",
    said: "{{account}} answered {{status}}: “{{said}}”",
    caused: "Caused by: {{who}}",
    told: "The client was told {{status}}.",
    next: "What to do",
  },
  causes: {
    key: {
      what: "The relay refused the API key: it is missing, unknown, disabled or expired.",
      todo: "Check the key's state and expiry, then give the client a key that is active.",
    },
    forbidden: {
      what: "The relay refused it: this key may not use this model, client or address.",
      todo: "Change the key's access in its settings, or have the client use what is allowed.",
    },
    malformed: {
      what: "The request itself is wrong.",
      todo: "Correct it in the client: no other account would take it. The message says what is wrong.",
    },
    refusedRequest: {
      what: "The provider rejected what the client asked for.",
      todo: "Correct the request in the client. Another account would reject it, too.",
    },
    tooLarge: {
      what: "The request is too large.",
      todo: "Shorten the conversation or the attachments in the client.",
    },
    modelUnknown: {
      what: "No connected account serves this model.",
      todo: "Check the model's name, or connect an account that serves it.",
    },
    limit: {
      what: "The key has reached one of its limits.",
      todo: "Wait until the limit resets, or raise it in the key's settings.",
    },
    concurrency: {
      what: "The key had as many requests in flight as it may.",
      todo: "Let the client retry, or allow the key more concurrent requests.",
    },
    gone: {
      what: "The client disconnected before the answer ended.",
      todo: "Nothing, if somebody stopped it. Else look at the client's timeout.",
    },
    accountNone: {
      what: "No account may serve this request.",
      todo: "Look at why each account was skipped: connect one, resume one, or change what the key is bound to.",
    },
    cooling: {
      what: "Every account that could serve it is cooling down.",
      todo: "Wait until one is free again, or add an account for this model.",
    },
    rejected: {
      what: "The provider rejected the account's credential.",
      todo: "Open the account and sign in again, or replace its key.",
    },
    unreachable: {
      what: "The provider could not be reached.",
      todo: "Check the account's base URL and proxy, and the provider's status page.",
    },
    timeout: {
      what: "The provider did not answer in time.",
      todo: "Let the client retry. If it goes on, look at the provider's status page.",
    },
    broken: {
      what: "The provider's answer broke off.",
      todo: "Let the client retry. If it goes on, check the network or the account's proxy.",
    },
    upstream: {
      what: "The provider failed or had no room.",
      todo: "Let the client retry. A second account for this model would take over.",
    },
    store: {
      what: "The relay's store did not answer.",
      todo: "Check the store (Redis) and the relay's own log.",
    },
    platform: {
      what: "The relay itself could not serve it.",
      todo: "Look at the relay's own log at that time.",
    },
  },
  /** Why an account was not tried: the server's reasons in the reader's language. */
  passed: {
    paused: "paused",
    stopped: "stopped: {{why}}",
    noCredential: "has no credential",
    service: "the key may not use {{service}}",
    dedicated: "dedicated to other keys",
    notBound: "not what the key is bound to",
    signIn: "a sign-in account: it serves {{client}} only",
    model: "does not serve the model {{model}}",
    hours: "serves from {{from}} to {{to}} only",
    rests: "cooling down: {{why}}",
    served: "served",
  },
  log: {
    looked: "Searched back to {{at}} ({{share}})",
    looking: "Searching the whole log…",
    stop: "Stop",
    goOn: "Search on",
    notYet: "Nothing found yet",
    notYetNote: "The log was searched back to {{at}}. Older requests were not looked at.",
    totals: "{{requests}} requests · {{errors}} errors · {{tokens}} tokens · {{usd}}",
    counting: "Adding up: {{share}}",
    histogram: "Requests by time. Choose a bar to see its requests.",
    bar_one: "{{at}}: {{count}} request, {{errors}} failed",
    bar_other: "{{at}}: {{count}} requests, {{errors}} failed",
    part: "{{from}} to {{to}}",
    previous: "Previous (K)",
    next: "Next (J)",
    tryNumber: "Try {{number}}: {{account}} answered {{status}} in {{ms}}",
    type: "Type",
    providerId: "Provider's request ID",
    clientStatus: "Status for the client",
    allOfSession: "All requests of this session",
  },
};
