# The App. `docker build -t corroborate-app .`, then as docs/app.md says.

FROM node:24-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
# Its own install scripts come later, when the sources are there; the package `node` needs none on a Node 24.
RUN npm ci --ignore-scripts
COPY . .
RUN node scripts/build.ts

FROM node:24-slim
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    PORT=3000 \
    LOG_FORMAT=json
WORKDIR /app
# The bundle needs nothing installed beside it. Probot reads app.yml and package.json for the pages that register an App.
COPY --from=build /build/lib ./lib
COPY --from=build /build/app.yml /build/package.json /build/LICENSE ./
# Of the base image: not root, and owner of nothing here.
USER node
EXPOSE 3000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# Node itself is the first process, so that SIGTERM reaches it and work in hand is finished.
CMD ["node", "--max-semi-space-size=8", "lib/corroborate-app.mjs"]
