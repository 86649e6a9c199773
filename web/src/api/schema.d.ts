// Written by web/build/schema.ts from the OpenAPI document of the admin API. Do not edit.
export interface paths {
    "/admin/accounts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Accounts with their present state, by priority and name. */
        get: operations["listAccounts"];
        put?: never;
        /** Connect an account by its credential. Kinds with sign-in: see /admin/oauth. */
        post: operations["createAccount"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/accounts/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One account, read afresh. */
        get: operations["getAccount"];
        put?: never;
        post?: never;
        /** Remove an account for good; refused while keys are bound to it. */
        delete: operations["deleteAccount"];
        options?: never;
        head?: never;
        /** Change some fields; only those are written. In force on every instance within five seconds. */
        patch: operations["updateAccount"];
        trace?: never;
    };
    "/admin/accounts/{id}/refresh": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Renew the credential of a sign-in account now. */
        post: operations["refreshAccount"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/accounts/{id}/reset": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take the account back into service: ends its cooldowns and forgets why it stopped. */
        post: operations["resetAccount"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/accounts/{id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ask the provider for its models with this account's credential and proxy. Spends no tokens. */
        post: operations["testAccount"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/alerts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Rules, channels, what is on now, and what was told of late. Three commands. */
        get: operations["getAlerts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Change rules, quiet hours, reminders or the language of messages. */
        patch: operations["updateAlerts"];
        trace?: never;
    };
    "/admin/alerts/attention": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What needs a person now, with or without channels: looked up when it is asked for. One command a day of the longest week that a key's limit counts, and seven. */
        get: operations["getAttention"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/alerts/channels": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Add a channel: a webhook, a chat or a mail address. */
        post: operations["createAlertChannel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/alerts/channels/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One channel, without its secrets. */
        get: operations["getAlertChannel"];
        put?: never;
        post?: never;
        /** Remove a channel with its secrets. */
        delete: operations["deleteAlertChannel"];
        options?: never;
        head?: never;
        /** Change a channel. Secrets that are not named stay; an empty one is dropped. */
        patch: operations["updateAlertChannel"];
        trace?: never;
    };
    "/admin/alerts/channels/{id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Send a test message, whether or not the channel is on. */
        post: operations["testAlertChannel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What admins did, newest first. One command a page; with a filter one for 500 entries looked at. */
        get: operations["listAudit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/audit/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Goes through the whole chain: whether an entry was changed, taken out or put in. */
        get: operations["checkAudit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/backup": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How large a backup may be here; larger ones go by `npx claude-relay`. No command. */
        get: operations["getBackup"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/backup/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Everything as one encrypted file. Commands: three a day with usage and some for each key with limits. */
        post: operations["exportBackup"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/backup/import": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Makes the records those of the file. May be run again. Needs the password, and a code if asked for. */
        post: operations["importBackup"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/backup/plan": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What an import would do. Reads the whole file and writes nothing. */
        post: operations["planBackup"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/groups": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Groups by name, with their accounts and how many keys are bound to each. */
        get: operations["listGroups"];
        put?: never;
        /** Make a group, with accounts in it if wanted. */
        post: operations["createGroup"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/groups/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One group, read afresh. */
        get: operations["getGroup"];
        put?: never;
        post?: never;
        /** Remove a group. While keys are bound to it: only with word of what they are bound to then. */
        delete: operations["deleteGroup"];
        options?: never;
        head?: never;
        /** Rename or describe a group, or say which accounts are in it. */
        patch: operations["updateGroup"];
        trace?: never;
    };
    "/admin/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** API keys, searched, filtered, sorted and paged here; may be up to five seconds old. */
        get: operations["listKeys"];
        put?: never;
        /** Make a key. Its secret is in this answer and nowhere else. */
        post: operations["createKey"];
        delete?: never;
        options?: never;
        head?: never;
        /** Change the same fields of many keys; only those fields are written. All of them or none. */
        patch: operations["updateKeys"];
        trace?: never;
    };
    "/admin/keys/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One key, read afresh. */
        get: operations["getKey"];
        put?: never;
        post?: never;
        /** Delete a key: it is refused from now on, and can be restored. */
        delete: operations["deleteKey"];
        options?: never;
        head?: never;
        /** Change some fields; only those are written. In force on every instance within five seconds. */
        patch: operations["updateKey"];
        trace?: never;
    };
    "/admin/keys/{id}/former-secret": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** End the replaced secret of a key now. On every instance within five seconds. */
        delete: operations["endFormerSecret"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/keys/{id}/hand-over": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make a link that shows a key's secret once within 24 hours. The relay keeps the secret sealed for so long. */
        post: operations["createHandover"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/keys/{id}/leak": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Take the notice off that the key may have leaked; it comes back if the key is used so again. */
        delete: operations["forgetKeyLeak"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/keys/{id}/purge": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Remove a deleted key for good. */
        post: operations["purgeKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/keys/{id}/restore": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take a deleted key back into use. */
        post: operations["restoreKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/keys/{id}/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Give a key a new secret, which is in this answer and nowhere else. Limits and usage stay with the key. */
        post: operations["rotateKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/keys/bulk": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make many keys that differ by their number. Their secrets are in this answer and nowhere else. */
        post: operations["createKeys"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/keys/delete": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Delete many keys; they can be restored. */
        post: operations["deleteKeys"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/keys/hand-over": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Open a link that hands over a key: once. Needs no session, since the token is the proof. */
        post: operations["openHandover"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/keys/tags": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All tags in use, with the number of keys that have them. */
        get: operations["listKeyTags"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/logs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The last 2,000 lines of this process's log. From memory: no command. */
        get: operations["listLogs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/maintenance": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The maintenance jobs, what their last runs did, or why they failed. One command. */
        get: operations["getMaintenance"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/maintenance/{job}/run": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Run a job now. What fails is answered, too: it is the run's outcome. */
        post: operations["runMaintenance"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/oauth/finish": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Finish with the pasted code or callback URL: makes the account, or gives it its new credential. */
        post: operations["finishAccountSignIn"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/oauth/start": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Begin to connect an account by sign-in: answers the link to open. 15 minutes (RFC 7636, S256). */
        post: operations["startAccountSignIn"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** This document, made from the schemas that parse the requests. */
        get: operations["getOpenApi"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/prices": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What models cost now: the operator's own prices first, then the table's. */
        get: operations["listPrices"];
        /** Set a price for a model and its spellings. It holds for calls from now on; what was counted stays. */
        put: operations["setPrice"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/prices/reset": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take an own price away: the table's holds again, if it has one. */
        post: operations["resetPrice"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/prices/unpriced": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Models of the last 30 days that have no price: their calls count no cost. At most two commands and the tail's. */
        get: operations["listUnpricedModels"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who is signed in, until when, and the CSRF token of a session by cookie. */
        get: operations["getSession"];
        put?: never;
        /** Sign in: sets a session cookie, or answers a bearer token for scripts. */
        post: operations["signIn"];
        /** Sign out: the session ends on every instance within five seconds, here at once. */
        delete: operations["signOut"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/session/list": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Sessions in force, the newest first. */
        get: operations["listSessions"];
        put?: never;
        post?: never;
        /** End every session but the one that asks; on every instance within five seconds. */
        delete: operations["revokeOtherSessions"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/session/list/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** End one session; on every instance within five seconds. */
        delete: operations["revokeSession"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/session/passkey": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What a passkey is to sign for signing in, within five minutes and once. */
        get: operations["startPasskeySignIn"];
        put?: never;
        /** Sign in by a passkey, without password and code: sets a session cookie. */
        post: operations["signInByPasskey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/session/passkeys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The passkeys that sign in, the oldest first. */
        get: operations["listPasskeys"];
        put?: never;
        /** Take a passkey into force that was made from what startPasskey answered. */
        post: operations["addPasskey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/session/passkeys/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Take a passkey out of force. Sessions that it opened stay. */
        delete: operations["removePasskey"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/session/passkeys/start": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What a new passkey is made from, within five minutes and once. Needs the password, and a code if asked for. */
        post: operations["startPasskey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/session/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Change the password. Every session ends; the caller gets a new one of its kind. */
        put: operations["changePassword"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/session/second-factor": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether sign-in asks for a code, and how many recovery codes are left. */
        get: operations["getSecondFactor"];
        /** Take the secret into force by a code of the app. Tells the recovery codes, this once. */
        put: operations["confirmSecondFactor"];
        /** A new secret for an authenticator app, in force once it is confirmed. Needs the password. */
        post: operations["startSecondFactor"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/session/second-factor/off": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ask for no code at sign-in any more. Needs the password and a code. */
        post: operations["stopSecondFactor"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/settings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What an operator may set without the environment; how long usage is kept is under /admin/usage/retention. */
        get: operations["getSettings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Change some settings; only those are written. */
        patch: operations["updateSettings"];
        trace?: never;
    };
    "/admin/usage/accounts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What each account served today, how full its windows are and when they will be empty. Seven commands at most. */
        get: operations["listUsageOfAccounts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/usage/accounts/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What one account served, by day and model, how full its windows are and when they will be empty. */
        get: operations["getUsageOfAccount"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/usage/accounts/{id}/failures": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tries at one account that failed, newest first, also those of calls that another account then answered. At most eleven commands, and three for names. */
        get: operations["listAccountFailures"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/usage/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Usage as CSV, safe to open in a spreadsheet. */
        get: operations["exportUsage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/usage/keys/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What one key used, by day, model and account, and where its limits stand. One command a day and a few. */
        get: operations["getUsageOfKey"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/usage/keys/{id}/drift": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Compare a key's meters with what its calls add up to. */
        get: operations["checkUsageDrift"];
        put?: never;
        /** Set a key's meters right by what its calls add up to. Refused while the key is in use. */
        post: operations["mendUsageDrift"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/usage/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The last minutes, by when calls ended; one command for a thousand calls, five at most. */
        get: operations["getUsageLive"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/usage/overview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The front page in one answer: at most 40 billed commands for 30 days, however many keys there are. */
        get: operations["getUsageOverview"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/usage/ranking": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Keys, owners, accounts, models or tags by what they used in a span of days, and in the one before. */
        get: operations["rankUsage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/usage/requests": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Recent calls, newest first, as far as the log goes back. At most eleven commands for a page, and three for names. */
        get: operations["listUsageRequests"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/usage/requests/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One call in full: accounts that were passed over and why, tries, times, tokens, cost by class, meters, byte rules. */
        get: operations["explainUsageRequest"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/usage/requests/sums": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What the calls of the log that a filter leaves add up to, part by part. At most eleven commands a part. */
        get: operations["sumUsageRequests"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/usage/retention": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How long usage is kept. */
        get: operations["getUsageRetention"];
        /** Set how long usage is kept; what is too old goes with the next rollup. */
        put: operations["putUsageRetention"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/usage/spans": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What a span of days used, and the one before it, of the same hours. One command a day of both, and a few. */
        get: operations["compareUsage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/usage/trend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Usage by the hour, day or month, in one series or one for each key, account, model or tag. */
        get: operations["getUsageTrend"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/admin/vendors": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Known vendors that speak the language of a kind of account, for filling in a new one. */
        get: operations["listVendors"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Account: {
            /** @description Asked-for model → model that is sent instead. A name that ends in `*` is a prefix. */
            aliases: {
                [key: string]: string;
            };
            baseUrl: string | null;
            /** @description Whether the relay renews the credential by itself. */
            canRefresh: boolean;
            /** @description When it was connected. Epoch milliseconds. */
            createdAt: number;
            credentialExpiresAt: number | null;
            /** @description The last four characters of the secret. */
            credentialHint: string | null;
            /** @enum {string} */
            credentialKind: "api-key" | "oauth" | "aws";
            /** @description Ids of the groups that it belongs to. */
            groups: string[];
            hasCredential: boolean;
            id: string;
            /** @description A dedicated account only serves keys that are bound to it. */
            isDedicated: boolean;
            /** @description A paused account takes no new calls. */
            isEnabled: boolean;
            /**
             * @description The place that the account is at.
             * @enum {string}
             */
            kind: "anthropic" | "claude" | "openai" | "chatgpt" | "azure-openai" | "gemini" | "code-assist" | "bedrock" | "vertex";
            /** @description Calls in flight at once; 0: no limit. */
            maxConcurrency: number;
            /** @description The only models it serves; empty: whatever its kind serves. A name that ends in `*` is a prefix. */
            models: string[];
            /** @description A name for people; need not be unique. */
            name: string;
            /** @description Lower is tried first; accounts of one priority share the work by weight. */
            priority: number;
            /** @description The proxy's URL without its password. */
            proxy: string | null;
            schedule: {
                /** @description An hour of the relay's time zone. */
                fromHour: number;
                /** @description An hour of the relay's time zone. */
                toHour: number;
            } | null;
            /** @description What keys' permissions and bindings call the service: claude, openai, gemini, azure. */
            service: string;
            /** @description What differs from the kind's own: for kinds with sign-in `authorizeUrl`, `tokenUrl`, `clientId`, `redirectUri`, `scopes`, `setupScopes`. */
            settings: {
                [key: string]: string;
            };
            state: components["schemas"]["AccountState"];
            /** @description Who signed in: the e-mail or organisation that the provider told. */
            subject: string | null;
            /** @description Share of the work among accounts of one priority. */
            weight: number;
        };
        AccountChange: {
            /** @description Asked-for model → model that is sent instead. A name that ends in `*` is a prefix. */
            aliases?: {
                [key: string]: string;
            };
            baseUrl?: string | null;
            credential?: components["schemas"]["CredentialInput"];
            /** @description Ids of the groups that it belongs to. */
            groups?: string[];
            /** @description A dedicated account only serves keys that are bound to it. */
            isDedicated?: boolean;
            /** @description A paused account takes no new calls. */
            isEnabled?: boolean;
            /** @description Calls in flight at once; 0: no limit. */
            maxConcurrency?: number;
            /** @description The only models it serves; empty: whatever its kind serves. A name that ends in `*` is a prefix. */
            models?: string[];
            /** @description A name for people; need not be unique. */
            name?: string;
            /** @description Lower is tried first; accounts of one priority share the work by weight. */
            priority?: number;
            proxy?: string | null;
            schedule?: {
                /** @description An hour of the relay's time zone. */
                fromHour: number;
                /** @description An hour of the relay's time zone. */
                toHour: number;
            } | null;
            /** @description What differs from the kind's own: for kinds with sign-in `authorizeUrl`, `tokenUrl`, `clientId`, `redirectUri`, `scopes`, `setupScopes`. */
            settings?: {
                [key: string]: string;
            };
            /** @description Share of the work among accounts of one priority. */
            weight?: number;
        };
        AccountDraft: {
            /** @description Asked-for model → model that is sent instead. A name that ends in `*` is a prefix. */
            aliases?: {
                [key: string]: string;
            };
            baseUrl?: string | null;
            credential?: components["schemas"]["CredentialInput"];
            /** @description Ids of the groups that it belongs to. */
            groups?: string[];
            /** @description A dedicated account only serves keys that are bound to it. */
            isDedicated?: boolean;
            /** @description A paused account takes no new calls. */
            isEnabled?: boolean;
            /**
             * @description The place that the account is at.
             * @enum {string}
             */
            kind: "anthropic" | "claude" | "openai" | "chatgpt" | "azure-openai" | "gemini" | "code-assist" | "bedrock" | "vertex";
            /** @description Calls in flight at once; 0: no limit. */
            maxConcurrency?: number;
            /** @description The only models it serves; empty: whatever its kind serves. A name that ends in `*` is a prefix. */
            models?: string[];
            /** @description A name for people; need not be unique. */
            name: string;
            /** @description Lower is tried first; accounts of one priority share the work by weight. */
            priority?: number;
            proxy?: string | null;
            schedule?: {
                /** @description An hour of the relay's time zone. */
                fromHour: number;
                /** @description An hour of the relay's time zone. */
                toHour: number;
            } | null;
            /** @description What differs from the kind's own: for kinds with sign-in `authorizeUrl`, `tokenUrl`, `clientId`, `redirectUri`, `scopes`, `setupScopes`. */
            settings?: {
                [key: string]: string;
            };
            /** @description Share of the work among accounts of one priority. */
            weight?: number;
        };
        AccountFailures: {
            items: {
                /** @description When the try began. Epoch milliseconds. */
                at: number;
                /** @description Whether another try answered the call after all. */
                isServed: boolean;
                key: {
                    id: string;
                    name: string;
                };
                logId: string;
                model: string | null;
                /** @description What it said. */
                reason: string;
                /** @description The provider's own id of the call. */
                requestId: string | null;
                /** @description What the provider answered, or the relay where it did not. */
                status: number;
                /** @description The provider's own code of the error. */
                type: string | null;
            }[];
            /** @description How many entries of the log were looked at for this page. */
            looked: number;
            lookedTo: number | null;
            /** @description To go on from; null: there are no older ones. */
            next: string | null;
            oldestAt: number | null;
        };
        AccountPage: {
            items: components["schemas"]["Account"][];
            page: number;
            /** @description How many pages there are; 0 if nothing matches. */
            pages: number;
            pageSize: number;
            /** @description How many records match, on all pages. */
            total: number;
        };
        AccountSignInFinish: {
            /** @description The callback URL, instead of `code`. */
            callbackUrl?: string;
            /** @description The code as it was pasted: `code`, `code#state`, or the whole callback URL. */
            code?: string;
            /** @description Ids of the groups that it belongs to. */
            groups?: string[];
            /** @description A dedicated account only serves keys that are bound to it. */
            isDedicated?: boolean;
            /** @description A paused account takes no new calls. */
            isEnabled?: boolean;
            /** @description Calls in flight at once; 0: no limit. */
            maxConcurrency?: number;
            /** @description The new account's name; by default who signed in. Of an account that signs in again, it changes nothing unless given. */
            name?: string;
            /** @description Lower is tried first. */
            priority?: number;
            state: string;
            /** @description Share of the work among accounts of one priority. */
            weight?: number;
        };
        AccountSignInLink: {
            /** @description Until when the code is taken. Epoch milliseconds. */
            expiresAt: number;
            /** @description To be sent with what was pasted. */
            state: string;
            /** @description To be opened in a browser; it ends with a code, or a callback URL, to be pasted. */
            url: string;
        };
        AccountSignInStart: {
            /** @description The account that signs in again; absent for a new one. */
            accountId?: string;
            /** @enum {string} */
            kind: "claude" | "chatgpt" | "code-assist";
            proxy?: string | null;
            /** @description What differs from the kind's own: for kinds with sign-in `authorizeUrl`, `tokenUrl`, `clientId`, `redirectUri`, `scopes`, `setupScopes`. */
            settings?: {
                [key: string]: string;
            };
            /**
             * @description `full` (the default): tokens that the relay renews. `setup`: a long-lived token for inference only.
             * @enum {string}
             */
            variant?: "full" | "setup";
        };
        AccountState: {
            /** @description All that rests now, the families too. */
            cooldowns: components["schemas"]["Cooldown"][];
            reason: string | null;
            /**
             * @description `cooling`: the whole account rests; one that only rests for a family of models is `serving`.
             * @enum {string}
             */
            status: "serving" | "cooling" | "stopped" | "paused" | "no-credential";
            untilAt: number | null;
        };
        AccountTest: {
            /** @description A model that must be in the list. */
            model?: string;
        };
        AccountTestReport: {
            isOk: boolean;
            /** @description Until the whole answer was there, in milliseconds. */
            latencyMs: number;
            /** @description What came of it, in words; the provider's own where it refused. */
            message: string;
            /** @description The models that the provider lists. */
            models: string[];
            /** @description The provider's HTTP status; null: it could not be reached. */
            status: number | null;
        };
        AlertChannel: {
            chatId: string;
            from: string;
            /** @description Which of its secrets are set; none is ever shown. */
            has: ("url" | "secret" | "token" | "password")[];
            host: string;
            id: string;
            isEnabled: boolean;
            /** @enum {string} */
            kind: "webhook" | "slack" | "discord" | "telegram" | "feishu" | "dingtalk" | "wecom" | "mail";
            name: string;
            /** @description The host that it posts to. */
            place: string;
            port: number;
            to: string[];
            username: string;
        };
        AlertChannelChange: {
            /** @description Telegram's chat: a number, or @channel. */
            chatId?: string;
            from?: string;
            /** @description The mail server. */
            host?: string;
            /** @description Whether it is told anything. */
            isEnabled?: boolean;
            /** @description A name for people; need not be unique. */
            name?: string;
            /** @description The mail account's. */
            password?: string;
            /** @description 465: TLS from the start; any other: STARTTLS. */
            port?: number;
            /** @description Signs: a webhook's (Standard Webhooks, whsec_… or any text), Feishu's or DingTalk's. */
            secret?: string;
            to?: string[];
            /** @description Telegram's bot token. */
            token?: string;
            /** @description Where to post. Never shown again but for its host. */
            url?: string;
            /** @description The mail account; empty: no sign-in. */
            username?: string;
        };
        AlertChannelDraft: {
            /** @description Telegram's chat: a number, or @channel. */
            chatId?: string;
            from?: string;
            /** @description The mail server. */
            host?: string;
            /** @description Whether it is told anything. */
            isEnabled?: boolean;
            /** @enum {string} */
            kind: "webhook" | "slack" | "discord" | "telegram" | "feishu" | "dingtalk" | "wecom" | "mail";
            /** @description A name for people; need not be unique. */
            name?: string;
            /** @description The mail account's. */
            password?: string;
            /** @description 465: TLS from the start; any other: STARTTLS. */
            port?: number;
            /** @description Signs: a webhook's (Standard Webhooks, whsec_… or any text), Feishu's or DingTalk's. */
            secret?: string;
            to?: string[];
            /** @description Telegram's bot token. */
            token?: string;
            /** @description Where to post. Never shown again but for its host. */
            url?: string;
            /** @description The mail account; empty: no sign-in. */
            username?: string;
        };
        AlertChannelTest: {
            error: string | null;
            isTaken: boolean;
        };
        Alerts: {
            active: {
                /** @description The rule and the record it is about. */
                id: string;
                /** @enum {string} */
                rule: "account-stopped" | "window-nearly-empty" | "budget-reached" | "error-rate" | "store-down" | "command-budget";
                /** @description Since when. Epoch milliseconds. */
                sinceAt: number;
                subject: string;
                text: string;
                title: string;
                toldAt: number | null;
            }[];
            channels: components["schemas"]["AlertChannel"][];
            /** @description What was told, newest first; the last hundred. */
            history: {
                /** @description When it was told. Epoch milliseconds. */
                at: number;
                failed: {
                    channel: string;
                    error: string;
                }[];
                /** @description The rule and the record it is about. */
                id: string;
                /** @enum {string} */
                rule: "account-stopped" | "window-nearly-empty" | "budget-reached" | "error-rate" | "store-down" | "command-budget";
                subject: string;
                text: string;
                title: string;
                /** @enum {string} */
                turn: "raised" | "reminder" | "cleared" | "test";
            }[];
            settings: components["schemas"]["AlertSettings"];
        };
        AlertSettings: {
            /** @description How much of a cost limit must be used. 0.01 to 1. */
            budgetShare: number;
            /** @description Commands a month that the store's plan has; 0: not watched. */
            commandsMonth: number;
            /** @description How much of them must be used. 0.01 to 1. */
            commandsShare: number;
            /** @description Fewer calls than this say nothing. */
            errorLeast: number;
            /** @description How many of the calls to accounts must have failed within the last hour or two. 0.01 to 1. */
            errorShare: number;
            /** @enum {string} */
            language: "en" | "zh";
            /** @description Rules that are off. */
            off: ("account-stopped" | "window-nearly-empty" | "budget-reached" | "error-rate" | "store-down" | "command-budget")[];
            /** @description Hours in which only what is critical is told: a stopped account, failing calls, the store. */
            quiet: {
                /** @description A local hour. */
                fromHour: number;
                /** @description A local hour. */
                toHour: number;
            } | null;
            /** @description After how many hours an alert that is still on is told again; 0: never. */
            reminderHours: number;
            /** @description How full a window must be. It is noted at 50, 75 and 90 %. 0.01 to 1. */
            windowShare: number;
        };
        AlertSettingsChange: {
            /** @description How much of a cost limit must be used. 0.01 to 1. */
            budgetShare?: number;
            /** @description Commands a month that the store's plan has; 0: not watched. */
            commandsMonth?: number;
            /** @description How much of them must be used. 0.01 to 1. */
            commandsShare?: number;
            /** @description Fewer calls than this say nothing. */
            errorLeast?: number;
            /** @description How many of the calls to accounts must have failed within the last hour or two. 0.01 to 1. */
            errorShare?: number;
            /** @enum {string} */
            language?: "en" | "zh";
            /** @description Rules that are off. */
            off?: ("account-stopped" | "window-nearly-empty" | "budget-reached" | "error-rate" | "store-down" | "command-budget")[];
            /** @description Hours in which only what is critical is told: a stopped account, failing calls, the store. */
            quiet?: {
                /** @description A local hour. */
                fromHour: number;
                /** @description A local hour. */
                toHour: number;
            } | null;
            /** @description After how many hours an alert that is still on is told again; 0: never. */
            reminderHours?: number;
            /** @description How full a window must be. It is noted at 50, 75 and 90 %. 0.01 to 1. */
            windowShare?: number;
        };
        ApiKey: {
            activeHours: number | null;
            /** @description Asked-for model → model that is sent instead. A name that ends in `*` is a prefix. */
            aliases: {
                [key: string]: string;
            };
            /** @description The only models it may use; empty: every model. A name that ends in `*` is a prefix. */
            allowedModels: string[];
            /** @description Service → the account that serves the key, or `group:<id>`. */
            bindings: {
                [key: string]: string;
            };
            /** @description Models it may not use. A name that ends in `*` is a prefix. */
            blockedModels: string[];
            /** @description Programs that may use the key; empty: any. */
            clients: ("claude-code" | "codex" | "gemini-cli")[];
            /** @description Calls in flight at once; 0: no limit. */
            concurrency: number;
            /** @description When it was made. Epoch milliseconds. */
            createdAt: number;
            /** @description Cost in a day of the relay's time zone. US dollars, up to 9 decimals; 0: no limit. */
            dailyCostUsd: number;
            deletedAt: number | null;
            /** @description What the key is for. */
            description: string;
            endsAt: number | null;
            expiresAt: number | null;
            firstUsedAt: number | null;
            formerSecretUntil: number | null;
            id: string;
            /** @description Addresses and CIDR ranges (v4, v6) that may call; empty: from anywhere. */
            ips: string[];
            /** @description A key that is not enabled is refused with 403. */
            isEnabled: boolean;
            /** @description The key was used from so many networks within an hour that it may have leaked; null: it was not. */
            leak: {
                /** @description When it was noticed. Epoch milliseconds. */
                at: number;
                /** @description Networks (IPv4 addresses, IPv6 /64s) in that hour: 10, 20, or 40 and more. */
                networks: number;
            } | null;
            /** @description Whether shared accounts may stand in for a bound one that rests. */
            mayFallBack: boolean;
            /** @description A name for people; need not be unique. */
            name: string;
            /** @description The person the key belongs to. */
            owner: string;
            /** @description Services that the key may use; empty: all. */
            permissions: ("claude" | "openai" | "gemini" | "azure")[];
            /** @description The first characters of the secret, for display. */
            prefix: string;
            /** @description Calls that may wait for a free place; 0: none waits. */
            queueLength: number;
            /** @description How long a call may wait for a free place, in seconds. */
            queueWaitSeconds: number;
            /** @enum {string} */
            state: "active" | "disabled" | "expired" | "deleted";
            /** @description For filtering. */
            tags: string[];
            /** @description Cost in the key's whole life. US dollars, up to 9 decimals; 0: no limit. */
            totalCostUsd: number;
            /** @description Tokens of all kinds in the key's whole life; 0: no limit. */
            totalTokens: number;
            /** @description Only in lists that were asked for it. */
            usage?: {
                /** @description Cost of all its calls. */
                allCostUsd: number;
                lastUsedAt: number | null;
                /** @description Cost since the day began. */
                todayCostUsd: number;
            };
            /** @description Cost in a week. US dollars, up to 9 decimals; 0: no limit. */
            weeklyCostUsd: number;
            /** @description Cost in a week by model family, such as `opus`. US dollars. */
            weeklyFamilyCostUsd: {
                [key: string]: number;
            };
            /** @description The day on which a week begins: 1 Monday … 7 Sunday. */
            weeklyResetDay: number;
            /** @description The hour at which a week begins, in the relay's time zone. */
            weeklyResetHour: number;
            /** @description Cost in a window. US dollars, up to 9 decimals; 0: no limit. */
            windowCostUsd: number;
            /** @description Length of the window that the three window limits count over, in minutes. */
            windowMinutes: number;
            /** @description Requests in a window; 0: no limit. */
            windowRequests: number;
            /** @description Tokens of all kinds in a window; 0: no limit. */
            windowTokens: number;
        };
        ApiKeyBulkChange: {
            change: components["schemas"]["ApiKeyChange"];
            /** @description Instead of ids: all keys that the list shows with this filter, at most 10,000. */
            filter?: components["schemas"]["ApiKeyFilter"];
            /** @description Ids of keys. */
            ids?: string[];
        };
        ApiKeyBulkDraft: {
            activeHours?: number | null;
            /** @description Asked-for model → model that is sent instead. A name that ends in `*` is a prefix. */
            aliases?: {
                [key: string]: string;
            };
            /** @description The only models it may use; empty: every model. A name that ends in `*` is a prefix. */
            allowedModels?: string[];
            /** @description Service → the account that serves the key, or `group:<id>`. */
            bindings?: {
                [key: string]: string;
            };
            /** @description Models it may not use. A name that ends in `*` is a prefix. */
            blockedModels?: string[];
            /** @description Programs that may use the key; empty: any. */
            clients?: ("claude-code" | "codex" | "gemini-cli")[];
            /** @description Calls in flight at once; 0: no limit. */
            concurrency?: number;
            /** @description How many keys to make. */
            count: number;
            /** @description Cost in a day of the relay's time zone. US dollars, up to 9 decimals; 0: no limit. */
            dailyCostUsd?: number;
            /** @description What the key is for. */
            description?: string;
            expiresAt?: number | null;
            /** @description Addresses and CIDR ranges (v4, v6) that may call; empty: from anywhere. */
            ips?: string[];
            /** @description A key that is not enabled is refused with 403. */
            isEnabled?: boolean;
            /** @description Whether shared accounts may stand in for a bound one that rests. */
            mayFallBack?: boolean;
            /** @description The keys are named `<name> 1`, `<name> 2` … */
            name: string;
            /** @description The person the key belongs to. */
            owner?: string;
            /** @description Services that the key may use; empty: all. */
            permissions?: ("claude" | "openai" | "gemini" | "azure")[];
            /** @description Calls that may wait for a free place; 0: none waits. */
            queueLength?: number;
            /** @description How long a call may wait for a free place, in seconds. */
            queueWaitSeconds?: number;
            /** @description For filtering. */
            tags?: string[];
            /** @description Cost in the key's whole life. US dollars, up to 9 decimals; 0: no limit. */
            totalCostUsd?: number;
            /** @description Tokens of all kinds in the key's whole life; 0: no limit. */
            totalTokens?: number;
            /** @description Cost in a week. US dollars, up to 9 decimals; 0: no limit. */
            weeklyCostUsd?: number;
            /** @description Cost in a week by model family, such as `opus`. US dollars. */
            weeklyFamilyCostUsd?: {
                [key: string]: number;
            };
            /** @description The day on which a week begins: 1 Monday … 7 Sunday. */
            weeklyResetDay?: number;
            /** @description The hour at which a week begins, in the relay's time zone. */
            weeklyResetHour?: number;
            /** @description Cost in a window. US dollars, up to 9 decimals; 0: no limit. */
            windowCostUsd?: number;
            /** @description Length of the window that the three window limits count over, in minutes. */
            windowMinutes?: number;
            /** @description Requests in a window; 0: no limit. */
            windowRequests?: number;
            /** @description Tokens of all kinds in a window; 0: no limit. */
            windowTokens?: number;
        };
        ApiKeyChange: {
            activeHours?: number | null;
            /** @description Asked-for model → model that is sent instead. A name that ends in `*` is a prefix. */
            aliases?: {
                [key: string]: string;
            };
            /** @description The only models it may use; empty: every model. A name that ends in `*` is a prefix. */
            allowedModels?: string[];
            /** @description Service → the account that serves the key, or `group:<id>`. */
            bindings?: {
                [key: string]: string;
            };
            /** @description Models it may not use. A name that ends in `*` is a prefix. */
            blockedModels?: string[];
            /** @description Programs that may use the key; empty: any. */
            clients?: ("claude-code" | "codex" | "gemini-cli")[];
            /** @description Calls in flight at once; 0: no limit. */
            concurrency?: number;
            /** @description Cost in a day of the relay's time zone. US dollars, up to 9 decimals; 0: no limit. */
            dailyCostUsd?: number;
            /** @description What the key is for. */
            description?: string;
            expiresAt?: number | null;
            /** @description Addresses and CIDR ranges (v4, v6) that may call; empty: from anywhere. */
            ips?: string[];
            /** @description A key that is not enabled is refused with 403. */
            isEnabled?: boolean;
            /** @description Whether shared accounts may stand in for a bound one that rests. */
            mayFallBack?: boolean;
            /** @description A name for people; need not be unique. */
            name?: string;
            /** @description The person the key belongs to. */
            owner?: string;
            /** @description Services that the key may use; empty: all. */
            permissions?: ("claude" | "openai" | "gemini" | "azure")[];
            /** @description Calls that may wait for a free place; 0: none waits. */
            queueLength?: number;
            /** @description How long a call may wait for a free place, in seconds. */
            queueWaitSeconds?: number;
            /** @description For filtering. */
            tags?: string[];
            /** @description Cost in the key's whole life. US dollars, up to 9 decimals; 0: no limit. */
            totalCostUsd?: number;
            /** @description Tokens of all kinds in the key's whole life; 0: no limit. */
            totalTokens?: number;
            /** @description Cost in a week. US dollars, up to 9 decimals; 0: no limit. */
            weeklyCostUsd?: number;
            /** @description Cost in a week by model family, such as `opus`. US dollars. */
            weeklyFamilyCostUsd?: {
                [key: string]: number;
            };
            /** @description The day on which a week begins: 1 Monday … 7 Sunday. */
            weeklyResetDay?: number;
            /** @description The hour at which a week begins, in the relay's time zone. */
            weeklyResetHour?: number;
            /** @description Cost in a window. US dollars, up to 9 decimals; 0: no limit. */
            windowCostUsd?: number;
            /** @description Length of the window that the three window limits count over, in minutes. */
            windowMinutes?: number;
            /** @description Requests in a window; 0: no limit. */
            windowRequests?: number;
            /** @description Tokens of all kinds in a window; 0: no limit. */
            windowTokens?: number;
        };
        ApiKeyDraft: {
            activeHours?: number | null;
            /** @description Asked-for model → model that is sent instead. A name that ends in `*` is a prefix. */
            aliases?: {
                [key: string]: string;
            };
            /** @description The only models it may use; empty: every model. A name that ends in `*` is a prefix. */
            allowedModels?: string[];
            /** @description Service → the account that serves the key, or `group:<id>`. */
            bindings?: {
                [key: string]: string;
            };
            /** @description Models it may not use. A name that ends in `*` is a prefix. */
            blockedModels?: string[];
            /** @description Programs that may use the key; empty: any. */
            clients?: ("claude-code" | "codex" | "gemini-cli")[];
            /** @description Calls in flight at once; 0: no limit. */
            concurrency?: number;
            /** @description Cost in a day of the relay's time zone. US dollars, up to 9 decimals; 0: no limit. */
            dailyCostUsd?: number;
            /** @description What the key is for. */
            description?: string;
            expiresAt?: number | null;
            /** @description Addresses and CIDR ranges (v4, v6) that may call; empty: from anywhere. */
            ips?: string[];
            /** @description A key that is not enabled is refused with 403. */
            isEnabled?: boolean;
            /** @description Whether shared accounts may stand in for a bound one that rests. */
            mayFallBack?: boolean;
            /** @description A name for people; need not be unique. */
            name: string;
            /** @description The person the key belongs to. */
            owner?: string;
            /** @description Services that the key may use; empty: all. */
            permissions?: ("claude" | "openai" | "gemini" | "azure")[];
            /** @description Calls that may wait for a free place; 0: none waits. */
            queueLength?: number;
            /** @description How long a call may wait for a free place, in seconds. */
            queueWaitSeconds?: number;
            /** @description For filtering. */
            tags?: string[];
            /** @description Cost in the key's whole life. US dollars, up to 9 decimals; 0: no limit. */
            totalCostUsd?: number;
            /** @description Tokens of all kinds in the key's whole life; 0: no limit. */
            totalTokens?: number;
            /** @description Cost in a week. US dollars, up to 9 decimals; 0: no limit. */
            weeklyCostUsd?: number;
            /** @description Cost in a week by model family, such as `opus`. US dollars. */
            weeklyFamilyCostUsd?: {
                [key: string]: number;
            };
            /** @description The day on which a week begins: 1 Monday … 7 Sunday. */
            weeklyResetDay?: number;
            /** @description The hour at which a week begins, in the relay's time zone. */
            weeklyResetHour?: number;
            /** @description Cost in a window. US dollars, up to 9 decimals; 0: no limit. */
            windowCostUsd?: number;
            /** @description Length of the window that the three window limits count over, in minutes. */
            windowMinutes?: number;
            /** @description Requests in a window; 0: no limit. */
            windowRequests?: number;
            /** @description Tokens of all kinds in a window; 0: no limit. */
            windowTokens?: number;
        };
        ApiKeyFilter: {
            /** @description Only keys that are bound to this account's id, or `group:<id>`. */
            boundTo?: string;
            /** @description Only keys whose calls cost at most so much in all. US dollars. */
            maxCostUsd?: number;
            /** @description Only keys whose calls cost at least so much in all. US dollars. */
            minCostUsd?: number;
            /** @description Only this owner's keys. */
            owner?: string;
            /** @description Part of the name, description, owner, tag, prefix or id. */
            search?: string;
            /**
             * @description By default all but the deleted ones.
             * @enum {string}
             */
            state?: "active" | "disabled" | "expired" | "deleted" | "all";
            /** @description Only keys with this tag. */
            tag?: string;
            /** @description Only keys this old whose latest call is as long ago, or never was. */
            unusedDays?: number;
        };
        ApiKeyHandover: {
            id: string;
            name: string;
            secret: string;
        };
        ApiKeyHandoverDraft: {
            /** @description The secret to hand over. */
            secret: string;
        };
        ApiKeyHandoverLink: {
            expiresAt: number;
            /** @description Proves the link: `/web/key#hand-over=<token>`. */
            token: string;
        };
        ApiKeyHandoverToken: {
            /** @description Proves the link: `/web/key#hand-over=<token>`. */
            token: string;
        };
        ApiKeyIds: {
            /** @description Instead of ids: all keys that the list shows with this filter, at most 10,000. */
            filter?: components["schemas"]["ApiKeyFilter"];
            /** @description Ids of keys. */
            ids?: string[];
        };
        ApiKeyPage: {
            items: components["schemas"]["ApiKey"][];
            page: number;
            /** @description How many pages there are; 0 if nothing matches. */
            pages: number;
            pageSize: number;
            /** @description How many records match, on all pages. */
            total: number;
        };
        ApiKeyRotation: {
            /** @description How long the present secret stays valid beside the new one; 0: it ends at once. */
            graceHours: number;
        };
        ApiKeys: {
            items: components["schemas"]["ApiKey"][];
            total: number;
        };
        ApiKeysWithSecrets: {
            items: components["schemas"]["ApiKeyWithSecret"][];
            total: number;
        };
        ApiKeyTags: {
            items: {
                /** @description Keys that have it. */
                keys: number;
                tag: string;
            }[];
            total: number;
        };
        ApiKeyWithSecret: {
            activeHours: number | null;
            /** @description Asked-for model → model that is sent instead. A name that ends in `*` is a prefix. */
            aliases: {
                [key: string]: string;
            };
            /** @description The only models it may use; empty: every model. A name that ends in `*` is a prefix. */
            allowedModels: string[];
            /** @description Service → the account that serves the key, or `group:<id>`. */
            bindings: {
                [key: string]: string;
            };
            /** @description Models it may not use. A name that ends in `*` is a prefix. */
            blockedModels: string[];
            /** @description Programs that may use the key; empty: any. */
            clients: ("claude-code" | "codex" | "gemini-cli")[];
            /** @description Calls in flight at once; 0: no limit. */
            concurrency: number;
            /** @description When it was made. Epoch milliseconds. */
            createdAt: number;
            /** @description Cost in a day of the relay's time zone. US dollars, up to 9 decimals; 0: no limit. */
            dailyCostUsd: number;
            deletedAt: number | null;
            /** @description What the key is for. */
            description: string;
            endsAt: number | null;
            expiresAt: number | null;
            firstUsedAt: number | null;
            formerSecretUntil: number | null;
            id: string;
            /** @description Addresses and CIDR ranges (v4, v6) that may call; empty: from anywhere. */
            ips: string[];
            /** @description A key that is not enabled is refused with 403. */
            isEnabled: boolean;
            /** @description The key was used from so many networks within an hour that it may have leaked; null: it was not. */
            leak: {
                /** @description When it was noticed. Epoch milliseconds. */
                at: number;
                /** @description Networks (IPv4 addresses, IPv6 /64s) in that hour: 10, 20, or 40 and more. */
                networks: number;
            } | null;
            /** @description Whether shared accounts may stand in for a bound one that rests. */
            mayFallBack: boolean;
            /** @description A name for people; need not be unique. */
            name: string;
            /** @description The person the key belongs to. */
            owner: string;
            /** @description Services that the key may use; empty: all. */
            permissions: ("claude" | "openai" | "gemini" | "azure")[];
            /** @description The first characters of the secret, for display. */
            prefix: string;
            /** @description Calls that may wait for a free place; 0: none waits. */
            queueLength: number;
            /** @description How long a call may wait for a free place, in seconds. */
            queueWaitSeconds: number;
            /** @description What a client shows. Told this once and kept nowhere. */
            secret: string;
            /** @enum {string} */
            state: "active" | "disabled" | "expired" | "deleted";
            /** @description For filtering. */
            tags: string[];
            /** @description Cost in the key's whole life. US dollars, up to 9 decimals; 0: no limit. */
            totalCostUsd: number;
            /** @description Tokens of all kinds in the key's whole life; 0: no limit. */
            totalTokens: number;
            /** @description Cost in a week. US dollars, up to 9 decimals; 0: no limit. */
            weeklyCostUsd: number;
            /** @description Cost in a week by model family, such as `opus`. US dollars. */
            weeklyFamilyCostUsd: {
                [key: string]: number;
            };
            /** @description The day on which a week begins: 1 Monday … 7 Sunday. */
            weeklyResetDay: number;
            /** @description The hour at which a week begins, in the relay's time zone. */
            weeklyResetHour: number;
            /** @description Cost in a window. US dollars, up to 9 decimals; 0: no limit. */
            windowCostUsd: number;
            /** @description Length of the window that the three window limits count over, in minutes. */
            windowMinutes: number;
            /** @description Requests in a window; 0: no limit. */
            windowRequests: number;
            /** @description Tokens of all kinds in a window; 0: no limit. */
            windowTokens: number;
        };
        Attention: {
            items: {
                /** @description Why an account or job stopped, the window's name, or the limit: daily, weekly or total. */
                detail: string | null;
                /** @description The account's or key's id, the model or the job. */
                id: string;
                /** @enum {string} */
                kind: "account-stopped" | "no-credential" | "window" | "limit" | "unpriced" | "job" | "leak";
                name: string;
                resetAt: number | null;
                share: number | null;
            }[];
        };
        AuditCheck: {
            entries: number;
            /** @description The number of the oldest entry that is kept. */
            from: number;
            isWhole: boolean;
            problems: {
                number: number;
                /** @enum {string} */
                problem: "missing" | "doubled" | "changed" | "unchained" | "unreadable" | "head";
            }[];
            /** @description The number of the last entry that was written. */
            to: number;
        };
        AuditPage: {
            items: components["schemas"]["AuditRow"][];
            next: string | null;
        };
        AuditRow: {
            /** @description Only what differs, without secrets. */
            after?: {
                [key: string]: unknown;
            };
            /** @description When. Epoch milliseconds. */
            at: number;
            /** @description Only what differs, without secrets. */
            before?: {
                [key: string]: unknown;
            };
            failure?: string;
            /** @description SHA-256 of the entry as JSON without this field, in hexadecimal. */
            hash: string;
            /** @description The entry's place in the log. */
            id: string;
            ip: string;
            /** @description Counts from 1 without gaps. */
            number: number;
            operation: string;
            /** @description `hash` of the entry before; empty for the first. */
            previous: string;
            request: string;
            status: number;
            /** @description The ids of the records it was done to, with spaces between; may be empty. */
            target: string;
            who: string;
        };
        BackupFile: {
            /** @description When. Epoch milliseconds. */
            createdAt: number;
            /** @description Base64. */
            file: string;
            name: string;
        };
        BackupImport: {
            /** @description Six digits of the authenticator app, or a recovery code. */
            code?: string;
            /** @description Base64. */
            file: string;
            /** @description What the file is encrypted with. */
            passphrase: string;
            /** @description The operator's, asked again. */
            password: string;
        };
        BackupInfo: {
            /** @description The largest file that goes through the console. */
            mostBytes: number;
        };
        BackupInput: {
            /** @description Base64. */
            file: string;
            /** @description What the file is encrypted with. */
            passphrase: string;
        };
        BackupPlan: {
            kinds: {
                different: number;
                /** @enum {string} */
                kind: "accounts" | "groups" | "prices" | "settings" | "keys" | "admin" | "meters" | "usage" | "events" | "audit";
                new: number;
                same: number;
            }[];
            /** @description What is not as one might think, in English. */
            notes: string[];
            sanitised: boolean;
        };
        BackupWish: {
            /** @description Six digits of the authenticator app, or a recovery code. */
            code?: string;
            /** @description What the file is encrypted with. */
            passphrase: string;
            /** @description The operator's, asked again unless the file is sanitised. */
            password?: string;
            /** @description Without credentials and other secrets. */
            sanitised: boolean;
        };
        Cooldown: {
            reason: string;
            /** @description `account`, or `family:<name>` for one family of its models. */
            scope: string;
            /** @description When the rest began. Epoch milliseconds. */
            sinceAt: number;
            /** @description When it ends. Epoch milliseconds. */
            untilAt: number;
        };
        CredentialInput: {
            /** @constant */
            kind: "api-key";
            /** @description The API key; for kind vertex the JSON of a service account's key. */
            secret: string;
            /**
             * @description How it is shown to the provider; by default as the provider's own API wants it.
             * @enum {string}
             */
            shownAs?: "x-api-key" | "bearer" | "api-key";
        } | {
            /** @description The access token, or a setup-token. */
            accessToken: string;
            /** @description When the access token ends. Epoch milliseconds. */
            expiresAt?: number;
            /** @constant */
            kind: "oauth";
            /** @description Absent for a setup-token, which cannot be renewed. */
            refreshToken?: string;
            /** @description Separated by spaces. */
            scopes?: string;
        } | {
            /** @description The access key's id. */
            accessKeyId?: string;
            /** @description A Bedrock API key, instead of an access key. */
            bearerToken?: string;
            /** @constant */
            kind: "aws";
            /** @description The secret access key. */
            secretAccessKey?: string;
            /** @description Only for temporary credentials. */
            sessionToken?: string;
        };
        CsvFile: {
            /** @description With `accept: text/csv` this is the whole answer. */
            csv: string;
            /** @description A name for the file. */
            name: string;
        };
        Group: {
            /** @description Ids of the accounts in it: the whole list. */
            accounts: string[];
            /** @description What the group is for. */
            description: string;
            id: string;
            /** @description The names of the first few of them. */
            keyNames: string[];
            /** @description API keys that are bound to it, deleted ones not counted. */
            keys: number;
            /** @description A name for people; need not be unique. */
            name: string;
        };
        GroupChange: {
            /** @description Ids of the accounts in it: the whole list. */
            accounts?: string[];
            /** @description What the group is for. */
            description?: string;
            /** @description A name for people; need not be unique. */
            name?: string;
        };
        GroupDraft: {
            /** @description Ids of the accounts in it: the whole list. */
            accounts?: string[];
            /** @description What the group is for. */
            description?: string;
            /** @description A name for people; need not be unique. */
            name: string;
        };
        Groups: {
            items: components["schemas"]["Group"][];
            total: number;
        };
        JobRun: {
            /** @description Why it failed. */
            failure: {
                code: string;
                message: string;
            } | null;
            /** @enum {string} */
            job: "refresh" | "cleanup" | "rollup";
            /** @description How long it took. */
            ms: number;
            /**
             * @description idle: there was nothing to do; busy: another instance was at it.
             * @enum {string}
             */
            outcome: "done" | "idle" | "busy" | "failed";
            /** @description What it did, as the job tells it. */
            report: {
                [key: string]: unknown;
            } | null;
            /** @description When it began. Epoch milliseconds. */
            startedAt: number;
        };
        LogEntry: {
            /** @description When. Epoch milliseconds. */
            at: number;
            event: string;
            fields: {
                [key: string]: unknown;
            };
            /** @enum {string} */
            level: "error" | "warn" | "info" | "debug";
            /** @description Counts from 1 since the process began. */
            number: number;
        };
        LogPage: {
            /** @description False on Lambda, where each function has processes of its own: CloudWatch has their logs. */
            isKept: boolean;
            /** @description Oldest first; the newest that match. */
            items: components["schemas"]["LogEntry"][];
            /** @description The number of the newest line there is. */
            last: number;
            /**
             * @description What LOG_LEVEL lets be written.
             * @enum {string}
             */
            level: "error" | "warn" | "info" | "debug";
            /** @description When the process began. Epoch milliseconds. */
            startedAt: number;
        };
        Maintenance: {
            /**
             * @description Who begins the runs: the process itself, or QStash by its schedules.
             * @enum {string}
             */
            by: "timer" | "qstash";
            jobs: {
                intervalMinutes: number;
                /** @enum {string} */
                name: "refresh" | "cleanup" | "rollup";
                nextAt: number | null;
                /** @description Newest first: all of this process's, of others the last that did something or failed. */
                runs: components["schemas"]["JobRun"][];
            }[];
        };
        ModelPrice: {
            /** @description US dollars for a million tokens, up to 6 decimals; null: as input. */
            cacheReadUsd: number | null;
            /** @description US dollars for a million tokens, up to 6 decimals; null: as input. */
            cacheWrite1hUsd: number | null;
            /** @description US dollars for a million tokens, up to 6 decimals; null: as input. */
            cacheWrite5mUsd: number | null;
            /** @description US dollars for a million tokens. */
            inputUsd: number;
            /** @description Set by the operator, in place of the table's. */
            isOwn: boolean;
            /** @description Of an own price: what the table has instead. */
            listed: {
                /** @description US dollars for a million tokens, up to 6 decimals; null: as input. */
                cacheReadUsd: number | null;
                /** @description US dollars for a million tokens, up to 6 decimals; null: as input. */
                cacheWrite1hUsd: number | null;
                /** @description US dollars for a million tokens, up to 6 decimals; null: as input. */
                cacheWrite5mUsd: number | null;
                /** @description US dollars for a million tokens. */
                inputUsd: number;
                /** @description US dollars for a million tokens. */
                outputUsd: number;
            } | null;
            /** @description Rates of the whole call when its input is longer. */
            longContext: {
                aboveTokens: number;
                /** @description US dollars for a million tokens, up to 6 decimals; null: as input. */
                cacheReadUsd: number | null;
                /** @description US dollars for a million tokens, up to 6 decimals; null: as input. */
                cacheWrite1hUsd: number | null;
                /** @description US dollars for a million tokens, up to 6 decimals; null: as input. */
                cacheWrite5mUsd: number | null;
                /** @description US dollars for a million tokens. */
                inputUsd: number;
                /** @description US dollars for a million tokens. */
                outputUsd: number;
            }[];
            model: string;
            /** @description Other names of the same price. */
            names: string[];
            /** @description US dollars for a million tokens. */
            outputUsd: number;
            /** @description Multipliers of the token rates by tier. */
            serviceTiers: {
                [key: string]: number;
            };
            /** @description US dollars for a thousand searches. */
            webSearchUsd: number | null;
        };
        ModelPriceDraft: {
            cacheReadUsd?: number | null;
            cacheWrite1hUsd?: number | null;
            cacheWrite5mUsd?: number | null;
            /** @description US dollars for a million tokens, up to 6 decimals. */
            inputUsd: number;
            /** @description A model, as clients ask for it. */
            model: string;
            /** @description US dollars for a million tokens, up to 6 decimals. */
            outputUsd: number;
            webSearchUsd?: number | null;
        };
        ModelPrices: {
            items: components["schemas"]["ModelPrice"][];
            /** @description The day on which the table was made. */
            madeOn: string;
            /** @description How many own prices there are. */
            own: number;
            page: number;
            /** @description How many pages there are; 0 if nothing matches. */
            pages: number;
            pageSize: number;
            /** @description What the table was made of. */
            source: string;
            /** @description How many records match, on all pages. */
            total: number;
        };
        OpenApiDocument: {
            [key: string]: unknown;
        };
        Passkey: {
            /** @description When it was made. Epoch milliseconds. */
            createdAt: number;
            /** @description The host that it signs in to. */
            host: string;
            id: string;
            /** @description Whether its maker keeps a copy, so that a lost device does not lose it. */
            isBackedUp: boolean;
            /** @description A name for people; need not be unique. */
            name: string;
            usedAt: number | null;
        };
        PasskeyDraft: {
            /** @description `RegistrationResponseJSON` of WebAuthn; fields beside these are not looked at. */
            credential: {
                id: string;
                rawId: string;
                response: {
                    attestationObject: string;
                    clientDataJSON: string;
                    transports?: string[];
                };
                /** @constant */
                type: "public-key";
            };
            /** @description A name for people; need not be unique. */
            name: string;
        };
        PasskeyList: {
            items: components["schemas"]["Passkey"][];
        };
        PasskeyOptions: {
            challenge: string;
        } & {
            [key: string]: unknown;
        };
        PasskeySignIn: {
            /** @description `AuthenticationResponseJSON` of WebAuthn; fields beside these are not looked at. */
            credential: {
                id: string;
                rawId: string;
                response: {
                    authenticatorData: string;
                    clientDataJSON: string;
                    signature: string;
                };
                /** @constant */
                type: "public-key";
            };
        };
        PasskeyStart: {
            /** @description Six digits of the authenticator app, or a recovery code. */
            code?: string;
            password: string;
        };
        PasswordChange: {
            currentPassword: string;
            newPassword: string;
        };
        PricedModel: {
            /** @description A model with an own price. */
            model: string;
        };
        Refusal: {
            error: {
                /** @enum {string} */
                code: "key.missing" | "key.unknown" | "key.disabled" | "key.expired" | "model.forbidden" | "client.forbidden" | "ip.forbidden" | "permission.forbidden" | "request.malformed" | "request.too-large" | "request.timeout" | "request.unsupported" | "request.refused" | "route.unknown" | "method.unknown" | "record.unknown" | "record.conflict" | "session.missing" | "session.csrf" | "login.wrong" | "login.throttled" | "login.insecure" | "login.code-missing" | "login.code-wrong" | "login.passkey-wrong" | "signature.wrong" | "model.unknown" | "limit.requests" | "limit.tokens" | "limit.cost" | "limit.concurrency" | "client.gone" | "account.none" | "account.cooling" | "credential.rejected" | "upstream.unreachable" | "upstream.timeout" | "upstream.broken" | "upstream.refused" | "process.busy" | "store.unavailable" | "platform.draining" | "internal";
                /** @description The field that the refusal is about, as the body names it. */
                field?: string;
                message: string;
            };
        };
        SecondFactor: {
            /** @description Whether sign-in asks for a code. */
            isOn: boolean;
            /** @description Recovery codes that were not used yet. */
            recoveryCodesLeft: number;
            sinceAt: number | null;
        };
        SecondFactorCodes: {
            /** @description Each signs in once in place of a code. */
            recoveryCodes: string[];
        };
        SecondFactorConfirm: {
            /** @description Six digits of the authenticator app, or a recovery code. */
            code: string;
        };
        SecondFactorDraft: {
            /** @description Until when it can be confirmed. Epoch milliseconds. */
            expiresAt: number;
            /** @description For an app that takes no picture: base32, six digits, 30 seconds, SHA-1. */
            secret: string;
            /** @description `otpauth://totp/…`, to be shown as a QR code. */
            uri: string;
        };
        SecondFactorStart: {
            password: string;
        };
        SecondFactorStop: {
            /** @description Six digits of the authenticator app, or a recovery code. */
            code: string;
            password: string;
        };
        Session: {
            /** @description To be sent as `x-csrf-token` with every POST, PUT, PATCH and DELETE. Only for sessions by cookie. */
            csrfToken?: string;
            /** @description When the session ends. Epoch milliseconds. */
            expiresAt: number;
            /** @description Where the relay's days begin: an IANA name, or hours from UTC. */
            timeZone: string;
            /** @description To be sent as `authorization: Bearer …`. Told once, at sign-in, if `bearer` was asked for. */
            token?: string;
            username: string;
        };
        SessionList: {
            items: {
                /** @description What the browser or script called itself. */
                agent: string;
                /** @description When it was opened. Epoch milliseconds. */
                createdAt: number;
                /** @description When it ends by itself. Epoch milliseconds. */
                expiresAt: number;
                id: string;
                /** @description From where it was opened. */
                ip: string;
                /** @description Whether it is the session that asks. */
                isThis: boolean;
                /**
                 * @description A browser's cookie, or a script's bearer token.
                 * @enum {string}
                 */
                kind: "cookie" | "bearer";
            }[];
        };
        Settings: {
            /** @description What only the environment sets. */
            environment: {
                publicUrl: string | null;
                /** @description An IANA name, or hours from UTC. */
                timeZone: string;
                /** @description Whether calls are counted at all. */
                usageStatistics: boolean;
            };
            /** @description Limits of new keys that are made without them; an explicit 0 stays no limit. */
            keyDefaults: {
                /** @description Calls in flight at once; 0: no limit. */
                concurrency: number;
                /** @description Cost in a day. US dollars, up to 9 decimals; 0: no limit. */
                dailyCostUsd: number;
                /** @description Cost in the key's whole life. US dollars, up to 9 decimals; 0: no limit. */
                totalCostUsd: number;
                /** @description Tokens in the key's whole life; 0: no limit. */
                totalTokens: number;
                /** @description Cost in a week. US dollars, up to 9 decimals; 0: no limit. */
                weeklyCostUsd: number;
            };
            /** @description Store commands that the plan has a month, for the dashboard. */
            monthlyCommands: number;
            publicUrl: string | null;
            /** @description Days without a call after which a key is up for review. */
            unusedDays: number;
        };
        SettingsChange: {
            /** @description Limits of new keys that are made without them; an explicit 0 stays no limit. */
            keyDefaults?: {
                /** @description Calls in flight at once; 0: no limit. */
                concurrency: number;
                /** @description Cost in a day. US dollars, up to 9 decimals; 0: no limit. */
                dailyCostUsd: number;
                /** @description Cost in the key's whole life. US dollars, up to 9 decimals; 0: no limit. */
                totalCostUsd: number;
                /** @description Tokens in the key's whole life; 0: no limit. */
                totalTokens: number;
                /** @description Cost in a week. US dollars, up to 9 decimals; 0: no limit. */
                weeklyCostUsd: number;
            };
            /** @description Store commands that the plan has a month, for the dashboard. */
            monthlyCommands?: number;
            publicUrl?: string | null;
            /** @description Days without a call after which a key is up for review. */
            unusedDays?: number;
        };
        SignIn: {
            /** @description True: answer a bearer token for scripts instead of setting a cookie. */
            bearer?: boolean;
            /** @description Six digits of the authenticator app, or a recovery code. */
            code?: string;
            password: string;
            username: string;
        };
        UnpricedModels: {
            items: {
                /** @description The latest call. Epoch milliseconds. */
                lastAt: number;
                model: string;
                /** @description Answered calls that counted no cost. */
                requests: number;
                tokens: number;
            }[];
        };
        UsageDrift: {
            /** @description Whether the differences were added to the meters just now. */
            isMended: boolean;
            isOff: boolean;
            key: string;
            meters: {
                /** @description What the meter lacks. US dollars. */
                costUsd: number;
                /** @description What the meters of model families lack. US dollars. */
                families: {
                    [key: string]: number;
                };
                /** @description Null: the log does not reach back to the start of the period. */
                log: {
                    costUsd: number;
                    requests: number | null;
                    tokens: number;
                } | null;
                meter: {
                    costUsd: number;
                    requests: number | null;
                    tokens: number;
                };
                /** @enum {string} */
                period: "day" | "week" | "window" | "total";
                /** @description When it began. Epoch milliseconds. */
                startAt: number;
                /** @description What the meter lacks. */
                tokens: number;
            }[];
        };
        UsageFigures: {
            /** @description Input read from the prompt cache. */
            cacheReadTokens: number;
            /** @description Input written to the prompt cache for an hour. */
            cacheWrite1hTokens: number;
            /** @description Input written to the prompt cache for five minutes. */
            cacheWrite5mTokens: number;
            /** @description Cost by the prices of the time. US dollars. */
            costUsd: number;
            /** @description Errors by requests, 0 to 1. */
            errorRate: number;
            /** @description Calls that failed or were refused; clients that left are not among them. */
            errors: number;
            firstMs: number | null;
            /** @description Calls whose client left before the end. */
            gone: number;
            /** @description Uncached input. */
            inputTokens: number;
            /** @description Output, reasoning included. */
            outputTokens: number;
            /** @description The part of the output that was reasoning. */
            reasoningTokens: number;
            /** @description Calls that were settled. */
            requests: number;
            /** @description All tokens that a token limit counts. */
            tokens: number;
            totalMs: number | null;
            /** @description Paid, and not delivered: the cost of answers whose reader had left before their end. US dollars. */
            undeliveredUsd: number;
            /** @description Answered calls of a model that has no price: they count no cost. */
            unpriced: number;
            /** @description Searches that the provider made. */
            webSearches: number;
        };
        UsageLive: {
            /** @description As of when. Epoch milliseconds. */
            at: number;
            /** @description False: there was more than could be looked at, and the first minutes are missing. */
            isWhole: boolean;
            minutes: {
                costUsd: number;
                errors: number;
                requests: number;
                /** @description When the minute begins. Epoch milliseconds. */
                startAt: number;
                tokens: number;
            }[];
            /** @description Mean of the whole minutes. */
            requestsPerMinute: number;
            tokensPerMinute: number;
        };
        UsageOfAccount: {
            id: string;
            models: {
                figures: components["schemas"]["UsageFigures"];
                id: string;
                /** @description As it is called now; the id if it is gone. */
                name: string;
            }[];
            /** @description As it is called now; the id if it is gone. */
            name: string;
            span: components["schemas"]["UsageFigures"];
            today: components["schemas"]["UsageFigures"];
            trend: {
                figures: components["schemas"]["UsageFigures"];
                /** @description `2026-10-31`, `2026-10` or, for an hour, `2026-10-31T09`. */
                period: string;
                /** @description When it begins. Epoch milliseconds. */
                startAt: number;
            }[];
            windows: {
                /** @description When the provider told it. Epoch milliseconds. */
                at: number;
                emptiesAt: number | null;
                /** @description `5h`, `7d` … as the provider calls it. */
                name: string;
                resetAt: number | null;
                /** @description 0 to 1. */
                utilization: number;
            }[];
        };
        UsageOfAccounts: {
            items: {
                id: string;
                today: components["schemas"]["UsageFigures"];
                windows: {
                    /** @description When the provider told it. Epoch milliseconds. */
                    at: number;
                    emptiesAt: number | null;
                    /** @description `5h`, `7d` … as the provider calls it. */
                    name: string;
                    resetAt: number | null;
                    /** @description 0 to 1. */
                    utilization: number;
                }[];
            }[];
        };
        UsageOfKey: {
            accounts: {
                figures: components["schemas"]["UsageFigures"];
                id: string;
                /** @description As it is called now; the id if it is gone. */
                name: string;
            }[];
            id: string;
            limits: {
                limit: number;
                name: string;
                remaining: number;
                /** @description Held back for calls under way. */
                reserved: number;
                resetAt: number | null;
                /** @enum {string} */
                unit: "calls" | "requests" | "tokens" | "usd";
                used: number;
            }[];
            models: {
                figures: components["schemas"]["UsageFigures"];
                id: string;
                /** @description As it is called now; the id if it is gone. */
                name: string;
            }[];
            /** @description As it is called now; the id if it is gone. */
            name: string;
            span: components["schemas"]["UsageFigures"];
            today: components["schemas"]["UsageFigures"];
            total: components["schemas"]["UsageFigures"];
            trend: {
                figures: components["schemas"]["UsageFigures"];
                /** @description `2026-10-31`, `2026-10` or, for an hour, `2026-10-31T09`. */
                period: string;
                /** @description When it begins. Epoch milliseconds. */
                startAt: number;
            }[];
        };
        UsageOverview: {
            accounts: {
                figures: components["schemas"]["UsageFigures"];
                id: string;
                /** @description As it is called now; the id if it is gone. */
                name: string;
            }[];
            /** @description As of when. Epoch milliseconds. */
            at: number;
            /** @description Reckoned from the figures: to count commands would cost commands. */
            commands: {
                /** @description Billed commands that this month's calls cost, by the known cost of a call and of the jobs; pages and the console are not in it. */
                estimated: number;
                month: string;
                /** @description Commands that the plan has a month, by the setting `monthlyCommands`. */
                plan: number;
            };
            /** @description More was used than is counted yet: the rollup is catching up. */
            isBehind: boolean;
            /** @description The ten keys that cost most in these days. */
            keys: {
                figures: components["schemas"]["UsageFigures"];
                id: string;
                /** @description As it is called now; the id if it is gone. */
                name: string;
            }[];
            models: {
                figures: components["schemas"]["UsageFigures"];
                id: string;
                /** @description As it is called now; the id if it is gone. */
                name: string;
            }[];
            /** @description Of the days that were asked for. */
            span: components["schemas"]["UsageFigures"];
            today: components["schemas"]["UsageFigures"];
            total: components["schemas"]["UsageFigures"];
            trend: {
                figures: components["schemas"]["UsageFigures"];
                /** @description `2026-10-31`, `2026-10` or, for an hour, `2026-10-31T09`. */
                period: string;
                /** @description When it begins. Epoch milliseconds. */
                startAt: number;
            }[];
            yesterday: components["schemas"]["UsageFigures"];
        };
        UsageRanking: {
            items: {
                /** @description Of the span before. */
                before: components["schemas"]["UsageFigures"];
                figures: components["schemas"]["UsageFigures"];
                id: string;
                /** @description As it is called now; the id if it is gone. */
                name: string;
            }[];
            page: number;
            /** @description How many pages there are; 0 if nothing matches. */
            pages: number;
            pageSize: number;
            /** @description How many records match, on all pages. */
            total: number;
        };
        UsageRequest: {
            /** @description The account that answered; null: none did. */
            account: {
                id: string;
                name: string;
            } | null;
            /** @description When it came. Epoch milliseconds. */
            at: number;
            /** @description How many accounts were tried. */
            attempts: number;
            /** @description Whose fault a failed call is; null: it did not fail. */
            blame: ("client" | "capacity" | "upstream" | "config" | "platform") | null;
            client: string | null;
            /** @description What the client was answered with, in its own API's words. */
            clientStatus: number;
            /** @description Adds up to the cost exactly. */
            costs: {
                /** @description `part`: what ran within the call, such as an advisor, at a price of its own. */
                class: string;
                costUsd: number;
                count: number;
                /** @description For a million tokens, or for one search. US dollars. */
                rateUsd: number;
            }[];
            costUsd: number;
            dialect: string;
            failure: string | null;
            firstMs: number;
            /** @description The request's id, as the client was told it. */
            id: string;
            ip: string;
            /** @description True: the model has no price, and a cost limit holds; the cost is by that of its dearest kin. */
            isAssumedPrice: boolean;
            /** @description The answer did not tell all its figures: those that were missing are guessed. */
            isEstimated: boolean;
            /** @description True: the cost is by a price that the operator set, not by the table's. */
            isOwnPrice: boolean;
            /** @description False: the model has no price, and no cost was counted. */
            isPriced: boolean;
            isStream: boolean;
            isUndelivered: boolean;
            key: {
                id: string;
                name: string;
            };
            logId: string;
            /** @description The meters that it moved, by the limits that its key has now. */
            meters: {
                costUsd: number;
                family: string | null;
                period: string;
                row: string;
                tokens: number;
            }[];
            model: string | null;
            operation: string;
            /** @enum {string} */
            outcome: "complete" | "gone" | "broken" | "failed" | "refused";
            /** @description Accounts that were not tried, and why. */
            passedOver: {
                account: {
                    id: string;
                    name: string;
                };
                reason: string;
            }[];
            /** @description Why the bytes that went up are not those that came; empty: they are. */
            rules: string[];
            serviceTier: string | null;
            session: string | null;
            /** @description How it ended: the provider's status, or the relay's for what no provider answered. */
            status: number;
            /** @description Milliseconds since the request came: admitted, account chosen, upstream's head, first byte, end. */
            timings: {
                first: number;
                head: number;
                queue: number;
                select: number;
                total: number;
            };
            tokens: number;
            totalMs: number;
            tries: {
                account: {
                    id: string;
                    name: string;
                };
                /**
                 * @description Whether the provider billed it.
                 * @enum {string}
                 */
                charge: "charged" | "probably" | "none";
                costUsd: number;
                ms: number;
                /** @description The provider's words, at most 300 characters and without secrets. */
                reason: string;
                /** @description The provider's own id of the call. */
                requestId: string | null;
                startedMs: number;
                status: number;
                /** @description The provider's own code of the error. */
                type: string | null;
            }[];
            /** @description What the account was asked for, where that is another model. */
            upstreamModel: string | null;
            usage: {
                cacheReadTokens: number;
                cacheWrite1hTokens: number;
                cacheWrite5mTokens: number;
                inputTokens: number;
                outputTokens: number;
                reasoningTokens: number;
                webSearches: number;
            };
        };
        UsageRequests: {
            items: {
                /** @description The account that answered; null: none did. */
                account: {
                    id: string;
                    name: string;
                } | null;
                /** @description When it came. Epoch milliseconds. */
                at: number;
                /** @description How many accounts were tried. */
                attempts: number;
                /** @description Whose fault a failed call is; null: it did not fail. */
                blame: ("client" | "capacity" | "upstream" | "config" | "platform") | null;
                client: string | null;
                /** @description What the client was answered with, in its own API's words. */
                clientStatus: number;
                costUsd: number;
                dialect: string;
                failure: string | null;
                firstMs: number;
                /** @description The request's id, as the client was told it. */
                id: string;
                /** @description True: the model has no price, and a cost limit holds; the cost is by that of its dearest kin. */
                isAssumedPrice: boolean;
                /** @description True: the cost is by a price that the operator set, not by the table's. */
                isOwnPrice: boolean;
                /** @description False: the model has no price, and no cost was counted. */
                isPriced: boolean;
                isStream: boolean;
                key: {
                    id: string;
                    name: string;
                };
                logId: string;
                model: string | null;
                operation: string;
                /** @enum {string} */
                outcome: "complete" | "gone" | "broken" | "failed" | "refused";
                /** @description How it ended: the provider's status, or the relay's for what no provider answered. */
                status: number;
                tokens: number;
                totalMs: number;
            }[];
            /** @description How many entries of the log were looked at for this page. */
            looked: number;
            lookedTo: number | null;
            /** @description To go on from; null: there are no older ones. A page may hold fewer than asked for when matches are rare. */
            next: string | null;
            oldestAt: number | null;
        };
        UsageRequestSums: {
            figures: components["schemas"]["UsageFigures"];
            groups: {
                figures: components["schemas"]["UsageFigures"];
                id: string;
                name: string;
                split: {
                    id: string;
                    name: string;
                } | null;
            }[];
            /** @description How many entries of the log were looked at for this page. */
            looked: number;
            lookedTo: number | null;
            /** @description To go on from, and add to these sums; null: these are all. */
            next: string | null;
            oldestAt: number | null;
            /** @description Calls by when they came; steps without calls are left out. */
            steps: {
                errors: number;
                requests: number;
                /** @description When it begins. Epoch milliseconds. */
                startAt: number;
            }[];
        };
        UsageRetention: {
            /** @description Days that figures by the day are kept; months and totals are kept for good. */
            dayRows: number;
            /** @description Days that figures by the hour are kept. */
            hourRows: number;
            /** @description Days that single calls are kept. */
            logDays: number;
            /** @description Calls that are kept at most. */
            logEvents: number;
        };
        UsageSpans: {
            /** @description The span before: the month before of a month's first days, else as many days. Where the span ends today, its last day counts up to the same time of day. */
            before: {
                figures: components["schemas"]["UsageFigures"];
                from: string;
                to: string;
            };
            figures: components["schemas"]["UsageFigures"];
            from: string;
            to: string;
        };
        UsageTrend: {
            /** @enum {string} */
            granularity: "hour" | "day" | "month";
            /** @enum {string} */
            group: "none" | "key" | "owner" | "account" | "model" | "tag";
            series: {
                id: string;
                /** @description As it is called now; the id if it is gone. */
                name: string;
                points: {
                    figures: components["schemas"]["UsageFigures"];
                    /** @description `2026-10-31`, `2026-10` or, for an hour, `2026-10-31T09`. */
                    period: string;
                    /** @description When it begins. Epoch milliseconds. */
                    startAt: number;
                }[];
                total: components["schemas"]["UsageFigures"];
            }[];
        };
        Vendor: {
            /** @description An account's base URL. */
            baseUrl: string;
            /** @description Where the vendor tells of this address. */
            docs: string;
            /** @description The address is of a server of one's own: its host must be put in. */
            isExample: boolean;
            /**
             * @description The place that the account is at.
             * @enum {string}
             */
            kind: "anthropic" | "claude" | "openai" | "chatgpt" | "azure-openai" | "gemini" | "code-assist" | "bedrock" | "vertex";
            /** @description What its models are called; empty: anything. */
            models: string[];
            name: string;
            settings: {
                [key: string]: string;
            };
            /** @description How the key is shown; null: as a bearer. */
            shownAs: ("x-api-key" | "api-key") | null;
        };
        Vendors: {
            items: components["schemas"]["Vendor"][];
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    listAccounts: {
        parameters: {
            query?: {
                /** @description Only accounts of this group. */
                group?: string;
                /** @description The place that the account is at. */
                kind?: "anthropic" | "claude" | "openai" | "chatgpt" | "azure-openai" | "gemini" | "code-assist" | "bedrock" | "vertex";
                /** @description The page, from 1 (the default). */
                page?: number;
                /** @description Records on a page; 50 by default. */
                pageSize?: number;
                /** @description Part of the name, kind, subject or id. */
                search?: string;
                status?: "serving" | "cooling" | "stopped" | "paused" | "no-credential";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccountPage"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    createAccount: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AccountDraft"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Account"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    getAccount: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Account"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    deleteAccount: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Account"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    updateAccount: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AccountChange"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Account"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    refreshAccount: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Account"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    resetAccount: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Account"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    testAccount: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AccountTest"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccountTestReport"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    getAlerts: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Alerts"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    updateAlerts: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AlertSettingsChange"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Alerts"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    getAttention: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Attention"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    createAlertChannel: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AlertChannelDraft"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlertChannel"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    getAlertChannel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlertChannel"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    deleteAlertChannel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    updateAlertChannel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AlertChannelChange"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlertChannel"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    testAlertChannel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlertChannelTest"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    listAudit: {
        parameters: {
            query?: {
                /** @description `next` of the page before; absent: the newest. */
                before?: string;
                /** @description An operation's id, such as updateKey. */
                operation?: string;
                /** @description 50 by default. */
                pageSize?: number;
                /** @description The id of a record. */
                target?: string;
                /** @description A name. */
                who?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditPage"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    checkAudit: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditCheck"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    getBackup: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BackupInfo"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    exportBackup: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BackupWish"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BackupFile"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    importBackup: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BackupImport"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BackupPlan"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    planBackup: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BackupInput"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BackupPlan"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    listGroups: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Groups"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    createGroup: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["GroupDraft"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Group"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    getGroup: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Group"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    deleteGroup: {
        parameters: {
            query?: {
                /** @description The group that its keys are bound to instead; its accounts go there too. */
                moveTo?: string;
                /** @description Its keys are bound to nothing and use any account. */
                unbind?: "true";
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Group"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    updateGroup: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["GroupChange"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Group"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    listKeys: {
        parameters: {
            query?: {
                /** @description Only keys that are bound to this account's id, or `group:<id>`. */
                boundTo?: string;
                /** @description `usage`: latest call and cost; two commands more a page. */
                include?: "usage";
                /** @description Only keys whose calls cost at most so much in all. US dollars. */
                maxCostUsd?: number;
                /** @description Only keys whose calls cost at least so much in all. US dollars. */
                minCostUsd?: number;
                /** @description `desc` by default. */
                order?: "asc" | "desc";
                /** @description Only this owner's keys. */
                owner?: string;
                /** @description The page, from 1 (the default). */
                page?: number;
                /** @description Records on a page; 50 by default. */
                pageSize?: number;
                /** @description Part of the name, description, owner, tag, prefix or id. */
                search?: string;
                /** @description The column to sort by; `createdAt` by default. */
                sort?: "id" | "prefix" | "state" | "createdAt" | "deletedAt" | "firstUsedAt" | "endsAt" | "name" | "description" | "owner" | "isEnabled" | "expiresAt" | "activeHours" | "concurrency" | "queueLength" | "queueWaitSeconds" | "windowMinutes" | "windowRequests" | "windowTokens" | "windowCostUsd" | "dailyCostUsd" | "weeklyCostUsd" | "weeklyResetDay" | "weeklyResetHour" | "totalCostUsd" | "totalTokens" | "mayFallBack" | "lastUsedAt" | "allCostUsd";
                /** @description By default all but the deleted ones. */
                state?: "active" | "disabled" | "expired" | "deleted" | "all";
                /** @description Only keys with this tag. */
                tag?: string;
                /** @description Only keys this old whose latest call is as long ago, or never was. */
                unusedDays?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKeyPage"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    createKey: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ApiKeyDraft"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKeyWithSecret"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    updateKeys: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ApiKeyBulkChange"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKeys"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    getKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKey"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    deleteKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKey"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    updateKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ApiKeyChange"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKey"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    endFormerSecret: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKey"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    createHandover: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ApiKeyHandoverDraft"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKeyHandoverLink"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    forgetKeyLeak: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKey"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    purgeKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKey"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    restoreKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKey"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    rotateKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ApiKeyRotation"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKeyWithSecret"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    createKeys: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ApiKeyBulkDraft"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKeysWithSecrets"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    deleteKeys: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ApiKeyIds"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKeys"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    openHandover: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ApiKeyHandoverToken"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKeyHandover"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    listKeyTags: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKeyTags"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    listLogs: {
        parameters: {
            query?: {
                /** @description `last` of the answer before: only what came since. */
                after?: number;
                /** @description The least severe level that is told; absent: all that is written. */
                level?: "error" | "warn" | "info" | "debug";
                /** @description 200 by default. */
                limit?: number;
                /** @description Part of the line, in any case. */
                search?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LogPage"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    getMaintenance: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Maintenance"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    runMaintenance: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                job: "refresh" | "cleanup" | "rollup";
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobRun"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    finishAccountSignIn: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AccountSignInFinish"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Account"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    startAccountSignIn: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AccountSignInStart"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccountSignInLink"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    getOpenApi: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenApiDocument"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    listPrices: {
        parameters: {
            query?: {
                /** @description `own`: only what the operator set. */
                of?: "all" | "own";
                /** @description The page, from 1 (the default). */
                page?: number;
                /** @description Records on a page; 50 by default. */
                pageSize?: number;
                /** @description Part of a model's name. */
                search?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelPrices"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    setPrice: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ModelPriceDraft"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ModelPrice"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    resetPrice: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PricedModel"];
            };
        };
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    listUnpricedModels: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UnpricedModels"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    getSession: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    signIn: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SignIn"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    signOut: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    listSessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionList"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    revokeOtherSessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionList"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    revokeSession: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    startPasskeySignIn: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PasskeyOptions"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    signInByPasskey: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PasskeySignIn"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    listPasskeys: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PasskeyList"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    addPasskey: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PasskeyDraft"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Passkey"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    removePasskey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    startPasskey: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PasskeyStart"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PasskeyOptions"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    changePassword: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PasswordChange"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    getSecondFactor: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SecondFactor"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    confirmSecondFactor: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SecondFactorConfirm"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SecondFactorCodes"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    startSecondFactor: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SecondFactorStart"];
            };
        };
        responses: {
            /** @description Done. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SecondFactorDraft"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    stopSecondFactor: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SecondFactorStop"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SecondFactor"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    getSettings: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Settings"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    updateSettings: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SettingsChange"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Settings"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    listUsageOfAccounts: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsageOfAccounts"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    getUsageOfAccount: {
        parameters: {
            query?: {
                /** @description The first local day; by default 29 days before the last. */
                from?: string;
                /** @description The last local day; today by default. */
                to?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsageOfAccount"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    listAccountFailures: {
        parameters: {
            query?: {
                /** @description `next` of the page before; absent: the newest. */
                before?: string;
                /** @description 20 by default. */
                pageSize?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccountFailures"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    exportUsage: {
        parameters: {
            query: {
                /** @description An account's id; empty: calls that no account answered. */
                account?: string;
                /** @description Only calls that failed by this one's fault. */
                blame?: "client" | "capacity" | "upstream" | "config" | "platform";
                /** @description The client, as the list tells it. */
                client?: string;
                /** @description The first local day; by default 29 days before the last. */
                from?: string;
                key?: string;
                /** @description A model as the client wrote it; with `*` at its end a prefix. */
                model?: string;
                /** @description Single calls as far as the log goes back, by the filters of the list, or one row a day and key, owner, account, model or tag. */
                of: "requests" | "key" | "owner" | "account" | "model" | "tag";
                outcome?: "complete" | "gone" | "broken" | "failed" | "refused";
                /** @description The owner of its key. */
                owner?: string;
                /** @description Part of the request's id (the relay's or a provider's), the key's or account's name, the model, client, session, address, or of what a provider said. */
                search?: string;
                /** @description The client's own session. */
                session?: string;
                /** @description Only calls that came then or later. Epoch milliseconds. */
                since?: number;
                /** @description A status, or 4xx or 5xx. */
                status?: string;
                /** @description A tag of its key; empty: keys without tags. */
                tag?: string;
                /** @description The last local day; today by default. */
                to?: string;
                /** @description Only calls that came before. Epoch milliseconds. */
                until?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CsvFile"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    getUsageOfKey: {
        parameters: {
            query?: {
                /** @description The first local day; by default 29 days before the last. */
                from?: string;
                /** @description The last local day; today by default. */
                to?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsageOfKey"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    checkUsageDrift: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsageDrift"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    mendUsageDrift: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsageDrift"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    getUsageLive: {
        parameters: {
            query?: {
                /** @description 5 by default. */
                minutes?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsageLive"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    getUsageOverview: {
        parameters: {
            query?: {
                /** @description Days up to today, where `from` and `to` are absent; 30 by default. */
                days?: number;
                /** @description The first local day; by default 29 days before the last. */
                from?: string;
                /** @description The last local day; today by default. */
                to?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsageOverview"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    rankUsage: {
        parameters: {
            query: {
                /** @description What to rank; `none` is one row of all. */
                by: "none" | "key" | "owner" | "account" | "model" | "tag";
                /** @description The first local day; by default 29 days before the last. */
                from?: string;
                /** @description The page, from 1 (the default). */
                page?: number;
                /** @description Records on a page; 50 by default. */
                pageSize?: number;
                /** @description `costUsd` by default. */
                sort?: "costUsd" | "tokens" | "requests" | "errors" | "name";
                /** @description The last local day; today by default. */
                to?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsageRanking"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    listUsageRequests: {
        parameters: {
            query?: {
                /** @description An account's id; empty: calls that no account answered. */
                account?: string;
                /** @description `next` of the page before; absent: the newest. */
                before?: string;
                /** @description Only calls that failed by this one's fault. */
                blame?: "client" | "capacity" | "upstream" | "config" | "platform";
                /** @description The client, as the list tells it. */
                client?: string;
                key?: string;
                /** @description A model as the client wrote it; with `*` at its end a prefix. */
                model?: string;
                outcome?: "complete" | "gone" | "broken" | "failed" | "refused";
                /** @description The owner of its key. */
                owner?: string;
                /** @description 50 by default. */
                pageSize?: number;
                /** @description Part of the request's id (the relay's or a provider's), the key's or account's name, the model, client, session, address, or of what a provider said. */
                search?: string;
                /** @description The client's own session. */
                session?: string;
                /** @description Only calls that came then or later. Epoch milliseconds. */
                since?: number;
                /** @description A status, or 4xx or 5xx. */
                status?: string;
                /** @description A tag of its key; empty: keys without tags. */
                tag?: string;
                /** @description Only calls that came before. Epoch milliseconds. */
                until?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsageRequests"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    explainUsageRequest: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The record's id. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsageRequest"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    sumUsageRequests: {
        parameters: {
            query?: {
                /** @description An account's id; empty: calls that no account answered. */
                account?: string;
                /** @description `next` of the part before; absent: from the newest. */
                before?: string;
                /** @description Only calls that failed by this one's fault. */
                blame?: "client" | "capacity" | "upstream" | "config" | "platform";
                /** @description Sums for each of these, too. */
                by?: "key" | "owner" | "account" | "model" | "tag" | "client" | "session";
                /** @description The client, as the list tells it. */
                client?: string;
                key?: string;
                /** @description A model as the client wrote it; with `*` at its end a prefix. */
                model?: string;
                outcome?: "complete" | "gone" | "broken" | "failed" | "refused";
                /** @description The owner of its key. */
                owner?: string;
                /** @description Part of the request's id (the relay's or a provider's), the key's or account's name, the model, client, session, address, or of what a provider said. */
                search?: string;
                /** @description The client's own session. */
                session?: string;
                /** @description Only calls that came then or later. Epoch milliseconds. */
                since?: number;
                /** @description And within each of them for each of these. */
                split?: "key" | "owner" | "account" | "model" | "tag" | "client" | "session";
                /** @description A status, or 4xx or 5xx. */
                status?: string;
                /** @description An hour by default. */
                stepMs?: number;
                /** @description A tag of its key; empty: keys without tags. */
                tag?: string;
                /** @description Only calls that came before. Epoch milliseconds. */
                until?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsageRequestSums"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    getUsageRetention: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsageRetention"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    putUsageRetention: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UsageRetention"];
            };
        };
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsageRetention"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    compareUsage: {
        parameters: {
            query?: {
                account?: string;
                /** @description The first local day; by default 29 days before the last. */
                from?: string;
                key?: string;
                /** @description The last local day; today by default. */
                to?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsageSpans"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    getUsageTrend: {
        parameters: {
            query?: {
                /** @description The first local day; by default 29 days before the last. */
                from?: string;
                /** @description `day` by default. At most 7 days by the hour, 92 by the day, 36 months. */
                granularity?: "hour" | "day" | "month";
                /** @description One series each; `none` by default. */
                group?: "none" | "key" | "owner" | "account" | "model" | "tag";
                key?: string;
                /** @description Series, the costliest first; the others are added up in one. 10 by default. */
                most?: number;
                /** @description The last local day; today by default. */
                to?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UsageTrend"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
    listVendors: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Vendors"];
                };
            };
            /** @description Refused. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Refusal"];
                };
            };
        };
    };
}
