# Bundled on the machine that builds, whatever it is built for: the bundle is the same on amd64 and arm64.
FROM --platform=$BUILDPLATFORM node:24-bookworm-slim AS build
WORKDIR /build
# The image brings its own Node: scripts stay off, so that the one pinned for development is not fetched as well.
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json ./
COPY functions/ functions/
COPY scripts/ scripts/
COPY web/ web/
RUN node scripts/build.ts && node node_modules/vite/bin/vite.js build --config web/vite.config.ts && mkdir /data

FROM node:24-bookworm-slim
LABEL org.opencontainers.image.title="Claude Relay" \
      org.opencontainers.image.licenses="MIT"
# The path is for `docker run … claude-relay export`.
ENV NODE_ENV=production \
    DATA_DIR=/data \
    PATH=/app/server:$PATH
WORKDIR /app
COPY --from=build /build/dist/server/ server/
COPY --from=build /build/dist/web/ web/
# Used only by the embedded store; with Redis nothing is written to disk, and the root may be read-only.
COPY --from=build --chown=node:node /data/ /data/
VOLUME /data
USER node
EXPOSE 3000
# Whether the process serves, not whether its store does: a restart mends no store, and cuts every stream. Each check is a Node
# of 62 MB that takes two seconds on a tenth of a processor.
HEALTHCHECK --interval=60s --timeout=10s --start-period=10s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 3000}/live`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# Short-lived objects of many streams fit a young generation of 16 MB: a twentieth less processor time a message.
CMD ["node", "--min-semi-space-size=16", "server/main.mjs"]
