// `node new-database.main.js`, when Arriero is built: the first to open a store need not wait until a database is made.
import { keepNewDatabase } from "./new-database.ts";

await keepNewDatabase();
