import type { Service } from "../dialects/dialect.ts";
