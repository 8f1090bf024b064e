// launcher.mjs PORT [DATA_FOLDER]: SQS, SNS and S3 on one loopback port; in memory unless a folder is given.
// The package's own programs log each request and listen on every interface; this one does neither.
import { buildApp } from "fauxqs";

const [port, dataFolder] = process.argv.slice(2);
const stores = dataFolder ? await storesKeptIn(dataFolder) : undefined;
const app = buildApp({ logger: false, host: "localhost", stores });
takeLargeObjects(app);
await app.listen({ port: Number(port), host: "127.0.0.1" });
console.log(`listening on ${port}`);

process.on("SIGTERM", () => process.exit(0)); // open long polls would keep an orderly close waiting

/** S3 takes 5 GiB in one put and the package 11 MiB; a user's own PDF may lie between. */
function takeLargeObjects(app) {
  app.removeContentTypeParser("*");
  app.addContentTypeParser("*", { parseAs: "buffer", bodyLimit: 1024 ** 3 }, (_request, body, done) => done(null, body));
}

async function storesKeptIn(folder) {
  // The package opens its persistence only together with a listener on every interface, so its parts are put together here.
  const part = (name) => import(new URL(`./node_modules/fauxqs/dist/${name}.js`, import.meta.url));
  const [{ PersistenceManager }, { SqsStore }, { SnsStore }, { S3Store }] = await Promise.all(
    ["persistence", "sqs/sqsStore", "sns/snsStore", "s3/s3Store"].map(part),
  );
  const kept = new PersistenceManager(folder);
  const [sqsStore, snsStore, s3Store] = [new SqsStore(), new SnsStore(), new S3Store()];
  kept.load(sqsStore, snsStore, s3Store); // before they know where to write, or loading would write again
  for (const store of [sqsStore, snsStore, s3Store, ...sqsStore.allQueues()]) store.persistence = kept;
  return { sqsStore, snsStore, s3Store };
}
